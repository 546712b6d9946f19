/**
 * A small project in memory for linking tests: set and delete files, update the linker, and read its answers as text
 * that does not depend on ids. `clean` links the same files from scratch, in a given order, to compare with.
 */
import type { GrowthLimit } from '../../../server/src/base/growth';
import { extractJavaScript } from '../../../server/src/extract/javascript';
import { buildSkeleton } from '../../../server/src/extract/flow/skeleton';
import { flatten } from '../../../server/src/model/flatGraph';
import type { CallEffects } from '../../../server/src/link/builtins';
import { Linker } from '../../../server/src/link/linker';
import type { FileChange, LinkUpdate } from '../../../server/src/link/linker';
import { JavaScriptResolver } from '../../../server/src/link/resolve/javascript';
import { Op } from '../../../server/src/model/graph';
import type { Dialect, FileGraph, FunctionGraph } from '../../../server/src/model/graph';
import { fileOf, functionId, keyHashes, keyHashOf } from '../../../server/src/model/ids';
import type { FileId, FunctionId } from '../../../server/src/model/ids';
import type { ApiState } from '../../../server/src/model/ids';
import type { CallTarget } from '../../../server/src/model/links';
import { decodeSkeleton, encodeSkeleton } from '../../../server/src/model/skeleton';
import type { Skeleton } from '../../../server/src/model/skeleton';
import { FakeAutomaton } from './fakeAutomaton';
import { MemoryHost } from './memoryHost';

const ROOT = '/p/';

interface ProjectFile {
  readonly text: string;
  readonly graph: FileGraph;
  readonly skeleton: Skeleton;
  readonly keys: readonly string[];
  readonly hashes: Uint32Array;
}

export interface ProjectOptions {
  /** API paths that models know. */
  readonly known?: readonly string[];
  readonly effects?: CallEffects;
  /** Packages of `node_modules` that are links into the project. */
  readonly links?: Readonly<Record<string, string>>;
  readonly cacheBytes?: number;
  readonly growthLimit?: GrowthLimit;
}

export class Project {
  readonly host = new MemoryHost();
  readonly automaton: FakeAutomaton;
  readonly linker: Linker;
  private readonly options: ProjectOptions;
  private readonly files = new Map<string, ProjectFile>();
  private readonly ids = new Map<string, FileId>();
  private readonly paths = new Map<FileId, string>();
  private readonly changes = new Map<FileId, FileChange>();
  private readonly changedPaths = new Set<string>();
  private nextId = 1;

  constructor(files: Readonly<Record<string, string>>, options: ProjectOptions = {}, link = true) {
    this.options = options;
    this.automaton = new FakeAutomaton(options.known ?? []);
    for (const [from, to] of Object.entries(options.links ?? {})) this.host.links.set(ROOT + from, ROOT + to);
    const isIndexed = (path: string): boolean => this.files.has(path);
    this.linker = new Linker({
      skeletonOf: (id) => this.files.get(this.paths.get(id) ?? '')?.skeleton,
      pathOf: (id) => this.paths.get(id),
      idOf: (path) => (this.files.has(path) ? this.ids.get(path) : undefined),
      resolver: new JavaScriptResolver({ host: this.host, isIndexed }),
      automaton: this.automaton,
      ...(options.effects === undefined ? {} : { effects: options.effects }),
      ...(options.growthLimit === undefined ? {} : { growthLimit: options.growthLimit }),
      ...(options.cacheBytes === undefined ? {} : { cacheBytes: options.cacheBytes }),
    });
    for (const [name, text] of Object.entries(files)) this.set(name, text);
    if (link) this.update();
  }

