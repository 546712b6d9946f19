/**
 * The packed form of a file's summaries, as the store keeps them. Roots and paths are written out in full, because the
 * small integers of one process mean nothing in the next; file ids are the database's own and stay.
 */
import { ByteReader, ByteWriter, CodecError } from '../base/bytes';
import type { FunctionId } from '../model/ids';
import type { PathId, PathTable } from './accessPaths';
import { OUTCOMES, type Predicate } from './predicates';
import {
  REST,
  RETURN_ROOT,
  RootKind,
  THROW_ROOT,
  facetOf,
  facetRoot,
  kindOf,
  parameterNumber,
  parameterRoot,
  sourceKindsOf,
  sourcesRoot,
  type ReferenceTable,
  type Root,
  contextOf,
  parameterIndex,
} from './references';
import { MAX_CONTEXT } from './givenBranches';
import type { StoredAnswer, StoredDependency } from './solverHost';
import { EMPTY_SUMMARY, type Mode, type SummaryTable } from './summaryTable';

const VERSION = 13;

export interface StoredSummary {
  readonly id: FunctionId;
  /** What the answers were computed from, besides those of others: structure, links, models; 0 of a function that is gone. */
  readonly key: number;
  readonly answers: readonly StoredAnswer[];
}

export function encodeSummaries(
  functions: readonly StoredSummary[],
  paths: PathTable,
  references: ReferenceTable,
): Uint8Array {
  const strings = new Map<string, number>();
  const body = new ByteWriter();
  const string = (text: string): void => {
    let id = strings.get(text);
    if (id === undefined) strings.set(text, (id = strings.size));
    body.varint(id);
  };
  const path = (id: PathId): void => {
    const components = paths.components(id);
    body.varint(components.length);
    for (const component of components) string(component);
  };
  const root = (value: Root): void => {
    const kind = kindOf(value);
    body.byte(kind);
    switch (kind) {
      case RootKind.Parameter:
        body.zigzag(parameterNumber(value));
        return;
      case RootKind.Return:
      case RootKind.Throw:
        return;
      case RootKind.Sources:
        body.varint(sourceKindsOf(value));
        return;
      case RootKind.Facet:
        body.varint(facetOf(value));
        return;
      case RootKind.Cell: {
        const ref = references.cellOf(value);
        body.safeInteger(ref.owner);
        body.varint(ref.cell);
        return;
      }
      case RootKind.Source:
      case RootKind.Retrieved: {
        const ref = references.sourceOf(value);
        body.safeInteger(ref.function);
        body.zigzag(ref.node);
        body.varint(ref.kinds);
        string(ref.label);
        if (ref.stored === undefined) return;
        string(ref.stored.key);
        string(ref.stored.label);
        return;
      }
      case RootKind.Store: {
        const { function: id, node, operand, place } = references.storeOf(value);
        body.safeInteger(id);
        body.zigzag(node);
        body.zigzag(operand);
        string(place.key);
        string(place.label);
        return;
      }
      case RootKind.Sink: {
        const ref = references.sinkOf(value);
        body.safeInteger(ref.function);
        body.zigzag(ref.node);
        body.zigzag(ref.operand);
        body.varint(ref.kind);
        string(ref.label);
        return;
      }
    }
  };
  const summaryTable = (summary: SummaryTable): void => {
    body.varint(summary.truncated.length);
    body.byte(summary.isCut ? 1 : 0);
    for (const note of summary.truncated) string(note);
    body.varint(summary.predicates.length);
    for (const { parameter, outcome, removes, keyOf, elements, yardstick } of summary.predicates) {
      body.varint(parameter * OUTCOMES + outcome);
      body.varint(removes);
      body.varint(elements === true ? 1 : keyOf === undefined ? 0 : keyOf + 2);
      body.byte(yardstick === undefined ? 0 : 1);
      if (yardstick === undefined) continue;
      path(yardstick.at);
      path(yardstick.below);
    }
    body.varint(summary.inRoot.length);
    for (let i = 0; i < summary.inRoot.length; i++) {
      root(summary.inRoot[i]);
      path(summary.inPath[i]);
      body.byte(summary.inMode[i]);
      root(summary.outRoot[i]);
      path(summary.outPath[i]);
      body.varint(summary.mask[i]);
    }
  };
  body.varint(functions.length);
  for (const { id, key, answers } of functions) {
    body.safeInteger(id);
    body.safeInteger(key);
    body.varint(answers.length);
    for (const answer of answers) {
      root(answer.root);
      body.varint(answer.distance);
      body.varint(answer.dependencies.length);
      for (const dependency of answer.dependencies) {
        body.safeInteger(dependency.function);
        root(dependency.root);
      }
      // Of few answers, and of few dependencies of these.
      const places = answer.dependencies.flatMap(({ effectsOnly }, place) => (effectsOnly ? [place] : []));
      body.varint(places.length);
      for (const place of places) body.varint(place);
      body.varint(answer.askedInVain.length);
      for (const cell of answer.askedInVain) root(cell);
      body.varint(answer.activated.length);
      for (const cell of answer.activated) root(cell);
      summaryTable(answer.summary);
    }
  }
  const out = new ByteWriter();
  out.byte(VERSION);
  out.texts([...strings.keys()]);
  out.append(body);
  return out.toBytes();
}

