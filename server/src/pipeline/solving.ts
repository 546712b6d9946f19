/**
 * The solve stage: keeps summaries and findings in line with the facts and links of the current snapshot. What a
 * summary was computed from is its *key*; a function whose key did not change is not looked at again.
 */
import { createHash } from 'node:crypto';
import { CodecError } from '../base/bytes';
import type { Logger } from '../model/analysis';
import { NONE, Op, type NodeId } from '../model/graph';
import { fileOf, type FileId, type FunctionId } from '../model/ids';
import type { ApiAutomaton, LinkView } from '../model/links';
import type { ModelView, SinkRef, SourceRef } from '../model/summary';
import type { Store } from '../store/store';
import { PathTable } from '../taint/accessPaths';
import { dependsOnEnclosing } from '../taint/constants';
import { DEFAULT_BUDGETS } from '../taint/environment';
import { Joiner, type JoinChange } from '../taint/join';
import { ReferenceTable, RootKind, kindOf, type Root } from '../taint/references';
import { Solver, type FirstPart } from '../taint/solver';
import { decodeSummaries, encodeSummaries, type StoredSummary } from '../taint/summaryCodec';
import { Tracer } from '../taint/trace';
import { functionName } from './describeNodes';
import type { FunctionBodies } from './functionBodies';

/** Grows when transfer, budgets or the form of summaries change: older summaries are then computed anew. */
export const SOLVER_VERSION = 5;

const NO_BYTES = new Uint8Array(0);

export interface SolvingHost {
  readonly bodies: FunctionBodies;
  readonly links: LinkView;
  readonly models: ModelView & ApiAutomaton;
  readonly log: Logger;
  /** Path below its root, with `/`: the stable name of a file. */
  relativePathOf(file: FileId): string;
  /** Source kinds that the threat model of the settings takes in, as a mask. */
  wantedSources(): number;
  /** Called between components; throws to cancel. */
  checkpoint(): void;
}

export interface SolveResult {
  readonly recomputed: ReadonlySet<FunctionId>;
}

export class Solving {
  readonly paths = new PathTable();
  readonly references = new ReferenceTable();
  readonly solver: Solver;
  private readonly joiner: Joiner;
  private readonly keys = new Map<FunctionId, string>();
  private readonly functionsOf = new Map<FileId, readonly FunctionId[]>();
  private readonly callees = new Map<FunctionId, readonly FunctionId[]>();
  /** Files whose stored summaries are older than these. */
  private readonly unwritten = new Set<FileId>();
  private readonly stableNames = new Map<FunctionId, string>();
  private readonly rootTexts = new Map<Root, string>();

  constructor(private readonly host: SolvingHost) {
    const compare = (a: FunctionId, b: FunctionId): number =>
      a === b ? 0 : this.stableName(a) < this.stableName(b) ? -1 : 1;
    this.solver = new Solver(
      {
        bodyOf: (id) => host.bodies.body(id),
        calleesOf: (id) => this.calleesOf(id),
        environment: {
          paths: this.paths,
          references: this.references,
          links: host.links,
          models: host.models,
          automaton: host.models,
        },
        rootText: (root) => this.rootText(root),
        compare,
        checkpoint: () => {
          host.checkpoint();
        },
      },
      DEFAULT_BUDGETS,
    );
    this.joiner = new Joiner({
      paths: this.paths,
      references: this.references,
      isExported: (id) => host.links.isExported(id),
      receiverClassOf: (id) => host.links.receiverClassOf(id),
      wantedSources: () => host.wantedSources(),
      parameterKinds: host.models.sourceKindBit('library'),
      parameterSource: (id, index) => this.parameterSource(id, index),
      rulesFor: (sourceKinds, sinkKind) => host.models.rulesFor(sourceKinds, sinkKind),
      compare,
      rootText: (root) => this.rootText(root),
    });
  }

  /** Puts back the stored summaries of a file. */
  private restore(file: FileId, functions: readonly StoredSummary[]): void {
    this.functionsOf.set(
      file,
      functions.map(({ id }) => id),
    );
    for (const { id, key, summary, dependencies } of functions) {
      this.keys.set(id, key);
      this.solver.restore(id, summary, dependencies);
      this.joiner.update(id, [summary]);
    }
  }