  set(name: string, text: string): void {
    const path = ROOT + name;
    const isNew = !this.files.has(path);
    this.host.files.set(path, text);
    const dialect = /\.([a-z]+)$/.exec(name)?.[1] ?? '';
    if (!['js', 'jsx', 'ts', 'tsx', 'mjs', 'cjs', 'mts', 'cts'].includes(dialect) || name.includes('node_modules/')) {
      this.changedPaths.add(path);
      return;
    }
    const graph = extractJavaScript(text, dialect as Dialect);
    const keys = graph.functions.map((fn) => fn.key);
    // Through the codec, as in real life.
    const skeleton = decodeSkeleton(encodeSkeleton(buildSkeleton(flatten(graph))));
    this.files.set(path, { text, graph, skeleton, keys, hashes: keyHashes(keys) });
    let id = this.ids.get(path);
    if (id === undefined) {
      id = this.nextId++ as FileId;
      this.ids.set(path, id);
      this.paths.set(id, path);
    }
    const pending = this.changes.get(id)?.kind;
    this.changes.set(id, {
      id,
      kind: isNew && pending !== 'removed' ? 'added' : pending === 'added' ? 'added' : 'changed',
    });
  }

  delete(name: string): void {
    const path = ROOT + name;
    this.host.files.delete(path);
    this.changedPaths.add(path);
    if (!this.files.delete(path)) return;
    const id = this.ids.get(path);
    if (id !== undefined) this.changes.set(id, { id, kind: 'removed' });
  }

  update(): LinkUpdate {
    const changes = [...this.changes.values()];
    const paths = [...this.changedPaths];
    this.changes.clear();
    this.changedPaths.clear();
    return this.linker.update(changes, paths);
  }

  /** The same files linked from scratch, in an order made from a seed. */
  clean(seed: number): Project {
    const project = new Project({}, this.options, false);
    for (const [path, text] of shuffled([...this.host.files], seed)) project.set(path.slice(ROOT.length), text);
    project.update();
    return project;
  }

  get names(): string[] {
    return [...this.files.keys()].map((path) => path.slice(ROOT.length)).sort();
  }

  /** Targets of all calls and accesses of a file: `f(x)` text of the callee → targets. */
  calls(name: string): Record<string, string> {
    const result: Record<string, string> = {};
    this.eachNode(name, (file, fn, id, node) => {
      const targets = this.linker.linksOf(id).calls.get(node);
      if (targets === undefined || fn.op[node] === Op.Import) return;
      const isCall = fn.op[node] === Op.Call || fn.op[node] === Op.New;
      const whole = file.text.slice(fn.start[node], fn.end[node]);
      const text = isCall ? calleeText(fn.op[node] === Op.New ? whole.replace(/^new /, '') : whole) : whole;
      result[unused(result, text)] = targets.map((target) => this.describe(target)).join(' | ');
    });
    return result;
  }

  /** API states of nodes of a file, by the nodes' text. */
  apis(name: string): Record<string, string> {
    const result: Record<string, string> = {};
    this.eachNode(name, (file, fn, id, node) => {
      const states = this.linker.linksOf(id).apis.get(node);
      if (states === undefined) return;
      const text = file.text.slice(fn.start[node], fn.end[node]);
      const shown = states.map((state: ApiState) => this.automaton.describe(state)).join(' | ');
      const label = `${fn.key === '' ? '' : ''}${text}`;
      if (result[label] !== shown) result[unused(result, label)] = shown;
    });
    return result;
  }

  exported(name: string): string[] {
    return this.functionsOf(name)
      .filter((id) => this.linker.isExported(id))
      .map((id) => this.functionName(id));
  }

  functionsOf(name: string): FunctionId[] {
    const path = ROOT + name;
    const file = this.files.get(path);
    const id = this.ids.get(path);
    if (file === undefined || id === undefined) return [];
    return Array.from(file.hashes, (hash) => functionId(id, hash));
  }

  /** Id of the function with this key. */
  function(name: string, key: string): FunctionId {
    const file = this.files.get(ROOT + name);
    const index = file?.keys.indexOf(key) ?? -1;
    if (file === undefined || index < 0)
      throw new Error(`no function ${key} in ${name}; there are ${file?.keys.join(', ') ?? 'none'}`);
    return functionId(this.ids.get(ROOT + name) ?? (0 as FileId), file.hashes[index]);
  }

