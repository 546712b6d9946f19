/**
 * Compiles model documents: YAML data in, the automaton over API paths and the view of the solver out. A broken entry
 * costs only itself: it is left out and reported in `problems`.
 */
import { createHash } from 'node:crypto';
import { finish } from '../../base/steps';
import type {
  KindSet,
  ModelCheck,
  ModelCondition,
  ModelGuard,
  ModelPlace,
  ModelSchema,
  ModelSource,
  ModelStore,
  ModelStoredName,
  SchemaPlace,
} from '../../model/summary';
import type { ExportConvention } from '../../model/links';
import { ANY_VALUE, CallEffects, calleeNames } from './callEffects';
import { readConvention, readGlobs } from './conventions';
import {
  closest,
  textsOf,
  type ApiDocument,
  type CheckDocument,
  type CompileProblem,
  type ConditionDocument,
  type FlowDocument,
  type GuardDocument,
  type ModelDocument,
  type RetrievesDocument,
  type SchemaDocument,
  type StoresDocument,
} from './document';
import { footprintOf, type Footprint } from './footprint';
import { ModelSet, type CompiledModels, type Development } from './modelSet';
import { Network, type ApiNode, type FlowFacet } from './network';
import { PathSyntaxError, parsePath, type PathStep } from './pathGrammar';
import { FROM_THE_END, parseCondition, parseFlow, parsePlaces, type ParsedFlow } from './places';
import { MAX_KINDS, UnknownNameError, Vocabulary } from './vocabulary';

/** Later documents add to earlier ones; a rule with the same id is replaced. Never throws for what documents say. */
export function compileModels(documents: readonly ModelDocument[]): CompiledModels {
  return prepareModels(documents)();
}

/** Compiles once for several analyses: each call gives a set of its own, which shares with the others what the documents say, and nothing that was asked. */
export function prepareModels(documents: readonly ModelDocument[]): () => CompiledModels {
  return finish(prepareInSteps(documents));
}

/** The same in small steps. */
export function* prepareInSteps(documents: readonly ModelDocument[]): Generator<void, () => CompiledModels, undefined> {
  const compiler = new Compiler(new Vocabulary(documents));
  for (const [index, document] of documents.entries()) compiler.declare(document, index);
  const footprints: Footprint[] = [];
  for (const [index, document] of documents.entries()) {
    yield;
    compiler.add(document, index);
    footprints.push(footprintOf(document));
  }
  const { network, vocabulary, problems, effects, conventions, development } = compiler;
  const hash = createHash('sha256')
    .update(footprints.map((footprint) => footprint.hash).join(' '))
    .digest('hex')
    .slice(0, 32);
  const said = { hash, footprints, conventions, development };
  return () => new ModelSet(network, vocabulary, said, problems, effects.byName);
}

/** The kind of source that what was kept outside of the program is. No threat model has it: what it is made of counts. */
const STORED = 'stored';

const NOTHING: readonly never[] = [];

/** The name that stands for the global object in `type`. */
const GLOBAL_TYPE = 'global';

/** What one entry says of each of its places. */
interface Facets {
  readonly when: readonly ModelCondition[];
  readonly types: readonly ApiNode[];
  readonly source: number;
  readonly sourceRemoves: number;
  readonly sinks: readonly KindSet[];
  readonly flows: readonly FlowFacet[];
  readonly readRemoves: KindSet;
  readonly limits: KindSet;
  readonly decides: KindSet;
  readonly guards: readonly ModelGuard[];
  readonly schema: ModelSchema | undefined;
  readonly checks: readonly ModelCheck[];
  readonly tidy: KindSet;
  readonly withoutPrototype: ModelCondition | undefined;
  readonly listsKeysOf: ModelPlace | undefined;
  readonly listsEntriesOf: ModelPlace | undefined;
  readonly stores: readonly ModelStore[];
  readonly retrieves: readonly ModelSource[];
  readonly isModelled: boolean;
}

/** Entries with one root. */
interface Section {
  readonly root: ApiNode;
  /** Names under which a program reaches the root; the empty name is the global object. */
  readonly names: readonly string[];
  readonly apis: readonly ApiDocument[] | undefined;
  readonly at: readonly (string | number)[];
}

