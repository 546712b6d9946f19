/**
 * What linking tells the solver: for each call its targets, for each value the place in a library's API it stands
 * for, and which functions a package offers to the outside. Linking answers with plain data and knows no taint.
 */
import type { ApiState, FileId, FunctionId } from './ids';
import type { NodeId } from './graph';

/**
 * How the arguments of a call meet the parameters of its target.
 * direct: as written. construct: `new`; the result is the receiver. call: argument 0 is the receiver, the rest
 * follow. apply: argument 0 is the receiver, the elements of argument 1 are the arguments. bound: `f.bind(t, a…)`
 * evaluated; `bound` arguments come first. accessor: a property read or write that runs a getter or setter.
 */
export type Convention = 'direct' | 'construct' | 'call' | 'apply' | 'bound' | 'accessor';

export interface FunctionTarget {
  readonly kind: 'function';
  readonly function: FunctionId;
  readonly convention: Convention;
}

export interface ApiTarget {
  readonly kind: 'api';
  /** The state of the callee itself; its effects on arguments and result are the model's. */
  readonly state: ApiState;
  readonly convention: Convention;
}

/** A package or platform object is known to be called, but no model speaks of it. */
export interface UnmodelledTarget {
  readonly kind: 'unmodelled';
  /** For display: `left-pad` or `fs.frobnicate`. */
  readonly name: string;
}

export type CallTarget = FunctionTarget | ApiTarget | UnmodelledTarget;

/** Link result of one function. Maps are sparse: a node that is absent has no answer. */
export interface FunctionLinks {
  /** Targets of Call, New and accessor nodes, sorted and without duplicates. An Import node's target is the module function of the file it resolves to, convention `direct`. */
  readonly calls: ReadonlyMap<NodeId, readonly CallTarget[]>;
  /** API states of nodes where an API value *enters* the function: Param, RestParam, Global, Import, Call, New, Captured, Typed, Load of an unlinked base. */
  readonly apis: ReadonlyMap<NodeId, readonly ApiState[]>;
  /** Parameters that are values which functions share, by position: their API states. */
  readonly shared: ReadonlyMap<number, readonly ApiState[]>;
  /** Hash of all of the above in stable terms (paths, keys, API paths; no ids): equal hash, equal links. */
  readonly hash: string;
}

/** What a walk over the links of a file tells, in the order of its functions; a target may come more than once. */
export interface LinkVisitor {
  /** A call, accessor or import in a function, at a node of it, may run another one. */
  call?(caller: FunctionId, target: FunctionId, node: NodeId): void;
  /** A call in a function goes to a place in an API. */
  apiCall?(caller: FunctionId, state: ApiState): void;
  /** An API value enters a function at one of its nodes. */
  state?(holder: FunctionId, state: ApiState): void;
  /** A parameter of a function is a value that functions share. */
  shared?(holder: FunctionId, position: number, state: ApiState): void;
}

/** The solver's window on linking. All answers are pure functions of the current snapshot. */
export interface LinkView {
  linksOf(id: FunctionId): FunctionLinks;
  /** Goes through the links of all functions of a file, without making objects of them. */
  eachLink(file: FileId, visit: LinkVisitor): void;
  /** Another object when the links of a file may be other ones; undefined for a file without any. */
  linkVersionOf(file: FileId): object | undefined;
  /** All functions of a file in its order, those without links too; undefined for a file that linking does not know. */
  functionsOf(file: FileId): readonly FunctionId[] | undefined;
  /** A number that files of one package have in common. */
  packageOf(file: FileId): number;
  /** `receiverClassOf` of all functions of a file of which it says something. */
  receiversIn(file: FileId): ReadonlyMap<FunctionId, string>;
  /** `madeClassOf` of all functions of a file of which it says something. */
  madeIn(file: FileId): ReadonlyMap<FunctionId, string>;
  /**
   * Functions that the property `path` of the value of `node` in function `id` stands for (an empty path is the
   * value itself). Used where a callee calls something it was given: the caller looks up what it gave.
   * Components are property names; other components end the search with no answer.
   */
  functionsAt(id: FunctionId, node: NodeId, path: readonly string[]): readonly FunctionTarget[];
  /** True when code outside the package can call this function: it is exported from an entry point, directly or as a member. */
  isExported(id: FunctionId): boolean;
  /** Stable name of the class whose methods share fields through `this` with this function, or undefined. Inherited classes answer with their topmost base in the workspace. */
  receiverClassOf(id: FunctionId): string | undefined;
  /** The same name of the class of which a function gives back a new instance (or of the object with methods that it makes), or undefined. */
  madeClassOf(id: FunctionId): string | undefined;
}

