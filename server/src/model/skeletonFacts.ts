/**
 * The skeleton of a file: what linking needs of its flow graph, and nothing else. Values are *terms*, symbolic and
 * hash-consed; calls, property writes, returns, classes and exports refer to terms. All tables are parallel typed
 * arrays, packed by `skeletonCodec.ts`, so that linking fifty thousand files never decodes a flow graph. Knows no
 * language: receivers, members and calls mean what the flow graph means by them.
 */
import type { StringId } from './graph';

/** Index into the term tables; `NO_TERM` is a value linking can say nothing about (a number, a text). */
export type Term = number;
export const NO_TERM: Term = 0;

export enum TermKind {
  None,
  /** a: function index. */
  Function,
  /** a: class index. */
  Class,
  /** a: index into the object tables. */
  Object,
  /** a: import index. */
  Import,
  /** a: string (name). */
  Global,
  /** a: function index; b: position, or `RECEIVER`. */
  Param,
  /** All arguments from a position on, as an array. a: function index; b: position. */
  RestParam,
  /** A property. a: base term; b: string (name). */
  Member,
  /** A property with unknown name, or an element. a: base term. */
  Element,
  /** Result of a call. a: site. */
  Call,
  /** Result of a constructor call. a: site. */
  New,
  /** One of several values. a: list of terms. */
  Union,
  /** A variable that closures share or that a loop carries. a: list of the terms assigned to it. */
  Variable,
  /** A string constant that names a property, as an argument. a: string. */
  Text,
  /** `super`. a: class index. */
  Super,
  /** a: term; b: term of the declared type. */
  Typed,
  /** a: term that is awaited. */
  Await,
}

/** Names in the store table beside strings. */
export const STORE_ELEMENT = -1;
/** All properties of the value are copied to the base. */
export const STORE_COPY = -2;

/** `siteFlags` beyond `CallFlag` (which has the low 8 bits). */
export enum SiteFlag {
  Construct = 256,
  /** The last argument in the list is an iterable that is spread. */
  Spread = 512,
}

/** `functionFlags` beyond `FunctionFlag`. */
export enum SkeletonFunctionFlag {
  /** No other file can see it, except as (part of) an argument of a call. */
  ArgumentOnly = 65536,
}

export enum NodeFlag {
  /** A value enters here: the node's own API states matter (`FunctionLinks.apis`). */
  Entry = 1,
  /** The value is an argument of a call, or returned. */
  Handed = 2,
}

export enum ObjectFlag {
  Array = 1,
  /** No other file can see it, except as (part of) an argument of a call. */
  ArgumentOnly = 2,
  /** A map or set: what it keeps is handed out by methods. */
  Keyed = 4,
}

export interface Skeleton {
  readonly strings: readonly string[];
  readonly isEsm: boolean;
  /** Term of the exports object: what the module function returns. */
  readonly exports: Term;

  readonly termKind: Uint8Array;
  readonly termA: Int32Array;
  readonly termB: Int32Array;
  /** Lists of terms: list l is `lists[listStart[l] … listStart[l + 1])`. */
  readonly listStart: Uint32Array;
  readonly lists: Int32Array;

  /** Functions, as in the flow graph. */
  readonly functionKeyHash: Uint32Array;
  /** `FunctionFlag` and `SkeletonFunctionFlag` bits. */
  readonly functionFlags: Int32Array;
  readonly functionClass: Int32Array;
  readonly functionParameters: Int32Array;
  /** Term of what the function returns (a Union where there are several). */
  readonly functionReturn: Int32Array;

  /** Call sites of function f: `siteStart[f] … siteStart[f + 1])`, in node order. Calls of values linking can say nothing about are left out. */
  readonly siteStart: Uint32Array;
  readonly siteNode: Int32Array;
  readonly siteCallee: Int32Array;
  /** `CallFlag` and `SiteFlag` bits. */
  readonly siteFlags: Int32Array;
  /** Among the calls of the same callee in the function, this one's number. */
  readonly siteOrdinal: Int32Array;
  /** Number of arguments as written. */
  readonly siteCount: Int32Array;
  /** List of argument terms. */
  readonly siteArguments: Int32Array;

  /** Terms of nodes, by function, in node order: those where values enter, and those that are handed on. */
  readonly nodeStart: Uint32Array;
  readonly nodeId: Int32Array;
  readonly nodeTerm: Int32Array;
  /** `NodeFlag` bits. */
  readonly nodeFlags: Uint8Array;

  /** Property writes, by function, in node order. Those of values linking can say nothing about may run a setter. */
  readonly storeStart: Uint32Array;
  readonly storeNode: Int32Array;
  readonly storeBase: Int32Array;
  /** String, `STORE_ELEMENT` or `STORE_COPY`. */
  readonly storeName: Int32Array;
  readonly storeValue: Int32Array;

  /** Object and array literals: the function they are in, their number in it, `ObjectFlag` bits. */
  readonly objectFunction: Int32Array;
  readonly objectOrdinal: Int32Array;
  readonly objectFlags: Int32Array;

  readonly className: Int32Array;
  readonly classFunction: Int32Array;
  readonly classConstructor: Int32Array;
  /** Term of the superclass. */
  readonly classSuper: Int32Array;
  /** Among the classes of one name and function, this one's number. */
  readonly classOrdinal: Int32Array;
  readonly memberStart: Uint32Array;
  readonly memberName: Int32Array;
  readonly memberFunction: Int32Array;
  readonly memberIsStatic: Uint8Array;

  readonly importSpecifier: Int32Array;
  /** Index into `IMPORT_KINDS`. */
  readonly importKind: Uint8Array;

  /** Hash of what other files can see (exports, classes, property writes, and returns that `returns` does not tell; by names and not positions): 16 hex digits. */
  readonly interfaceHash: string;
  /** The same for objects that others see only as arguments. */
  readonly argumentHash: string;
  /**
   * What functions return that return something simple, made of parameters, names and calls, by groups of functions (`returnGroup`): numbers that are equal for equal content, 0 for
   * nothing; no numbers at all when all are 0. So who uses the result of one function need not look again when another one returns something else.
   */
  readonly returns: readonly number[];
}

/** Groups of functions in which what they return is told. */
export const RETURN_GROUPS = 13;
export const returnGroup = (functionKeyHash: number): number => functionKeyHash % RETURN_GROUPS;

export const IMPORT_KINDS = ['import', 'require', 'dynamic', 'reexport'] as const;

export const stringOf = (skeleton: Skeleton, id: StringId): string => (id >= 0 ? skeleton.strings[id] : '');

/** Row of a node in the node tables, or -1. */
export function rowOfNode(skeleton: Skeleton, functionIndex: number, node: number): number {
  let low = skeleton.nodeStart[functionIndex];
  let high = skeleton.nodeStart[functionIndex + 1] - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = skeleton.nodeId[middle];
    if (found === node) return middle;
    if (found < node) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** What resolving the imports of a file needs of its skeleton. */
export interface SkeletonImports extends Pick<Skeleton, 'importKind' | 'interfaceHash' | 'argumentHash' | 'returns'> {
  /** By import. */
  readonly specifiers: readonly string[];
}

export function importsOf(skeleton: Skeleton): SkeletonImports {
  const { importKind, interfaceHash, argumentHash, returns, importSpecifier, strings } = skeleton;
  const specifiers = Array.from(importSpecifier, (text) => strings[text]);
  return { specifiers, importKind, interfaceHash, argumentHash, returns };
}
