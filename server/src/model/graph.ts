/**
 * The flow graph: what one file says, as value flow in SSA form, independent of the language it was written in.
 *
 * A file is a list of functions; function 0 is the module body. A function is a list of nodes, numbered in
 * program order (a node's operands have smaller numbers, except for loop phis and cells, which may look ahead).
 * A node is an operation (`Op`), one integer (`aux`, meaning by operation) and operands (node numbers of the same
 * function). Edges are not stored: an operand *is* the edge. Positions stand apart, so that code which only moved
 * keeps its structure hash. Names are indexes into the file's string table; nothing here knows a path or a library.
 */
import type { ParameterBranch } from './parameterBranches';

/** Node number inside one function. */
export type NodeId = number;
/** Index into `FileGraph.strings`. */
export type StringId = number;

/** Accessors of an object literal are stored under the name of the property behind one of these. */
export const GETTER_PREFIX = 'get ';
export const SETTER_PREFIX = 'set ';

/** The operand value for "there is none" (for example a call without receiver). */
export const NONE = -1;

export enum Op {
  /** Parameter. aux: position from 0; `RECEIVER` is `this`; `ARGUMENTS` is the `arguments` object. */
  Param,
  /** Rest parameter. aux: position of its first element. The value is an array. */
  RestParam,
  /** Variable of this function that inner functions read or write. aux: index into `cells`. operands: every value this function ever assigns to it. */
  Cell,
  /** Read of an outer function's variable. aux: index into `captures`. */
  Captured,
  /** Write to an outer function's variable. aux: index into `captures`. operands: [value]. */
  CapturedWrite,
  /** Unresolved name, a global of the platform. aux: string (name). */
  Global,
  /** What a module specifier stands for (the namespace of an ESM import, the result of `require`). aux: index into `imports`. */
  Import,
  /** String constant. aux: string. */
  StringConst,
  /** Other constant (number, boolean, null, undefined, bigint). aux: string (its text). */
  Const,
  /** Regular expression literal. aux: string (`/source/flags`). */
  Regex,
  /** Join of values. operands: the values. */
  Phi,
  /** A variable's value in the branch where a test held (π-node). aux: index into `guards`. operands: [value, test]. */
  Guard,
  /** Property read. aux: string (name; array positions with constant index are names such as "0"). operands: [base]. */
  Load,
  /** Property read with a computed key. operands: [base, key]. */
  LoadElement,
  /** Property write; the node is the new version of the base. aux: string. operands: [base, value]. */
  Store,
  /** Property write with a computed key; the node is the new version of the base. operands: [base, key, value]. */
  StoreElement,
  /** All properties of source are copied (object spread, array spread); the node is the new version of the target. operands: [target, source]. */
  Copy,
  /** Object literal, before its properties are stored. */
  ObjectLiteral,
  /** Array literal, before its elements are stored (with `Store` "0", "1", … or `Copy` for spread). aux: number of elements written. */
  ArrayLiteral,
  /** String concatenation: `+` where it may be strings, template literal. operands: the parts in order, constants included. */
  Concat,
  /** Other binary operation. aux: string (operator). operands: [left, right]. */
  Binary,
  /** Unary operation other than typeof (`!`, `-`, `+`, `~`, `void`, `delete`, `typeof`, `++`, `--`). aux: string. operands: [value]. */
  Unary,
  /** Function or method call. aux: `CallFlag` bits. operands: [callee, receiver | NONE, ...arguments]. A method call's callee is the `Load`/`LoadElement` of the receiver. */
  Call,
  /** Constructor call. aux: `CallFlag` bits. operands: [callee, NONE, ...arguments]. */
  New,
  /** An argument or element that is spread. operands: [iterable]. */
  Spread,
  /** What remains of an object or array after destructuring. operands: [value]. */
  Rest,
  /** Function value. aux: function index in this file. */
  Closure,
  /** Class value, before its static members are stored. aux: class index in this file. */
  Class,
  /** `super` as a value or callee. aux: class index in this file. */
  Super,
  /** operands: [value]. */
  Await,
  /** operands: [value | NONE]. The node is what comes in by `next(value)`. aux: 1 for `yield*`. */
  Yield,
  /** operands: [value, ...variables under a guard where a boolean constant is returned]. */
  Return,
  /** operands: [value]. */
  Throw,
  /** The value a catch clause receives. operands: the Throw, Call, New and Await nodes of the try block, which may throw it. */
  Catch,
  /** A key of an object, in `for … in`. operands: [object]. */
  ForInKey,
  /** An element of an iterable, in `for … of`. operands: [iterable]. aux: 1 for `for await`. */
  Iterate,
  /** The same value with a declared or asserted type. operands: [value, type], where type is the value of the named type's root (a class, an import, …). */
  Typed,
  /** A function parameter or value that cannot be described (kept so that node numbers stay meaningful). */
  Unknown,
}