class Compiler {
  readonly network = new Network();
  readonly problems: CompileProblem[] = [];
  readonly effects = new CallEffects();
  readonly conventions: ExportConvention[] = [];
  readonly development: Development[] = [];
  /** Position of the document that is being compiled. */
  private index = 0;
  private document: ModelDocument | undefined;
  private readonly types = new Map<string, ApiNode>([[GLOBAL_TYPE, this.network.globalObject]]);

  constructor(readonly vocabulary: Vocabulary) {}

  /** What other documents may name. */
  declare(document: ModelDocument, index: number): void {
    this.index = index;
    for (const [name, medium] of Object.entries(document.media ?? {})) {
      this.guarded(document, ['media', name], () => {
        this.vocabulary.addMedium(name, medium);
      });
    }
    for (const [name, type] of Object.entries(document.types ?? {})) {
      const fullName = qualified(name, document);
      if (this.types.has(fullName)) continue;
      // A type that the package itself is has no name for people.
      const ownName = textsOf(type.at).includes('Self')
        ? (document.label ?? document.library)
        : fullName.slice(fullName.lastIndexOf('.') + 1);
      this.types.set(fullName, this.network.root(fullName, type.label ?? ownName));
    }
  }

  add(document: ModelDocument, index: number): void {
    this.index = index;
    this.document = document;
    this.addVocabulary(document);
    const root = this.network.root(document.library, document.label ?? document.library);
    for (const name of document.packages ?? []) this.network.package(name).isAlso(root);
    for (const name of document.globals ?? []) this.network.member(this.network.globalObject, name).isAlso(root);
    const roots = [...(document.packages ?? []), ...(document.globals ?? [])];
    for (const [name, type] of Object.entries(document.types ?? {})) {
      const node = this.type(qualified(name, document), document);
      const at = ['types', name];
      if (type.shared === true) node.shared = qualified(name, document);
      if (type.namedOnly === true) node.namedOnly = true;
      const names: string[] = [];
      this.guarded(document, [...at, 'extends'], () => {
        for (const base of textsOf(type.extends)) node.isAlso(this.type(base, document));
      });
      for (const [index, path] of textsOf(type.at).entries()) {
        this.guarded(document, [...at, 'at', index], () => {
          const steps = parsePath(path);
          for (const place of this.network.follow(root, steps)) place.isAlso(node);
          names.push(...calleeNames(roots, steps));
        });
      }
      this.addApis(document, { root: node, names, apis: type.apis, at: [...at, 'apis'] });
    }
    const { globalObject, unknownValue } = this.network;
    this.addApis(document, { root, names: roots, apis: document.apis, at: ['apis'] });
    this.addApis(document, { root: globalObject, names: [''], apis: document.globalApis, at: ['globalApis'] });
    this.addApis(document, { root: unknownValue, names: [ANY_VALUE], apis: document.methods, at: ['methods'] });
    const { development } = document;
    if (development !== undefined)
      this.guarded(document, ['development', 'uncounted'], () => {
        const uncounted = this.vocabulary.sourceKindsOf(development.uncounted);
        this.development.push({ isAbout: readGlobs(development.files), uncounted });
      });
    for (const [position, convention] of (document.conventions ?? []).entries()) {
      this.guarded(document, ['conventions', position], () => {
        const types = textsOf(convention.type).map((name) => this.type(name, document));
        // No package has a blank in its name.
        const key = `${document.library} convention ${String(this.conventions.length)}`;
        this.network.package(key).isAlso(...types);
        this.conventions.push(readConvention(convention, key));
      });
    }
  }

  private addApis(document: ModelDocument, { root, names, apis, at }: Section): void {
    for (const [index, api] of (apis ?? []).entries()) {
      const facets = this.facetsOf(document, api, [...at, index]);
      for (const [position, path] of textsOf(api.path).entries()) {
        const where = typeof api.path === 'string' ? [...at, index, 'path'] : [...at, index, 'path', position];
        this.guarded(document, where, () => {
          const steps = parsePath(path);
          checkPositions(steps, path, api);
          for (const node of this.network.follow(root, steps)) this.apply(node, api, facets, isMember(steps.at(-1)));
          this.effects.add(names, steps, api);
        });
      }
    }
  }