  graphOf(id: FunctionId): { readonly fn: FunctionGraph; readonly text: string } {
    const file = this.files.get(this.paths.get(fileOf(id)) ?? '');
    const index = file?.hashes.indexOf(keyHashOf(id)) ?? -1;
    if (file === undefined || index < 0) throw new Error('no such function');
    return { fn: file.graph.functions[index], text: file.text };
  }

  functionName(id: FunctionId): string {
    const path = this.paths.get(fileOf(id)) ?? '';
    const file = this.files.get(path);
    const index = file?.hashes.indexOf(keyHashOf(id)) ?? -1;
    return `${path.slice(ROOT.length)}:${file?.keys[index] ?? 'gone'}`;
  }

  describe(target: CallTarget): string {
    switch (target.kind) {
      case 'function':
        return this.functionName(target.function) + (target.convention === 'direct' ? '' : ` (${target.convention})`);
      case 'api':
        return `api ${this.automaton.describe(target.state)}${target.convention === 'direct' ? '' : ` (${target.convention})`}`;
      case 'unmodelled':
        return `unmodelled ${target.name}`;
    }
  }

  /** Everything links say, in terms that do not depend on ids or on history. */
  dump(): string[] {
    const lines: string[] = [];
    for (const name of this.names) {
      for (const id of this.functionsOf(name)) {
        const links = this.linker.linksOf(id);
        lines.push(
          `${this.functionName(id)} ${links.hash} exported=${String(this.linker.exportKindOf(id))} class=${this.linker.receiverClassOf(id) ?? ''}`,
        );
        for (const [node, targets] of links.calls)
          lines.push(`  ${String(node)} calls ${targets.map((target) => this.describe(target)).join(' | ')}`);
        for (const [node, states] of links.apis)
          lines.push(`  ${String(node)} is ${states.map((state) => this.automaton.describe(state)).join(' | ')}`);
      }
    }
    return lines;
  }

  /** Link hashes by function. */
  hashes(): Map<string, string> {
    return new Map(
      this.names.flatMap((name) =>
        this.functionsOf(name).map((id) => [this.functionName(id), this.linker.linksOf(id).hash]),
      ),
    );
  }

  /** Link states of all files as stored, by file. */
  stored(): (readonly [FileId, Uint8Array])[] {
    return this.names.flatMap((name) => {
      const id = this.ids.get(ROOT + name);
      const data = id === undefined ? undefined : this.linker.encodeFileLinks(id);
      return id === undefined || data === undefined ? [] : [[id, data] as const];
    });
  }

  /** The same files and ids in a new process, with stored link states and nothing linked. */
  restarted(): Project {
    const project = new Project({}, this.options, false);
    for (const [path, id] of this.ids) {
      project.ids.set(path, id);
      project.paths.set(id, path);
    }
    project.nextId = this.nextId;
    for (const [path, text] of this.host.files) {
      project.host.files.set(path, text);
      const file = this.files.get(path);
      if (file !== undefined) project.files.set(path, file);
    }
    Array.from(project.linker.restore(this.stored()));
    return project;
  }

  private eachNode(
    name: string,
    visit: (file: ProjectFile, fn: FunctionGraph, id: FunctionId, node: number) => void,
  ): void {
    const file = this.files.get(ROOT + name);
    if (file === undefined) throw new Error(`no file ${name}`);
    for (const [f, id] of this.functionsOf(name).entries()) {
      const fn = file.graph.functions[f];
      for (let node = 0; node < fn.op.length; node++) visit(file, fn, id, node);
    }
  }
}

/** `f(1).g(2)` → `f(1).g`: a call without its last arguments. */
function calleeText(call: string): string {
  let depth = 0;
  for (let i = call.length - 1; i >= 0; i--) {
    if (call[i] === ')') depth++;
    else if (call[i] === '(' && --depth === 0) return call.slice(0, i);
  }
  return call;
}

function unused(record: Readonly<Record<string, string>>, key: string): string {
  if (!(key in record)) return key;
  let i = 2;
  while (`${key} #${String(i)}` in record) i++;
  return `${key} #${String(i)}`;
}

export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const result = [...items];
  let state = seed * 2654435761 + 1;
  for (let i = result.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = state % (i + 1);
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}
