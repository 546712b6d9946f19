/**
 * A project in memory that is linked and solved with the shipped models, for tests of the solver: set and delete files, solve,
 * cancel, and read the findings as text that does not depend on ids or on history.
 */
import { GROWTH_LIMIT } from '../../../server/src/base/growth';
import { extractJavaScript } from '../../../server/src/extract/javascript';
import { buildSkeleton } from '../../../server/src/extract/flow/skeleton';
import { flatten } from '../../../server/src/model/flatGraph';
import { Linker, type FileChange } from '../../../server/src/link/linker';
import { JavaScriptResolver } from '../../../server/src/link/resolve/javascript';
import type { Logger } from '../../../server/src/model/analysis';
import type { FileGraph } from '../../../server/src/model/graph';
import { encodeGraph } from '../../../server/src/model/graphCodec';
import { fileOf, functionId, keyHashes, type FileId, type FunctionId } from '../../../server/src/model/ids';
import { decodeSkeleton, encodeSkeleton, type Skeleton } from '../../../server/src/model/skeleton';
import { FunctionBodies } from '../../../server/src/pipeline/functionBodies';
import { Solving } from '../../../server/src/pipeline/solving';
import { compileModels, type CompiledModels, type ModelDocument } from '../../../server/src/taint/models';
import type { Joined } from '../../../server/src/taint/told';
import { readModels } from '../../taint/analyseCase';
import { MemoryHost } from '../link/memoryHost';

const ROOT = '/p/';
const LOG: Logger = {
  error: (message) => {
    throw new Error(message);
  },
  warn: (message) => {
    throw new Error(message);
  },
  info: () => undefined,
  debug: () => undefined,
};

interface SolvedFile {
  readonly text: string;
  readonly graph: FileGraph;
  readonly packed: Uint8Array;
  readonly skeleton: Skeleton;
}

let shipped: CompiledModels | undefined;

function models(): CompiledModels {
  return (shipped ??= compileModels(readModels().map(({ document }) => document as ModelDocument)));
}

class Cancelled extends Error {}

export class SolvedProject {
  readonly linker: Linker;
  readonly bodies: FunctionBodies;
  readonly solving: Solving;
  threats: readonly string[];
  /** Checkpoints until the solver is cancelled; undefined for never. */
  private patience: number | undefined;
  private readonly host = new MemoryHost();
  private readonly files = new Map<string, SolvedFile>();
  private readonly ids = new Map<string, FileId>();
  private readonly paths = new Map<FileId, string>();
  private readonly pending = new Map<FileId, FileChange['kind']>();
  private readonly relinked = new Set<FunctionId>();
  /** Changed files that links know of and the solver, which was cancelled, does not. */
  private readonly unsolved = new Map<FileId, FileChange['kind']>();
  private readonly told = new Set<Joined>();

  constructor(files: Readonly<Record<string, string>>, threats: readonly string[] = ['remote']) {
    this.threats = threats;
    this.linker = new Linker({
      skeletonOf: (id) => this.files.get(this.paths.get(id) ?? '')?.skeleton,
      pathOf: (id) => this.paths.get(id),
      idOf: (path) => (this.files.has(path) ? this.ids.get(path) : undefined),
      resolver: new JavaScriptResolver({ host: this.host, isIndexed: (path) => this.files.has(path) }),
      automaton: models(),
      effects: models().callEffects,
    });
    this.bodies = new FunctionBodies((id) => this.files.get(this.paths.get(id) ?? '')?.packed, 1 << 24);
    this.solving = this.newSolving();
    this.set({ 'package.json': '{"name": "p", "main": "index.js"}', ...files });
  }

  /** Puts in files; `undefined` deletes one. */
  set(files: Readonly<Record<string, string | undefined>>): void {
    for (const [name, text] of Object.entries(files)) {
      const path = ROOT + name;
      if (text === undefined) {
        this.host.files.delete(path);
        const id = this.ids.get(path);
        if (this.files.delete(path) && id !== undefined) this.pending.set(id, 'removed');
        continue;
      }
      this.host.files.set(path, text);
      if (!name.endsWith('.js')) continue;
      const graph = extractJavaScript(text, 'js');
      const isNew = !this.files.has(path);
      this.files.set(path, {
        text,
        graph,
        packed: encodeGraph(graph),
        skeleton: decodeSkeleton(encodeSkeleton(buildSkeleton(flatten(graph)))),
      });
      let id = this.ids.get(path);
      if (id === undefined) {
        id = (this.ids.size + 1) as FileId;
        this.ids.set(path, id);
        this.paths.set(id, path);
      }
      this.pending.set(id, isNew && this.pending.get(id) !== 'removed' ? 'added' : 'changed');
      this.bodies.forget(id);
    }
  }