  /** What an entry says, read once for all its places. */
  private facetsOf(document: ModelDocument, api: ApiDocument, at: readonly (string | number)[]): Facets {
    const { vocabulary } = this;
    // Most entries say one or two of all these things.
    const read = <Name extends keyof ApiDocument, T, E>(
      name: Name,
      empty: E,
      make: (said: NonNullable<ApiDocument[Name]>) => T,
    ): T | E => {
      const said = api[name];
      if (said === undefined) return empty;
      let value: T | E = empty;
      this.guarded(document, [...at, name], () => {
        value = make(said);
      });
      return value;
    };
    const kinds = (said: string | readonly string[]): KindSet => vocabulary.sinkKindsOf(said);
    const isRead = api.flow === undefined && api.guard === undefined && api.source === undefined;
    return {
      when: read('when', NOTHING, (when) => this.conditionsOf(when)),
      types: read('type', NOTHING, (types) => textsOf(types).map((name) => this.type(name, document))),
      source: read('source', 0, (source) => vocabulary.sourceKindsOf(source)),
      sinks: read('sink', NOTHING, (sinks) => textsOf(sinks).map(kinds)),
      flows: [
        ...read('flow', NOTHING, (flows) => listOf(flows).flatMap((flow) => this.flowsOf(flow, api))),
        ...structuralFlows(api),
      ],
      sourceRemoves: read('removes', 0, (removes) => (api.source === undefined ? 0 : kinds(removes))),
      readRemoves: read('removes', 0, (removes) => (isRead ? kinds(removes) : 0)),
      limits: read('limits', 0, kinds),
      decides: read('decides', 0, kinds),
      guards: read('guard', NOTHING, (guards) => listOf(guards).flatMap((guard) => this.guardsOf(guard, api))),
      schema: read('schema', undefined, (schema) => this.schemaOf(schema)),
      checks: read('checks', NOTHING, (checks) => listOf(checks).flatMap(checksOf)),
      listsKeysOf: read('listsKeysOf', undefined, onePlace),
      listsEntriesOf: read('listsEntriesOf', undefined, onePlace),
      stores: read('stores', NOTHING, (all) => listOf(all).flatMap((stores) => this.storesOf(stores))),
      retrieves: read('retrieves', NOTHING, (all) => listOf(all).flatMap((from) => this.retrievalsOf(from))),
      tidy: read('tidy', 0, kinds),
      withoutPrototype: read('withoutPrototype', undefined, (when) => this.conditionsOf(when).at(0)),
      isModelled:
        api.flow !== undefined ||
        api.inherits !== undefined ||
        api.schema !== undefined ||
        api.checks !== undefined ||
        api.joined !== undefined,
    };
  }

  private apply(node: ApiNode, api: ApiDocument, facets: Facets, isRead: boolean): void {
    const { when } = facets;
    const label = (api.label ?? node.shownName).replaceAll('{name}', node.lastName);
    node.isAlso(...facets.types);
    if (facets.source !== 0)
      node.sources = [
        ...node.sources,
        {
          kinds: facets.source,
          label,
          when,
          removes: facets.sourceRemoves,
          isRead,
          isObject: api.isObject === true,
        },
      ];
    if (facets.sinks.length > 0)
      node.sinks = [
        ...node.sinks,
        ...facets.sinks.map((kind) => ({ kind, label, when, ofTexts: api.ofTexts === true })),
      ];
    node.flows = joined(node.flows, facets.flows);
    node.guards = joined(node.guards, facets.guards);
    if (facets.schema !== undefined) node.schemas = [...node.schemas, facets.schema];
    node.checks = joined(node.checks, facets.checks);
    node.readRemoves |= facets.readRemoves;
    if (api.ofCollections === true) node.ofCollections = true;
    node.limits |= facets.limits;
    node.decides |= facets.decides;
    if (facets.withoutPrototype !== undefined) node.withoutPrototype = facets.withoutPrototype;
    if (facets.listsKeysOf !== undefined) node.listsKeysOf = facets.listsKeysOf;
    if (facets.listsEntriesOf !== undefined) node.listsEntriesOf = facets.listsEntriesOf;
    node.stores = joined(node.stores, facets.stores);
    node.retrieves = joined(node.retrieves, facets.retrieves);
    if (api.joined !== undefined) node.joined = api.joined;
    if (api.begins !== undefined) node.begins = api.begins;
    if (api.clones === true) node.clones = true;
    node.tidy |= facets.tidy;
    if (facets.isModelled) node.isModelled = true;
    if (api.passesThrough !== undefined) node.passesThrough = api.passesThrough;
    const { copies } = api;
    if (copies !== undefined)
      node.copies = {
        from: copies.from,
        to: copies.to,
        isFirst: copies.first === true,
        isDeep: copies.deep === true,
      };
  }