/** Throws `CodecError` for bytes of another version or damaged ones. */
export function decodeSummaries(bytes: Uint8Array, paths: PathTable, references: ReferenceTable): StoredSummary[] {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== VERSION) throw new CodecError(`summaries of version ${String(version)}, expected ${String(VERSION)}`);
  const strings = reader.texts();
  const string = (): string => {
    const id = reader.varint();
    if (id >= strings.length) throw new CodecError('a summary names a string that is not there');
    return strings[id];
  };
  const path = (): PathId => {
    const components: string[] = [];
    for (let left = reader.count(); left > 0; left--) components.push(string());
    return paths.of(components);
  };
  const id = (): FunctionId => reader.safeInteger() as FunctionId;
  const root = (): Root => {
    const kind: RootKind = reader.byte();
    switch (kind) {
      case RootKind.Parameter: {
        const index = reader.zigzag();
        if (
          index < -2 ||
          parameterIndex(parameterRoot(index)) > 2 * REST ||
          contextOf(parameterRoot(index)) > MAX_CONTEXT
        )
          throw new CodecError('a summary names an impossible parameter');
        return parameterRoot(index);
      }
      case RootKind.Return:
        return RETURN_ROOT;
      case RootKind.Throw:
        return THROW_ROOT;
      case RootKind.Sources:
        return sourcesRoot(reader.varint());
      case RootKind.Facet:
        return facetRoot(reader.varint());
      case RootKind.Cell: {
        const owner = id();
        return references.cell(owner, reader.varint());
      }
      case RootKind.Source:
      case RootKind.Retrieved: {
        const [owner, node, kinds] = [id(), reader.zigzag(), reader.varint()];
        const source = { function: owner, node, kinds, label: string() };
        if (kind === RootKind.Source) return references.source(source);
        return references.source({ ...source, stored: { key: string(), label: string() } });
      }
      case RootKind.Store:
        return references.store({
          function: id(),
          node: reader.zigzag(),
          operand: reader.zigzag(),
          place: { key: string(), label: string() },
        });
      case RootKind.Sink:
        return references.sink({
          function: id(),
          node: reader.zigzag(),
          operand: reader.zigzag(),
          kind: reader.varint(),
          label: string(),
        });
    }
    throw new CodecError('a summary holds an unknown kind of root');
  };
  const summaryTable = (): SummaryTable => {
    const truncated: string[] = [];
    const notes = reader.count();
    const isCut = reader.byte() === 1;
    for (let n = notes; n > 0; n--) truncated.push(string());
    const predicates: Predicate[] = [];
    for (let n = reader.count(); n > 0; n--) {
      const about = reader.varint();
      const predicate = {
        parameter: Math.floor(about / OUTCOMES),
        outcome: about % OUTCOMES,
        removes: reader.varint(),
      };
      const owner = reader.varint();
      predicates.push({
        ...predicate,
        ...(owner === 0 ? {} : owner === 1 ? { elements: true } : { keyOf: owner - 2 }),
        ...(reader.byte() === 0 ? {} : { yardstick: { at: path(), below: path() } }),
      });
    }
    const size = reader.count();
    if (size === 0 && truncated.length === 0 && predicates.length === 0) return EMPTY_SUMMARY;
    const inRoot: Root[] = [];
    const inPath: PathId[] = [];
    const inMode: Mode[] = [];
    const outRoot: Root[] = [];
    const outPath: PathId[] = [];
    const mask: number[] = [];
    for (let i = 0; i < size; i++) {
      inRoot.push(root());
      inPath.push(path());
      inMode.push(reader.byte());
      outRoot.push(root());
      outPath.push(path());
      // The highest bit is of the confidence.
      mask.push(reader.varint() | 0);
    }
    return { inRoot, inPath, inMode, outRoot, outPath, mask, truncated, isCut, predicates };
  };
  const result: StoredSummary[] = [];
  for (let left = reader.count(); left > 0; left--) {
    const functionId = id();
    const key = reader.safeInteger();
    const answers: StoredAnswer[] = [];
    for (let n = reader.count(); n > 0; n--) {
      const asked = root();
      const distance = reader.varint();
      const dependencies: StoredDependency[] = [];
      for (let m = reader.count(); m > 0; m--) dependencies.push({ function: id(), root: root(), effectsOnly: false });
      for (let m = reader.count(); m > 0; m--) {
        const place = reader.varint();
        if (place >= dependencies.length) throw new CodecError('a summary names a dependency that is not there');
        dependencies[place] = { ...dependencies[place], effectsOnly: true };
      }
      const askedInVain: Root[] = [];
      for (let m = reader.count(); m > 0; m--) askedInVain.push(root());
      const activated: Root[] = [];
      for (let m = reader.count(); m > 0; m--) activated.push(root());
      answers.push({ root: asked, distance, dependencies, askedInVain, activated, summary: summaryTable() });
    }
    result.push({ id: functionId, key, answers });
  }
  return result;
}