/** Keys that lead to a prototype object. Refusing one of them is taken as knowing of all. */
export const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** The one that leads there by itself. */
export const PROTO_KEYS: ReadonlySet<string> = new Set(['__proto__']);
/** Those that lead there only together. */
export const CONSTRUCTOR_KEYS: ReadonlySet<string> = new Set(['constructor', 'prototype']);

/** In the path of a guard: an element at a position that varies. */
export const TESTED_ELEMENT = '[]';
/** The property by which an object tells what made it. */
export const CONSTRUCTOR = 'constructor';

/** Methods that tell where something is, and -1 where it is not. */
export const POSITION_METHODS: ReadonlySet<string> = new Set(['indexOf', 'lastIndexOf', 'search', 'findIndex']);

/** Methods of lists that call a function with an element and its position. */
export const EACH_METHODS: ReadonlySet<string> = new Set([
  'forEach',
  'map',
  'filter',
  'some',
  'every',
  'find',
  'flatMap',
]);

export const RECEIVER = -1;
export const ARGUMENTS = -2;

export enum CallFlag {
  Optional = 1,
  /** Tagged template: argument 0 is the array of constant parts, the others are the values. */
  TaggedTemplate = 2,
  /** JSX element: callee is the component, or `Load` of the global `@jsx` by tag name; argument 0 is the object of attributes; children are stored under "children". */
  Jsx = 4,
  /** Decorator application: argument 0 is what is decorated. */
  Decorator = 8,
  /** `super(…)`. */
  SuperCall = 16,
}

export enum FunctionFlag {
  Async = 1,
  Generator = 2,
  Arrow = 4,
  Method = 8,
  Getter = 16,
  Setter = 32,
  Constructor = 64,
  Static = 128,
  Module = 256,
  /** The body was damaged by a syntax error. */
  Partial = 512,
  /** Part of the body was left out because a limit was hit. */
  Truncated = 1024,
  /** A method that only its own class may call. */
  Private = 2048,
}

/** What a guard's test says about the value. */
export enum Test {
  /** `value === constant` (loose equality and switch cases too). `constant` is set. */
  Equals,
  /** `typeof value === constant`. */
  Typeof,
  /** `value in object`; the test node is the Binary `in`. */
  In,
  /** `value instanceof X`. `constant` is the name of X where that is a global. */
  Instanceof,
  /** `<`, `<=`, `>`, `>=`. */
  Compare,
  /** The value is an argument (`argument` ≥ 0) or the receiver (`RECEIVER`) of a call whose result was true. */
  Call,
  /** `value === other`, neither side constant. */
  EqualsValue,
  /** The value is an argument (or the receiver) of a call that did not throw; polarity: its promise was waited for. */
  Returned,
  /**
   * What was tested was made of the value, by a call: `new URL(value).host === 'a.example'`. The test node is the comparison, the call
   * or, where a property of what the call gave was the condition, the read of it; polarity: it was equal, or true.
   */
  Behind,
  /** A loop went through all elements of the value, and left none out. The test node is the element, or the list, as the end of a round knows it. */
  Each,
  /**
   * The value may be `constructor`, but what an object has under that name was found to be no function. The test node is the comparison of its type; polarity is false.
   */
  NoConstructor,
}

/** As `constant` of a `Test.Call`: the call's result was 0 (found at the beginning), or equal to something that is no constant. */
export const FIRST = '0';
export const EQUAL = '=';
/** As `constant` of a `Test.Typeof`: the value has a method that texts have, so where the test did not hold it is none. */
export const TEXT = 'a text';

export interface GuardFacts {
  readonly test: Test;
  /** True where the test held, false where it did not. */
  readonly polarity: boolean;
  /**
   * Which part of the value was tested, as property names from the value; empty for the value itself. `TESTED_ELEMENT` at its end, or before `CONSTRUCTOR`, is the
   * element whose read the test has as operand.
   */
  readonly path: readonly StringId[];
  /** For `Test.Call`: position of the tested value among the arguments, or `RECEIVER`. Otherwise 0. */
  readonly argument: number;
  /** The constant compared with, or NONE. */
  readonly constant: StringId;
}