  private flowsOf(flow: string | FlowDocument, api: ApiDocument): FlowFacet[] {
    if (flow === 'none') return [];
    const removes =
      this.vocabulary.sinkKindsOf(api.removes) |
      (typeof flow === 'string' ? 0 : this.vocabulary.sinkKindsOf(flow.removes));
    const parsed: ParsedFlow =
      typeof flow === 'string'
        ? parseFlow(flow)
        : {
            from: textsOf(flow.from).flatMap(parsePlaces),
            to: textsOf(flow.to).flatMap(parsePlaces),
            derives: flow.same !== true,
          };
    const more: Partial<FlowDocument> = typeof flow === 'string' ? {} : flow;
    const conditions = more.when === undefined ? [undefined] : this.conditionsOf(more.when);
    return parsed.from.flatMap((from) =>
      parsed.to.flatMap((to) =>
        conditions.map((when) => ({
          from: from.place,
          to: to.place,
          removes,
          derives: parsed.derives,
          constructOnly: from.constructOnly || to.constructOnly,
          ...(more.restores === undefined ? {} : { restores: this.vocabulary.sinkKindsOf(more.restores) }),
          ...(more.behind === undefined ? {} : { behind: { ...more.behind, at: onePlace(more.behind.at) } }),
          ...(more.below === undefined
            ? {}
            : {
                below: {
                  at: onePlace(more.below.at),
                  removes: this.vocabulary.sinkKindsOf(more.below.removes),
                  ...(more.below.keepsTidy === true ? { keepsTidy: true as const } : {}),
                },
              }),
          ...(more.channel === undefined ? {} : { channel: more.channel }),
          ...(more.joins === undefined ? {} : { joins: more.joins }),
          ...(more.groups === undefined ? {} : { groups: onePlace(more.groups) }),
          ...(more.test === undefined ? {} : { test: more.test }),
          ...(more.replaces === undefined ? {} : { replaces: more.replaces }),
          ...(more.schema === undefined ? {} : { schema: schemaPlace(more.schema) }),
          ...(when === undefined ? {} : { when }),
        })),
      ),
    );
  }

  private guardsOf(guard: string | GuardDocument, api: ApiDocument): ModelGuard[] {
    const document: GuardDocument = typeof guard === 'string' ? { at: guard } : guard;
    const { pattern, prefix, test } = document;
    const isJudged = [pattern, prefix, test, document.schema].some((place) => place !== undefined);
    const removes = this.vocabulary.sinkKindsOf(document.removes ?? api.removes ?? (isJudged ? [] : 'all'));
    const conditions = document.when === undefined ? [undefined] : this.conditionsOf(document.when);
    return parsePlaces(document.at).flatMap(({ place }) =>
      conditions.map((when): ModelGuard => ({
        at: place,
        removes,
        result: document.result ?? true,
        ...(document.to === undefined ? {} : { to: document.to }),
        ...(document.asserts === true ? { asserts: true } : {}),
        ...(pattern === undefined ? {} : { pattern: onePlace(pattern) }),
        ...(prefix === undefined ? {} : { prefix: onePlace(prefix) }),
        ...(test === undefined ? {} : { test: onePlace(test) }),
        ...(document.constantReceiver === undefined ? {} : { constantReceiver: document.constantReceiver }),
        ...(document.constantArgument === undefined ? {} : { constantArgument: document.constantArgument }),
        ...(document.schema === undefined ? {} : { schema: schemaPlace(document.schema) }),
        ...(document.property === undefined ? {} : { property: document.property }),
        ...(document.keyOf === undefined ? {} : { keyOf: parsePlaces(document.keyOf)[0].place }),
        ...(when === undefined ? {} : { when }),
      })),
    );
  }