  /**
   * Solves what changed files and changed links make necessary. Functions whose key is what it was are left alone.
   * `changed` are files with other facts, `removed` files that are gone, `relinked` functions whose links may differ.
   * `first` is solved ahead of the rest.
   */
  update(
    changed: Iterable<FileId>,
    removed: Iterable<FileId>,
    relinked: Iterable<FunctionId>,
    first?: FirstPart,
  ): SolveResult {
    this.callees.clear();
    const gone: FunctionId[] = [];
    const candidates = new Set<FunctionId>();
    for (const file of removed) gone.push(...this.replaceFunctions(file, []));
    for (const file of changed) {
      const ids = this.host.bodies.file(file)?.ids ?? [];
      gone.push(...this.replaceFunctions(file, ids));
      for (const id of ids) candidates.add(id);
    }
    for (const id of relinked) candidates.add(id);
    const dirty: FunctionId[] = [];
    for (const id of gone) {
      this.keys.delete(id);
      this.joiner.update(id, []);
      this.unwritten.add(fileOf(id));
    }
    for (const id of candidates) {
      const key = this.keyOf(id);
      if (key === undefined || this.keys.get(id) === key) continue;
      dirty.push(id);
      this.keys.set(id, key);
      // Asked now, while its file is at hand.
      this.calleesOf(id);
    }
    // From here on a cancelled run loses nothing: the solver keeps what is left to do.
    const recomputed = this.solver.solve(dirty, gone, first);
    this.callees.clear();
    for (const id of recomputed) {
      this.joiner.update(id, [this.solver.summaryOf(id)]);
      this.unwritten.add(fileOf(id));
    }
    return { recomputed };
  }

  /** Whether these functions are exported, or which class they belong to, may have changed. */
  review(ids: Iterable<FunctionId>): void {
    for (const id of ids) this.joiner.touch(id);
  }

  /** Takes up the summaries that the store has, in many small steps. */
  *restoreAll(store: Store): Generator<void, void, undefined> {
    for (const [file, row] of store.summaries.each()) {
      yield;
      try {
        this.restore(file, decodeSummaries(row.data, this.paths, this.references));
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
        this.host.log.warn(
          `The stored summaries of ${this.host.relativePathOf(file)} are damaged; the file is analysed again.`,
        );
        store.batch(() => {
          store.summaries.remove(file);
          store.files.markPending([file]);
        });
      }
    }
  }

  /** Writes the summaries that changed, inside a batch. */
  write(store: Store): void {
    for (const file of this.unwritten) {
      const record = this.stored(file);
      if (record === undefined) store.summaries.remove(file);
      else store.summaries.replace(file, { ...record, deps: NO_BYTES });
    }
    this.unwritten.clear();
  }

  /** Notes the functions a file has now; returns those it has no more. */
  private replaceFunctions(file: FileId, ids: readonly FunctionId[]): FunctionId[] {
    const before = this.functionsOf.get(file) ?? [];
    if (ids.length === 0) this.functionsOf.delete(file);
    else this.functionsOf.set(file, ids);
    const now = new Set(ids);
    return before.filter((id) => !now.has(id));
  }

  /** What is found now and was not at the last call, and the other way round. */
  join(): JoinChange {
    return this.joiner.join();
  }

  /** The same in many small steps. */
  joinInSteps(): Generator<void, JoinChange, undefined> {
    return this.joiner.joinInSteps();
  }

  /** The same while the solver is at work: what goes through functions not in `solved` may be out of date. */
  joinSoFar(solved: Iterable<FunctionId>): JoinChange {
    for (const id of solved) this.joiner.update(id, [this.solver.summaryOf(id)]);
    return this.joiner.join();
  }

  /** The node of a sink in its function as that is now, when data that is passed to the function still reaches it. */
  sinkNow(sink: SinkRef): NodeId | undefined {
    let found: NodeId | undefined;
    for (const root of this.solver.summaryOf(sink.function).outRoot) {
      if (kindOf(root) !== RootKind.Sink) continue;
      const other = this.references.sinkOf(root);
      if (other.function !== sink.function || other.kind !== sink.kind || other.label !== sink.label) continue;
      if (found === undefined || Math.abs(other.node - sink.node) < Math.abs(found - sink.node)) found = other.node;
    }
    return found;
  }

  tracer(): Tracer {
    return new Tracer({
      references: this.references,
      trace: (id) => this.solver.trace(id),
      summaryOf: (id) => this.solver.summaryOf(id),
    });
  }