/** Stands for any position of a collection whose elements models describe; no model names it. */
export const ANY_POSITION = String(2 ** 31);

/** Exports that a framework calls because of their name and that of their file. */
export interface ExportConvention {
  /** Stable name; as the name of a package (`packageRoot`) it gives the state of such an export. */
  readonly key: string;
  /** Names of exports; `*` for all. */
  readonly exports: readonly string[];
  /** Whether it is about a file at this path. */
  isAbout(path: string): boolean;
  /** Whether the package is one that brings the convention. */
  isOf(packageName: string): boolean;
}

/** What a call does with the elements of an argument: they become a parameter of a function among the arguments, or the result. */
export interface HandedOn {
  readonly from: number;
  readonly to: { readonly argument: number; readonly parameter: number } | 'result';
}

/**
 * The compiled models as linking sees them: an automaton over API paths. Stepping to a place no model speaks of
 * gives `NO_API`.
 */
export interface ApiAutomaton {
  /** Identity of the model set; links and summaries made with another are invalid. */
  readonly hash: string;
  readonly conventions?: readonly ExportConvention[];
  /** Root of a package's exports (`express`, `fs`; the `node:` prefix is removed, subpaths are `lodash/merge`). */
  packageRoot(specifier: string): ApiState;
  global(name: string): ApiState;
  member(state: ApiState, name: string): ApiState;
  element(state: ApiState): ApiState;
  returnValue(state: ApiState): ApiState;
  instance(state: ApiState): ApiState;
  awaited(state: ApiState): ApiState;
  /** State of parameter `parameter` (or `RECEIVER`) of a function given as argument `argument` (of `count` arguments) to a call of `state`. */
  callbackParameter(
    state: ApiState,
    argument: number,
    count: number,
    parameter: number,
    callbackParameterCount: number,
  ): ApiState;
  /** State of argument `argument` of a call of `state`, for objects whose members are callbacks (`{ onData(x) {} }`). */
  argument(state: ApiState, argument: number, count: number): ApiState;
  /** State of a parameter of a callback that sits at `state`. */
  parameter(state: ApiState, parameter: number): ApiState;
  /**
   * Position of the argument that the result of calling `state` behaves like when it is called or used in turn
   * (`promisify(f)`, `Object.freeze(o)`, `asyncHandler(f)`), or -1. A wrapped function given as a callback is the callback itself.
   */
  passesThrough?(state: ApiState): number;
  /** Argument positions, where a call of `state` copies properties of the arguments from `from` on to argument `to`. */
  copies?(state: ApiState): { readonly from: number; readonly to: number } | undefined;
  /** Arguments of which a call of `state` hands the elements on. */
  handedOn?(state: ApiState): readonly HandedOn[];
  /** True where no step leads further and nothing is said of calling it: a value that is at most a source. */
  isData?(state: ApiState): boolean;
  /** True for values of which functions that are given one share what they write on it (requests, contexts). */
  isShared?(state: ApiState): boolean;
  /** Stable text of a state, such as `express.Member[get]`, for hashing and display. */
  describe(state: ApiState): string;
}