  private schemaOf(document: SchemaDocument): ModelSchema {
    const { like, fields, elements, either, constants, pattern, prefix, test, written, refines, named } = document;
    const { within, keys, when } = document;
    const places = { fields, elements, either, constants, pattern, prefix, test, written, refines, named };
    const condition = this.conditionsOf(when).at(0);
    const parsed = Object.entries(places).flatMap(([name, text]) =>
      text === undefined ? [] : [[name, onePlace(text)] as const],
    );
    return {
      removes: this.vocabulary.sinkKindsOf(document.removes),
      ...(like === undefined ? {} : { like: textsOf(like).map(onePlace) }),
      ...(within === undefined ? {} : { within: textsOf(within) }),
      ...(keys === undefined ? {} : { keys: new Map(Object.entries(keys)) }),
      ...(condition === undefined ? {} : { when: condition }),
      ...Object.fromEntries(parsed),
    };
  }

  private storesOf(document: StoresDocument): ModelStore[] {
    const name = this.storedName(document, document.in);
    return textsOf(document.value).flatMap((value) => parsePlaces(value).map(({ place }) => ({ at: place, name })));
  }

  private retrievalsOf(document: RetrievesDocument): ModelSource[] {
    const stored = this.storedName(document, document.from);
    const kinds = this.vocabulary.sourceKindsOf(STORED);
    return textsOf(document.to).flatMap((to) =>
      parsePlaces(to).map(({ place }) => ({ at: place, kinds, label: stored.medium.label, stored })),
    );
  }

  private storedName({ name, of }: StoresDocument | RetrievesDocument, medium: string): ModelStoredName {
    return {
      medium: this.vocabulary.medium(medium),
      at: name === CALLEE ? 'callee' : onePlace(name),
      ...(of === undefined ? {} : { of: textsOf(of).map((method) => (method === 'Self' ? '' : method)) }),
    };
  }

  private conditionsOf(when: ConditionDocument | undefined): readonly ModelCondition[] {
    if (when === undefined) return [];
    return parseCondition(when, (name) => {
      if (this.document === undefined) return name;
      this.type(name, this.document);
      return qualified(name, this.document);
    });
  }

  /** Throws `UnknownNameError` when no document declares it. */
  private type(name: string, document: ModelDocument): ApiNode {
    const found = this.types.get(qualified(name, document));
    if (found !== undefined) return found;
    const near = closest(qualified(name, document), this.types.keys());
    throw new UnknownNameError(
      `There is no type "${name}".`,
      `${near === undefined ? '' : `Did you mean "${near}"? `}Declare it under "types", or name a type of another library as library.Type.`,
    );
  }

  /** Kinds that rules and prefixes name, and patterns. */
  private addVocabulary(document: ModelDocument): void {
    for (const [index, rule] of (document.rules ?? []).entries()) {
      this.guarded(document, ['rules', index, 'sources'], () => this.vocabulary.sourceKindsOf(rule.sources));
      this.guarded(document, ['rules', index, 'sinks'], () => this.vocabulary.sinkKindsOf(rule.sinks));
      this.guarded(document, ['rules', index, 'only'], () => {
        this.vocabulary.sinkKindsOf(Object.keys(rule.only ?? {}));
        this.vocabulary.sourceKindsOf(Object.values(rule.only ?? {}).flat());
      });
      this.guarded(document, ['rules', index, 'asked'], () => {
        // A rule that replaces another one replaces this, too.
        if (this.vocabulary.rules.includes(rule)) this.vocabulary.addAsked(rule.id, rule.asked ?? { sources: [] });
      });
      this.guarded(document, ['rules', index, 'unless'], () => {
        for (const [kind, { still, sources }] of Object.entries(rule.unless ?? {})) {
          this.vocabulary.sinkKindsOf([kind, still]);
          this.vocabulary.sourceKindsOf(sources);
        }
      });
    }
    for (const [index, prefix] of (document.prefixes ?? []).entries()) {
      this.guarded(document, ['prefixes', index], () => {
        this.vocabulary.addPrefix(prefix);
      });
    }
    for (const [index, refused] of (document.refused ?? []).entries()) {
      this.guarded(document, ['refused', index], () => {
        this.vocabulary.addRefused(refused);
      });
    }
    for (const [index, characters] of (document.characters ?? []).entries()) {
      this.guarded(document, ['characters', index], () => {
        this.vocabulary.addCharacters(characters);
      });
    }
    for (const [index, settled] of (document.settled ?? []).entries()) {
      this.guarded(document, ['settled', index], () => {
        this.vocabulary.addSettled(settled);
      });
    }
    if (this.vocabulary.surplusKinds.some((kind) => kind in (document.sinkKinds ?? {}))) {
      this.report(
        document,
        ['sinkKinds'],
        `There are more than ${String(MAX_KINDS)} sink kinds.`,
        'Use one of the kinds that are there already.',
      );
    }
  }