  /** The stored form of a file's summaries, and the files they depend on. */
  private stored(file: FileId): { data: Uint8Array; hash: string; dependsOn: ReadonlySet<FileId> } | undefined {
    const functions = this.host.bodies.file(file);
    if (functions === undefined) return undefined;
    const dependsOn = new Set<FileId>();
    const rows: StoredSummary[] = [];
    const hash = createHash('sha1');
    for (const id of functions.ids) {
      const dependencies = this.solver.dependenciesOf(id);
      for (const dependency of dependencies) if (fileOf(dependency) !== file) dependsOn.add(fileOf(dependency));
      const summary = this.solver.summaryOf(id);
      hash.update(summary.hash);
      rows.push({ id, key: this.keys.get(id) ?? '', summary, dependencies });
    }
    return {
      data: encodeSummaries(rows, this.paths, this.references),
      hash: hash.digest('hex').slice(0, 16),
      dependsOn,
    };
  }

  truncatedFunctions(): number {
    let count = 0;
    for (const id of this.solver.functions()) if (this.solver.summaryOf(id).truncated.length > 0) count++;
    return count;
  }

  /** Callees by link, and the closures a function makes. Remembered for one update: who asks, asks several times. */
  private calleesOf(id: FunctionId): readonly FunctionId[] {
    let callees = this.callees.get(id);
    if (callees === undefined) this.callees.set(id, (callees = this.findCallees(id)));
    return callees;
  }

  private findCallees(id: FunctionId): readonly FunctionId[] {
    const body = this.host.bodies.body(id);
    if (body === undefined) return [];
    const result = new Set<FunctionId>();
    for (const targets of this.host.links.linksOf(id).calls.values()) {
      for (const target of targets) if (target.kind === 'function') result.add(target.function);
    }
    const { op, aux } = body.graph;
    for (let node = 0; node < op.length; node++) if (op[node] === Op.Closure) result.add(body.functionIds(aux[node]));
    return [...result];
  }

  private keyOf(id: FunctionId): string | undefined {
    const body = this.host.bodies.body(id);
    if (body === undefined) return undefined;
    let key = `${body.graph.structureHash}${this.host.links.linksOf(id).hash}`;
    // Constants of enclosing functions may be read; which ones is not worth knowing.
    if (dependsOnEnclosing(body.graph)) {
      for (let parent = body.graph.parent; parent !== NONE;) {
        const graph = body.graphOf(parent);
        key += graph.structureHash;
        parent = graph.parent;
      }
    }
    return createHash('sha1').update(key).digest('base64').slice(0, 16);
  }

  private parameterSource(id: FunctionId, index: number): SourceRef | undefined {
    const body = this.host.bodies.body(id);
    if (body === undefined || index === -1) return undefined;
    const { op, aux } = body.graph;
    const kinds = this.host.models.sourceKindBit('library');
    for (let node = 0; node < op.length; node++) {
      if ((op[node] === Op.Param || op[node] === Op.RestParam) && aux[node] === index) {
        const name = index >= 0 ? body.strings[body.graph.parameters[index]] : 'arguments';
        const owner = functionName(body);
        return {
          function: id,
          node,
          kinds,
          label: `parameter ${name === '' ? `${index + 1}` : `\`${name}\``} of exported \`${owner}\``,
        };
      }
    }
    return undefined;
  }

  /** Path below the root and key of a function: what stays the same from run to run. */
  stableName(id: FunctionId): string {
    let name = this.stableNames.get(id);
    if (name === undefined) {
      const file = this.host.bodies.file(fileOf(id));
      const index = file?.indexOf(id);
      name = `${this.host.relativePathOf(fileOf(id))}#${file === undefined || index === undefined ? '' : file.reader.keys[index]}`;
      this.stableNames.set(id, name);
    }
    return name;
  }

  private rootText(root: Root): string {
    const kind = kindOf(root);
    if (kind === RootKind.Parameter || kind === RootKind.Return || kind === RootKind.Throw) return String(root);
    let text = this.rootTexts.get(root);
    if (text === undefined) {
      if (kind === RootKind.Cell) {
        const { owner, cell } = this.references.cellOf(root);
        text = `c${this.stableName(owner)}:${String(cell)}`;
      } else if (kind === RootKind.Source) {
        const { function: id, node, kinds, label, isBelow } = this.references.sourceOf(root);
        text = `s${isBelow === true ? '.' : ''}${this.stableName(id)}:${String(node)}:${String(kinds)}:${label}`;
      } else {
        const { function: id, node, operand, kind: sinkKind, label } = this.references.sinkOf(root);
        text = `t${this.stableName(id)}:${String(node)}:${String(operand)}:${String(sinkKind)}:${label}`;
      }
      this.rootTexts.set(root, text);
    }
    return text;
  }
}
