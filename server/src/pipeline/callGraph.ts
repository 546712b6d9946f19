/**
 * What the solver asks of calls between functions beside a function's own links: who calls a function, who reads a captured
 * variable, and which functions hold sources of a kind. Worked out from the links, by file.
 */
import { NumberMap } from '../base/numberMap';
import { NONE, Op } from '../model/graph';
import { fileOf, type ApiState, type FileId, type FunctionId } from '../model/ids';
import type { LinkView, LinkVisitor } from '../model/links';
import type { ModelView, ValueSource } from '../model/summary';
import { EXPORTS_CELL, sourcesRoot, type ReferenceTable, type Root } from '../taint/references';
import type { FileFunctions, FunctionBodies } from './functionBodies';
import { NamedProperties } from './namedProperties';

export interface CallGraphHost {
  readonly bodies: FunctionBodies;
  readonly links: LinkView;
  readonly models: ModelView;
  readonly references: ReferenceTable;
}

/** What a row below zero says: the function calls an API that has sources, or holds an API value that has. */
const enum RowKind {
  ApiCall,
  State,
}

const apiRow = (kind: RowKind, state: ApiState): number => -1 - (state * 2 + kind);
const kindOfRow = (row: number): RowKind => (-1 - row) % 2;
const stateOfRow = (row: number): ApiState => ((-1 - row - kindOfRow(row)) / 2) as ApiState;

/** The links of a file in rows, function by function: the function that is called or imported, or `apiRow`. */
class FileRows {
  /** Functions with rows. */
  holders: readonly FunctionId[] = [];
  /** Where the rows of each begin. */
  starts: readonly number[] = [];
  values: readonly number[] = [];
  /** Whether any row is not a call of a function. */
  hasSources = false;
  private places: Map<FunctionId, number> | undefined;

  /** `version` is what they were read from. */
  constructor(readonly version: object) {}

  /** Number of a function among the holders; -1 for one without rows. */
  placeOf(id: FunctionId): number {
    if (this.holders.length <= FEW_HOLDERS) return this.holders.indexOf(id);
    this.places ??= new Map(this.holders.map((holder, place) => [holder, place]));
    return this.places.get(id) ?? -1;
  }

  /** Where the rows of a holder end. */
  end(place: number): number {
    return place + 1 < this.starts.length ? this.starts[place + 1] : this.values.length;
  }
}

/** Gathers the rows of one file after the other. */
class RowReader implements LinkVisitor {
  private readonly holders: FunctionId[] = [];
  private readonly starts: number[] = [];
  private readonly values: number[] = [];
  private hasSources = false;

  /** Says whether calls of an API, or the value itself, bring in something. */
  constructor(private readonly sources: Pick<CallGraph, 'hasCallSources' | 'hasStateSources'>) {}

  call(holder: FunctionId, target: FunctionId): void {
    this.add(holder, target);
  }

  apiCall(holder: FunctionId, state: ApiState): void {
    if (this.sources.hasCallSources(state)) this.addSource(holder, apiRow(RowKind.ApiCall, state));
  }

  state(holder: FunctionId, state: ApiState): void {
    if (this.sources.hasStateSources(state)) this.addSource(holder, apiRow(RowKind.State, state));
  }

  /** Fills the rows of a file. Copies have no room for more, unlike lists that grew. */
  read(file: FileId, links: LinkView, rows: FileRows): void {
    this.holders.length = this.starts.length = this.values.length = 0;
    this.hasSources = false;
    links.eachLink(file, this);
    rows.holders = this.holders.slice();
    rows.starts = this.starts.slice();
    rows.values = this.values.slice();
    rows.hasSources = this.hasSources;
  }

  private addSource(holder: FunctionId, row: number): void {
    this.hasSources = true;
    this.add(holder, row);
  }

  private add(holder: FunctionId, row: number): void {
    const { holders } = this;
    if (holders.length === 0 || holders[holders.length - 1] !== holder) {
      holders.push(holder);
      this.starts.push(this.values.length);
    }
    this.values.push(row);
  }
}