  /** Links what changed and solves up to so many checkpoints; false when something is left to do. */
  solveUpTo(checkpoints: number): boolean {
    this.patience = checkpoints;
    try {
      this.solve();
      return true;
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error;
      return false;
    } finally {
      this.patience = undefined;
    }
  }

  /** Links and solves what changed, and what was left undone. */
  solve(): this {
    const changes = Array.from(this.pending, ([id, kind]): FileChange => ({ id, kind }));
    for (const [id, kind] of this.pending) this.unsolved.set(id, kind);
    this.pending.clear();
    const links = this.linker.update(changes);
    for (const id of links.relinked) this.relinked.add(id);
    this.solving.review(links);
    const changed: FileId[] = [];
    const removed: FileId[] = [];
    for (const [id, kind] of this.unsolved) (kind === 'removed' ? removed : changed).push(id);
    this.solving.update(changed, removed, this.relinked);
    this.unsolved.clear();
    this.relinked.clear();
    return this;
  }

  /** What is found now. */
  joined(): ReadonlySet<Joined> {
    const { added, removed } = this.solving.join();
    for (const joined of removed) this.told.delete(joined);
    for (const joined of added) this.told.add(joined);
    return this.told;
  }

  /** All functions of all files. */
  functions(): FunctionId[] {
    return [...this.ids.values()].flatMap((id) => this.linker.functionsOf(id) ?? []);
  }

  findings(): string[] {
    return Array.from(
      this.joined(),
      ({ rule, confidence, source, sink }) =>
        `${rule.id} ${String(confidence)} ${source.label} ${this.lineOf(source.function, source.node)} > ${this.lineOf(sink.function, sink.node)}`,
    ).sort();
  }

  /** What a project says that was made of the same files at once. */
  cleanFindings(): string[] {
    return this.clean().findings();
  }

  /** A project that is made of the same files at once. */
  clean(): SolvedProject {
    const files = Array.from(this.host.files, ([path, text]) => [path.slice(ROOT.length), text] as const);
    return new SolvedProject(Object.fromEntries(files), this.threats).solve();
  }

  /** All answers, without those that nobody asks for. */
  answers(): string[] {
    const steps = this.solving.collect();
    while (steps.next().done !== true);
    return [...this.solving.dump()].sort();
  }

  /** Id of the function whose key ends so. */
  function(name: string, key: string): FunctionId {
    const file = this.files.get(ROOT + name);
    const id = this.ids.get(ROOT + name);
    const keys = file?.graph.functions.map((fn) => fn.key) ?? [];
    const index = keys.findIndex((known) => known.endsWith(key));
    if (id === undefined || index < 0) throw new Error(`no function ${key} in ${name}; there are ${keys.join(', ')}`);
    return functionId(id, keyHashes(keys)[index]);
  }

  private lineOf(id: FunctionId, node: number): string {
    const path = this.paths.get(fileOf(id)) ?? '';
    const body = this.bodies.body(id);
    const text = this.files.get(path)?.text ?? '';
    if (body === undefined || node >= body.graph.op.length) return `${path.slice(ROOT.length)}:gone`;
    return `${path.slice(ROOT.length)}:${String(text.slice(0, body.graph.start[node]).split('\n').length)}`;
  }

  private newSolving(): Solving {
    return new Solving({
      bodies: this.bodies,
      links: this.linker,
      models: models(),
      log: LOG,
      relativePathOf: (file) => (this.paths.get(file) ?? '').slice(ROOT.length),
      growthLimit: GROWTH_LIMIT,
      uncountedIn: () => 0,
      wantedSources: () => this.threats.reduce((mask, kind) => mask | models().sourceKindBit(kind), 0),
      checkpoint: () => {
        if (this.patience !== undefined && --this.patience < 0) throw new Cancelled();
      },
    });
  }
}
