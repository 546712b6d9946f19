/**
 * What the solver asks of calls between functions beside a function's own links: who calls a function, who reads a captured
 * variable, and which functions hold sources of a kind. Worked out from the links, by file.
 */
import { NONE, Op } from '../model/graph';
import { fileOf, type FileId, type FunctionId } from '../model/ids';
import type { LinkView } from '../model/links';
import type { ModelView } from '../model/summary';
import { EXPORTS_CELL, sourcesRoot, type ReferenceTable, type Root } from '../taint/references';
import type { FileFunctions, FunctionBodies } from './functionBodies';

export interface CallGraphHost {
  readonly bodies: FunctionBodies;
  readonly links: LinkView;
  readonly models: ModelView;
  readonly references: ReferenceTable;
}

const NOBODY: readonly FunctionId[] = [];

export class CallGraph {
  /** Files with a call of a function, or an import of a module by its body; more than these do no harm. */
  private readonly callers = new Map<FunctionId, Set<FileId>>();
  /** Readers of captured variables by `owner:cell`, while a file's functions are at hand. */
  private readonly captures = new WeakMap<FileFunctions, Map<string, FunctionId[]>>();

  constructor(private readonly host: CallGraphHost) {}

  /** A function is new, or its links changed. */
  note(id: FunctionId): void {
    const file = fileOf(id);
    for (const targets of this.host.links.linksOf(id).calls.values()) {
      for (const target of targets) {
        if (target.kind !== 'function') continue;
        const files = this.callers.get(target.function);
        if (files === undefined) this.callers.set(target.function, new Set([file]));
        else files.add(file);
      }
    }
  }

  /** Functions that call this one, import the module whose body it is, or make it. */
  *callersOf(id: FunctionId): Generator<FunctionId> {
    const { bodies, links } = this.host;
    for (const file of this.callers.get(id) ?? []) {
      for (const caller of bodies.file(file)?.ids ?? NOBODY) {
        for (const targets of links.linksOf(caller).calls.values()) {
          if (!targets.some((target) => target.kind === 'function' && target.function === id)) continue;
          yield caller;
          break;
        }
      }
    }
    const body = bodies.body(id);
    if (body !== undefined && body.graph.parent !== NONE) yield body.functionIds(body.graph.parent);
  }

  /** Functions that this one calls, imports or makes. */
  calleesOf(id: FunctionId): ReadonlySet<FunctionId> {
    const result = new Set<FunctionId>();
    const body = this.host.bodies.body(id);
    if (body === undefined) return result;
    for (const targets of this.host.links.linksOf(id).calls.values()) {
      for (const target of targets) if (target.kind === 'function') result.add(target.function);
    }
    const { op, aux } = body.graph;
    for (let node = 0; node < op.length; node++) if (op[node] === Op.Closure) result.add(body.functionIds(aux[node]));
    return result;
  }

  /** Functions that name a captured variable; those that import the module, for its exports. */
  readersOf(cell: Root): Iterable<FunctionId> {
    const { bodies, references } = this.host;
    const { owner, cell: number } = references.cellOf(cell);
    if (number === EXPORTS_CELL) return this.callersOf(owner);
    const functions = bodies.file(fileOf(owner));
    if (functions === undefined) return NOBODY;
    let captures = this.captures.get(functions);
    if (captures === undefined) this.captures.set(functions, (captures = capturesIn(functions)));
    return captures.get(`${String(owner)}:${String(number)}`) ?? NOBODY;
  }

  /** Whether the function's file has the name of a property in it. */
  private names(id: FunctionId, component: string): boolean {
    const functions = this.host.bodies.file(fileOf(id));
    if (functions === undefined) return false;
    let known = names.get(functions);
    if (known === undefined) names.set(functions, (known = new Set(functions.reader.strings)));
    return component.startsWith('[') || known.has(component);
  }

  /** Questions after the sources of these kinds that a function holds itself. */
  sourceRootsOf(id: FunctionId, wanted: number): ReadonlySet<Root> {
    const { links, models } = this.host;
    const found = new Set<Root>();
    const note = (sources: readonly { readonly kinds: number }[]): void => {
      for (const { kinds } of sources) if ((kinds & wanted) !== 0) found.add(sourcesRoot(kinds));
    };
    const { apis, calls } = links.linksOf(id);
    for (const states of apis.values()) {
      for (const state of states) {
        // What lies in a property is a source where that is read, which only files do that name it.
        note(models.valueSources(state).filter(({ path }) => path.length === 0 || this.names(id, path[0])));
      }
    }
    for (const targets of calls.values()) {
      for (const target of targets) {
        if (target.kind !== 'api') continue;
        note(models.callModel(target.state, false).sources);
        note(models.callModel(target.state, true).sources);
      }
    }
    return found;
  }
}

const names = new WeakMap<FileFunctions, ReadonlySet<string>>();

function capturesIn(functions: FileFunctions): Map<string, FunctionId[]> {
  const result = new Map<string, FunctionId[]>();
  for (const [index, id] of functions.ids.entries()) {
    for (const { owner, cell } of functions.graphOf(index).captures) {
      const key = `${String(functions.ids[owner])}:${String(cell)}`;
      const readers = result.get(key);
      if (readers === undefined) result.set(key, [id]);
      else readers.push(id);
    }
  }
  return result;
}