/** A variable of an outer function, seen from an inner one. */
export interface CaptureFacts {
  /** Index in this file of the function that declares the variable. */
  readonly owner: number;
  /** Index into the owner's `cells`. */
  readonly cell: number;
}

export interface FunctionGraph {
  /**
   * Container path and role, such as `class Cart / method add / arrow items`; unique in the file. An ordinal
   * (`#2`) is appended only among true twins. Inserting another function never changes it.
   */
  readonly key: string;
  /** The name a person would call it by; empty for anonymous functions. */
  readonly name: StringId;
  /** `FunctionFlag` bits. */
  readonly flags: number;
  /** Index of the enclosing function, NONE for the module. */
  readonly parent: number;
  /** Index of the class it is a member of, or NONE. */
  readonly classIndex: number;
  /** Parameter names, for display; empty string where destructured. */
  readonly parameters: readonly StringId[];
  /** Names of own variables that inner functions use, by cell index. */
  readonly cells: readonly StringId[];
  readonly captures: readonly CaptureFacts[];
  readonly guards: readonly GuardFacts[];
  /** Branches that run by what parameters are given; absent where there are none. */
  readonly branches?: readonly ParameterBranch[] | undefined;
  readonly op: Uint8Array;
  readonly aux: Int32Array;
  /** operands of node n: `operands[operandStart[n] … operandStart[n + 1])`. Length: nodes + 1. */
  readonly operandStart: Uint32Array;
  readonly operands: Int32Array;
  /** UTF-16 offsets of each node in the file. For calls the whole call expression; for loads the whole member expression. */
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  /** Whole function, and its name (or the keyword / parameter list where anonymous), as UTF-16 offsets. */
  readonly range: readonly [start: number, end: number];
  readonly nameRange: readonly [start: number, end: number];
  /** Hash of everything but positions, over string content rather than ids: 16 hex digits. Equal hash, equal behaviour. */
  readonly structureHash: string;
}

export interface ClassMember {
  readonly name: StringId;
  readonly isStatic: boolean;
  /** Function index of the method or accessor. Fields are stores in the constructor (or on the Class node if static). */
  readonly functionIndex: number;
}

export interface ClassFacts {
  readonly name: StringId;
  /** Function in which the class is declared and the node of its `Class` op there. */
  readonly functionIndex: number;
  readonly node: NodeId;
  /** Function index of the constructor, synthesized if only fields need it; NONE otherwise. */
  readonly constructorIndex: number;
  /** Node (in the declaring function) of the superclass expression, or NONE. */
  readonly superNode: NodeId;
  readonly members: readonly ClassMember[];
}

export type ImportKind = 'import' | 'require' | 'dynamic' | 'reexport';

export interface ImportFacts {
  /** The specifier as written. */
  readonly specifier: StringId;
  readonly kind: ImportKind;
  readonly typeOnly: boolean;
  readonly start: number;
  readonly end: number;
}

/** A decorator, so that domain rules can read them without walking. */
export interface DecoratorFacts {
  /** Function in which the decorator expression is evaluated, and its node (a Call or a reference). */
  readonly functionIndex: number;
  readonly node: NodeId;
  readonly target: 'class' | 'member' | 'parameter';
  readonly classIndex: number;
  /** The decorated function, or NONE. */
  readonly targetFunction: number;
  readonly parameter: number;
}

/**
 * The exports of a file are the value its module function returns: the last node of function 0 with `Op.Return`
 * is the exports object. ESM exports are stores of the exported name (`default` for the default export) on an
 * ObjectLiteral; `module.exports = v` replaces it; `export * from` is a Copy from the Import.
 */
export interface FileGraph {
  readonly dialect: Dialect;
  readonly strings: readonly string[];
  readonly functions: readonly FunctionGraph[];
  readonly classes: readonly ClassFacts[];
  readonly imports: readonly ImportFacts[];
  readonly decorators: readonly DecoratorFacts[];
  /** True when the file uses import/export syntax. */
  readonly isEsm: boolean;
  /** UTF-16 offsets of the first character of each line. */
  readonly lineStarts: Uint32Array;
  /** Ranges that could not be parsed, as offsets; empty when the file is whole. */
  readonly lost: readonly (readonly [start: number, end: number])[];
  /** What was left out because of a limit, one sentence each; empty normally. */
  readonly limits: readonly string[];
}

/** How a text is read. Of `vue`, `svelte`, `astro` and `html` scripts are a part. */
export type Dialect =
  'js' | 'jsx' | 'ts' | 'tsx' | 'mjs' | 'cjs' | 'mts' | 'cts' | 'dts' | 'py' | 'vue' | 'svelte' | 'astro' | 'html';
