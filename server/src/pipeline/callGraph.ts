/**
 * What the solver asks of calls between functions beside a function's own links: who calls a function, who reads a captured
 * variable, and which functions hold sources of a kind. Worked out from the links, by file.
 */
import { NONE, Op } from '../model/graph';
import { fileOf, type ApiState, type FileId, type FunctionId } from '../model/ids';
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

/** What a row says: the function calls (or imports) another one, calls an API, or holds an API value. */
const enum RowKind {
  Call,
  ApiCall,
  State,
}

/** The links of a file, in rows of holder, kind and target or state, function by function. */
interface FileRows {
  /** What they were read from. */
  readonly version: object;
  readonly holders: readonly FunctionId[];
  readonly kinds: readonly RowKind[];
  readonly values: readonly number[];
  /** By holder. */
  readonly starts: ReadonlyMap<FunctionId, number>;
}

const NOBODY: readonly FunctionId[] = [];

export class CallGraph {
  /** Files with a call of a function, or an import of a module by its body; more than these do no harm. */
  private readonly callers = new Map<FunctionId, Set<FileId>>();
  /** Files whose links may name functions that `callers` does not know of. */
  private readonly unread = new Set<FileId>();
  private readonly rows = new Map<FileId, FileRows>();
  /** Readers of captured variables by `owner:cell`, while a file's functions are at hand. */
  private readonly captures = new WeakMap<FileFunctions, Map<string, FunctionId[]>>();

  constructor(private readonly host: CallGraphHost) {}

  /** A function is new, or its links changed. */
  note(id: FunctionId): void {
    this.unread.add(fileOf(id));
  }

  /** Functions that call this one, import the module whose body it is, or make it. */
  *callersOf(id: FunctionId): Generator<FunctionId> {
    this.readAll();
    for (const file of this.callers.get(id) ?? []) {
      const rows = this.rowsOf(file);
      if (rows === undefined) continue;
      const { holders, kinds, values } = rows;
      for (let i = 0, last = -1; i < values.length; i++) {
        if (values[i] !== id || kinds[i] !== RowKind.Call || holders[i] === last) continue;
        last = holders[i];
        yield holders[i];
      }
    }
    const { bodies } = this.host;
    const body = bodies.body(id);
    if (body !== undefined && body.graph.parent !== NONE) yield body.functionIds(body.graph.parent);
  }

  /** Functions that this one calls, imports or makes. */
  calleesOf(id: FunctionId): ReadonlySet<FunctionId> {
    const result = new Set<FunctionId>();
    const body = this.host.bodies.body(id);
    if (body === undefined) return result;
    this.eachRow(id, (kind, value) => {
      if (kind === RowKind.Call) result.add(value as FunctionId);
    });
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
    const { models } = this.host;
    const found = new Set<Root>();
    const note = (sources: readonly { readonly kinds: number }[]): void => {
      for (const { kinds } of sources) if ((kinds & wanted) !== 0) found.add(sourcesRoot(kinds));
    };
    this.eachRow(id, (kind, value) => {
      const state = value as ApiState;
      // What lies in a property is a source where that is read, which only files do that name it.
      if (kind === RowKind.State)
        note(models.valueSources(state).filter(({ path }) => path.length === 0 || this.names(id, path[0])));
      else if (kind === RowKind.ApiCall) {
        note(models.callModel(state, false).sources);
        note(models.callModel(state, true).sources);
      }
    });
    // A method by its name alone may be called on any value.
    for (const [name, kinds] of models.methodSources)
      if (this.names(id, name)) note(kinds.map((kind) => ({ kinds: kind })));
    return found;
  }

  private eachRow(id: FunctionId, visit: (kind: RowKind, value: number) => void): void {
    const rows = this.rowsOf(fileOf(id));
    if (rows === undefined) return;
    const { holders, kinds, values } = rows;
    for (let i = rows.starts.get(id) ?? values.length; i < values.length && holders[i] === id; i++)
      visit(kinds[i], values[i]);
  }

  private readAll(): void {
    for (const file of this.unread) {
      const rows = this.rowsOf(file);
      if (rows === undefined) continue;
      for (let i = 0; i < rows.values.length; i++) {
        if (rows.kinds[i] !== RowKind.Call) continue;
        const target = rows.values[i] as FunctionId;
        const files = this.callers.get(target);
        if (files === undefined) this.callers.set(target, new Set([file]));
        else files.add(file);
      }
    }
    this.unread.clear();
  }

  private rowsOf(file: FileId): FileRows | undefined {
    const { links } = this.host;
    const version = links.linkVersionOf(file);
    if (version === undefined) {
      this.rows.delete(file);
      return undefined;
    }
    const known = this.rows.get(file);
    if (known?.version === version) return known;
    const holders: FunctionId[] = [];
    const kinds: RowKind[] = [];
    const values: number[] = [];
    const starts = new Map<FunctionId, number>();
    const add = (holder: FunctionId, kind: RowKind, value: number): void => {
      if (holders.length === 0 || holders[holders.length - 1] !== holder) starts.set(holder, holders.length);
      holders.push(holder);
      kinds.push(kind);
      values.push(value);
    };
    links.eachLink(file, {
      call: (holder, target) => {
        add(holder, RowKind.Call, target);
      },
      apiCall: (holder, state) => {
        add(holder, RowKind.ApiCall, state);
      },
      state: (holder, state) => {
        add(holder, RowKind.State, state);
      },
    });
    const rows: FileRows = { version, holders, kinds, values, starts };
    this.rows.set(file, rows);
    return rows;
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