  /** Runs a part; what is wrong in it is reported and costs only this part. */
  private guarded(document: ModelDocument, at: readonly (string | number)[], run: () => void): void {
    try {
      run();
    } catch (error) {
      if (error instanceof PathSyntaxError) this.report(document, at, error.message, error.hint);
      else if (error instanceof UnknownNameError) this.report(document, at, error.message, error.hint, true);
      else if (error instanceof SyntaxError)
        this.report(document, at, 'This is not a regular expression.', error.message);
      else throw error;
    }
  }

  private report(
    document: ModelDocument,
    at: readonly (string | number)[],
    message: string,
    hint: string,
    isReference = false,
  ): void {
    this.problems.push({ document: document.library, index: this.index, at, message, hint, isReference });
  }
}

/** Most of the time one of them is empty. */
function joined<T>(before: readonly T[], more: readonly T[]): readonly T[] {
  if (more.length === 0) return before;
  return before.length === 0 ? more : [...before, ...more];
}

/** What is said of an argument itself, by the call it is given to, needs its position. */
const isMember = (step: PathStep | undefined): boolean => step?.kind === 'member' || step?.kind === 'anyMember';

function checkPositions(steps: readonly PathStep[], path: string, api: ApiDocument): void {
  const ofCall = api.sink !== undefined || (api.source !== undefined && api.when !== undefined);
  const isFromTheEnd = steps.some((step, index) => {
    const isOutside = step.kind === 'argument' && step.span.from < 0;
    return (
      isOutside &&
      !steps
        .slice(index + 1)
        .some(({ kind }) => kind === 'argument' || (kind === 'parameter' && api.when === undefined))
    );
  });
  if (ofCall && isFromTheEnd) throw new PathSyntaxError(`"${path}" counts from the end.`, FROM_THE_END);
}

/** Flows that follow from what is said of arguments as such. */
function structuralFlows({ passesThrough, copies }: ApiDocument): FlowFacet[] {
  const result: ModelPlace = { root: 'return', path: [] };
  const flows = passesThrough === undefined ? [] : [identity(passesThrough, passesThrough, result)];
  if (copies === undefined) return flows;
  const { from, to } = copies;
  flows.push(identity(from, Infinity, { root: 'argument', from: to, to, path: [] }), identity(to, Infinity, result));
  return flows;
}

/** The arguments themselves arrive. */
const identity = (from: number, last: number, to: ModelPlace): FlowFacet => ({
  from: { root: 'argument', from, to: last, path: [] },
  to,
  removes: 0,
  derives: false,
  constructOnly: false,
});

/** The function that is called. */
const CALLEE = 'Callee';

const checksOf = ({ at, schema, loose, merged }: CheckDocument): ModelCheck[] =>
  textsOf(at).flatMap((text) =>
    parsePlaces(text).map(({ place }) => ({
      at: place,
      schema: onePlace(schema),
      isLoose: loose === true,
      isMerged: merged === true,
    })),
  );

const schemaPlace = (path: string): SchemaPlace => (path === CALLEE ? 'callee' : onePlace(path));

const onePlace = (path: string): ModelPlace => parsePlaces(path)[0].place;

const qualified = (name: string, document: ModelDocument): string =>
  name.includes('.') || name === GLOBAL_TYPE ? name : `${document.library}.${name}`;

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];