/** So many are looked through one by one. */
const FEW_HOLDERS = 12;
const NOBODY: readonly FunctionId[] = [];
const NO_ROOTS: ReadonlySet<Root> = new Set();

/** In the table of callers: nobody, and one less than that the first of the lists. */
const NO_CALLER = -1;
const FIRST_LIST = -2;

export class CallGraph {
  /**
   * Files with a call of a function, or an import of a module by its body; more than these do no harm. Most functions are called in one
   * file: its id, or `FIRST_LIST` less the number of a list of them.
   */
  private readonly callers = new NumberMap(1024);
  private readonly callerLists: Set<FileId>[] = [];
  /** Files whose links may name functions that `callers` does not know of. */
  private readonly unread = new Set<FileId>();
  private readonly rows = new Map<FileId, FileRows>();
  /** Readers of captured variables by root, while a file's functions are at hand. */
  private readonly captures = new WeakMap<FileFunctions, Map<Root, FunctionId[]>>();
  /** API states of which calls, or the value itself, bring in something; every source of the models may be wanted some day. */
  private readonly callSources = new Map<ApiState, boolean>();
  private readonly stateSources = new Map<ApiState, boolean>();
  private readonly reader = new RowReader(this);
  private readonly named: NamedProperties;

  constructor(private readonly host: CallGraphHost) {
    const { bodies, models } = host;
    this.named = new NamedProperties(models.methodSources.keys(), (file) => bodies.file(file)?.reader.strings);
  }

  /** A file is new, or links of functions in it changed. */
  note(file: FileId): void {
    this.unread.add(file);
    this.named.forget(file);
  }

  /** A file is gone. */
  forget(file: FileId): void {
    this.unread.delete(file);
    this.rows.delete(file);
    this.named.forget(file);
  }

  /** Functions that call this one, import the module whose body it is, or make it. */
  callersOf(id: FunctionId): FunctionId[] {
    this.readAll();
    const result: FunctionId[] = [];
    const first = this.callers.get(id, NO_CALLER);
    if (first >= 0) this.callersIn(first as FileId, id, result);
    else if (first <= FIRST_LIST)
      for (const file of this.callerLists[FIRST_LIST - first]) this.callersIn(file, id, result);
    const { bodies } = this.host;
    const body = bodies.body(id);
    if (body !== undefined && body.graph.parent !== NONE) result.push(body.functionIds(body.graph.parent));
    return result;
  }

  /** Whether any call may run the function. */
  isCalled(id: FunctionId): boolean {
    this.readAll();
    const first = this.callers.get(id, NO_CALLER);
    const files = first >= 0 ? [first as FileId] : first <= FIRST_LIST ? this.callerLists[FIRST_LIST - first] : [];
    const result: FunctionId[] = [];
    for (const file of files) this.callersIn(file, id, result);
    return result.length > 0;
  }

  private callersIn(file: FileId, id: FunctionId, result: FunctionId[]): void {
    const rows = this.rowsOf(file);
    if (rows === undefined) return;
    const { holders, values } = rows;
    for (let at = values.indexOf(id); at >= 0; at = values.indexOf(id, at)) {
      const place = this.holderAt(rows, at);
      result.push(holders[place]);
      at = rows.end(place);
    }
  }

