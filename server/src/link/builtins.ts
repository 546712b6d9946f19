/**
 * What calls of the ECMAScript language's own functions do to objects, as data. The same tables for libraries
 * (`util.inherits`, `_.extend`) come from their models, as a parameter of the linker.
 */

/** Positions are argument positions. */
export interface CallEffect {
  /** Arguments the result may be. */
  readonly returns?: readonly number[];
  /** One of this argument's elements comes back. */
  readonly returnsElementOf?: number;
  /** The result has the elements of this argument. */
  readonly lists?: number;
  /** Properties of the arguments from `from` on are copied to argument `to`. */
  readonly copies?: { readonly to: number; readonly from: number };
  /** Instances of class `sub` inherit from class `base`. */
  readonly inherits?: { readonly sub: number; readonly base: number };
  /** Object `object` inherits from object `prototype`. */
  readonly delegates?: { readonly object: number; readonly prototype: number };
  /** A property with a descriptor; without `name`, properties with descriptors. */
  readonly defines?: { readonly object: number; readonly name?: number; readonly descriptor: number };
}

/** By dotted path from a global or package: `Object.assign`, `util.inherits`. */
export type CallEffects = Readonly<Record<string, CallEffect>>;

/** What a method of arrays or promises does with a callback. */
export interface CallbackMethod {
  /** What the callback's parameters receive: the receiver itself, or its elements. */
  readonly passes?: { readonly parameter: number; readonly what: 'value' | 'element' };
  readonly result: 'nothing' | 'value' | 'element' | 'callback';
}

export const ECMASCRIPT_EFFECTS: CallEffects = {
  Object: { returns: [0] },
  'Object.assign': { returns: [0], copies: { to: 0, from: 1 } },
  'Object.create': { returns: [0] },
  'Object.setPrototypeOf': { returns: [0], delegates: { object: 0, prototype: 1 } },
  'Reflect.setPrototypeOf': { delegates: { object: 0, prototype: 1 } },
  'Object.getPrototypeOf': { returns: [0] },
  'Object.freeze': { returns: [0] },
  'Object.seal': { returns: [0] },
  'Object.preventExtensions': { returns: [0] },
  'Object.defineProperty': { returns: [0], defines: { object: 0, name: 1, descriptor: 2 } },
  'Object.defineProperties': { returns: [0], defines: { object: 0, descriptor: 1 } },
  'Reflect.defineProperty': { defines: { object: 0, name: 1, descriptor: 2 } },
  'Object.values': { lists: 0 },
  'Array.from': { lists: 0 },
  'Promise.resolve': { returns: [0] },
  'Promise.all': { returns: [0] },
  'Promise.allSettled': { returns: [0] },
  'Promise.race': { returnsElementOf: 0 },
  'Promise.any': { returnsElementOf: 0 },
};

const METHODS: Readonly<Record<string, CallbackMethod>> = {
  forEach: { passes: { parameter: 0, what: 'element' }, result: 'nothing' },
  map: { passes: { parameter: 0, what: 'element' }, result: 'callback' },
  flatMap: { passes: { parameter: 0, what: 'element' }, result: 'callback' },
  filter: { passes: { parameter: 0, what: 'element' }, result: 'value' },
  some: { passes: { parameter: 0, what: 'element' }, result: 'nothing' },
  every: { passes: { parameter: 0, what: 'element' }, result: 'nothing' },
  find: { passes: { parameter: 0, what: 'element' }, result: 'element' },
  findLast: { passes: { parameter: 0, what: 'element' }, result: 'element' },
  reduce: { passes: { parameter: 1, what: 'element' }, result: 'callback' },
  reduceRight: { passes: { parameter: 1, what: 'element' }, result: 'callback' },
  then: { passes: { parameter: 0, what: 'value' }, result: 'callback' },
  catch: { result: 'value' },
  finally: { result: 'value' },
  values: { result: 'value' },
  entries: { result: 'value' },
  slice: { result: 'value' },
  concat: { result: 'value' },
  reverse: { result: 'value' },
  sort: { result: 'value' },
  pop: { result: 'element' },
  shift: { result: 'element' },
  at: { result: 'element' },
};

export const CALLBACK_METHODS: ReadonlyMap<string, CallbackMethod> = new Map(Object.entries(METHODS));

/** Properties that the language gives a meaning. */
export const PROTOTYPE = 'prototype';
export const CONSTRUCTOR = 'constructor';
export const DEFAULT = 'default';
export const CALLEE = 'callee';
export const CALL = 'call';
export const APPLY = 'apply';
export const BIND = 'bind';
/** Reads of a map. */
export const GET = 'get';
/** What a map keeps, of each pair of its entries. */
export const SECOND = '1';