  /** Number of the holder of a row. */
  private holderAt({ starts }: FileRows, row: number): number {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (starts[middle] <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Functions that this one calls, imports or makes. */
  calleesOf(id: FunctionId): ReadonlySet<FunctionId> {
    const result = new Set<FunctionId>();
    const body = this.host.bodies.body(id);
    if (body === undefined) return result;
    const rows = this.rowsOf(fileOf(id));
    const place = rows?.placeOf(id) ?? -1;
    if (rows !== undefined && place >= 0) {
      for (let i = rows.starts[place]; i < rows.end(place); i++)
        if (rows.values[i] >= 0) result.add(rows.values[i] as FunctionId);
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
    if (captures === undefined) this.captures.set(functions, (captures = capturesIn(functions, references)));
    return captures.get(cell) ?? NOBODY;
  }

  /** Questions after the sources of these kinds that a function holds itself. */
  sourceRootsOf(id: FunctionId, wanted: number): ReadonlySet<Root> {
    const { models } = this.host;
    const file = fileOf(id);
    const rows = this.rowsOf(file);
    const place = rows?.hasSources === true ? rows.placeOf(id) : -1;
    if (place < 0 && models.methodSources.size === 0) return NO_ROOTS;
    const found = new Set<Root>();
    const note = (sources: readonly { readonly kinds: number }[]): void => {
      for (const { kinds } of sources) if ((kinds & wanted) !== 0) found.add(sourcesRoot(kinds));
    };
    if (rows !== undefined && place >= 0) {
      for (let i = rows.starts[place]; i < rows.end(place); i++) {
        const row = rows.values[i];
        if (row >= 0) continue;
        const state = stateOfRow(row);
        // What lies in a property is a source where that is read, which only files do that name it.
        const isHere = ({ path, kinds }: ValueSource): boolean =>
          (kinds & wanted) !== 0 && (path.length === 0 || path[0].startsWith('[') || this.named.has(file, path[0]));
        if (kindOfRow(row) === RowKind.State) note(models.valueSources(state).filter(isHere));
        else {
          note(models.callModel(state, false).sources);
          note(models.callModel(state, true).sources);
        }
      }
    }
    // A method by its name alone may be called on any value.
    for (const [name, kinds] of models.methodSources) {
      if (!kinds.some((kind) => (kind & wanted) !== 0 && !found.has(sourcesRoot(kind)))) continue;
      if (this.named.has(file, name)) note(kinds.map((kind) => ({ kinds: kind })));
    }
    return found;
  }

  hasCallSources(state: ApiState): boolean {
    let has = this.callSources.get(state);
    if (has === undefined) {
      const { models } = this.host;
      has = models.callModel(state, false).sources.length + models.callModel(state, true).sources.length > 0;
      this.callSources.set(state, has);
    }
    return has;
  }

  hasStateSources(state: ApiState): boolean {
    let has = this.stateSources.get(state);
    if (has === undefined) this.stateSources.set(state, (has = this.host.models.valueSources(state).length > 0));
    return has;
  }

  private readAll(): void {
    if (this.unread.size === 0) return;
    const steps = this.readInSteps();
    while (steps.next().done !== true);
  }

  /** Reads who calls whom in small steps. The first to ask would have to wait for all files otherwise. */
  *readInSteps(): Generator<void, void, undefined> {
    for (const file of this.unread) {
      this.unread.delete(file);
      const rows = this.rowsOf(file);
      if (rows === undefined) continue;
      for (const row of rows.values) if (row >= 0) this.addCaller(row, file);
      yield;
    }
  }

  private addCaller(target: number, file: FileId): void {
    const { callers, callerLists } = this;
    const first = callers.get(target, NO_CALLER);
    if (first === file) return;
    if (first === NO_CALLER) callers.set(target, file);
    else if (first >= 0) {
      callers.set(target, FIRST_LIST - callerLists.length);
      callerLists.push(new Set([first as FileId, file]));
    } else callerLists[FIRST_LIST - first].add(file);
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
    const rows = new FileRows(version);
    this.reader.read(file, links, rows);
    this.rows.set(file, rows);
    return rows;
  }
}

function capturesIn(functions: FileFunctions, references: ReferenceTable): Map<Root, FunctionId[]> {
  const result = new Map<Root, FunctionId[]>();
  for (const [index, id] of functions.ids.entries()) {
    for (const { owner, cell } of functions.reader.captures(index)) {
      const root = references.cell(functions.ids[owner], cell);
      const readers = result.get(root);
      if (readers === undefined) result.set(root, [id]);
      else readers.push(id);
    }
  }
  return result;
}
