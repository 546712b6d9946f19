/**
 * Abstract values: what a term may stand for. Each is interned to a small integer for the life of a linker; the
 * numbers carry no order that results may depend on.
 */
import type { ApiState, FileId, FunctionId } from '../model/ids';
import { NumberMap } from '../base/numberMap';
import { fileOf, functionId, keyHashOf } from '../model/ids';

export type ValueId = number;

export enum ValueKind {
  /** a: FunctionId. */
  Function,
  /** a: file and class key, composed like a FunctionId. */
  Class,
  /** Object or array literal. a: file and object key, composed like a FunctionId. */
  Object,
  /** An object literal as made for one call of the function it is in. a: Object value; b: file and site key of the call. */
  Allocated,
  /** What `new` makes of a function or class. a: that value. */
  Instance,
  /** Prototype object of a function or class. a: that value. */
  Prototype,
  /** a: ApiState. */
  Api,
  /** A function with arguments bound. a: Function value; b: number of bound arguments. */
  Bound,
  /** Something of a package or platform that no model speaks of. a: index into the names. */
  Unmodelled,
}

/** How an API value was reached, so that it can be written down without its state number. */
export interface Derivation {
  readonly step:
    | 'package'
    | 'global'
    | 'member'
    | 'element'
    | 'return'
    | 'instance'
    | 'awaited'
    | 'callback'
    | 'argument'
    | 'parameter';
  /** The value it was reached from; -1 for roots. */
  readonly from: ValueId;
  readonly name: string;
  readonly numbers: readonly number[];
}

export const NO_VALUE: ValueId = -1;

export class ValueTable {
  private readonly kinds: ValueKind[] = [];
  private readonly as: number[] = [];
  private readonly bs: number[] = [];
  private readonly derivations = new Map<ValueId, Derivation>();
  private readonly names: string[] = [];
  private readonly known: NumberMap[] = Array.from({ length: 9 }, () => new NumberMap());
  private readonly allocated = new Map<ValueId, Map<number, ValueId>>();
  private readonly packages: { readonly name: string; readonly exports: ValueId }[] = [];
  private readonly packageNumbers = new Map<string, number>();
  private readonly unmodelledNames = new Map<string, ValueId>();

  get size(): number {
    return this.kinds.length;
  }

  kind(value: ValueId): ValueKind {
    return this.kinds[value];
  }

  /** The value this one is made of: class of an instance, object of an allocation, function of a bound one. */
  inner(value: ValueId): ValueId {
    return this.as[value];
  }

  /** `FunctionId` of a Function. */
  functionOf(value: ValueId): FunctionId {
    return this.as[value] as FunctionId;
  }

  /** File of a Function, Class or Object. */
  fileOf(value: ValueId): FileId {
    return fileOf(this.as[value] as FunctionId);
  }

  /** Key of a Function, Class or Object in its file. */
  keyOf(value: ValueId): number {
    return keyHashOf(this.as[value] as FunctionId);
  }

  /** File and key of the call of an Allocated. */
  siteFile(value: ValueId): FileId {
    return fileOf(this.bs[value] as FunctionId);
  }

  siteKey(value: ValueId): number {
    return keyHashOf(this.bs[value] as FunctionId);
  }

  boundCount(value: ValueId): number {
    return this.bs[value];
  }

  state(value: ValueId): ApiState {
    return this.as[value] as ApiState;
  }

  name(value: ValueId): string {
    return this.names[this.as[value]];
  }

  derivation(value: ValueId): Derivation | undefined {
    return this.derivations.get(value);
  }

  function(file: FileId, key: number): ValueId {
    return this.intern(ValueKind.Function, functionId(file, key), 0);
  }

  class(file: FileId, key: number): ValueId {
    return this.intern(ValueKind.Class, functionId(file, key), 0);
  }

  object(file: FileId, key: number): ValueId {
    return this.intern(ValueKind.Object, functionId(file, key), 0);
  }

  instance(of: ValueId): ValueId {
    return this.intern(ValueKind.Instance, of, 0);
  }

  prototype(of: ValueId): ValueId {
    return this.intern(ValueKind.Prototype, of, 0);
  }

  bound(fn: ValueId, count: number): ValueId {
    const key = fn * 64 + Math.min(count, 63);
    const known = this.known[ValueKind.Bound].get(key, NO_VALUE);
    if (known !== NO_VALUE) return known;
    const value = this.add(ValueKind.Bound, fn, Math.min(count, 63));
    this.known[ValueKind.Bound].set(key, value);
    return value;
  }

  allocation(object: ValueId, siteFile: FileId, siteKey: number): ValueId {
    let sites = this.allocated.get(object);
    if (sites === undefined) this.allocated.set(object, (sites = new Map<number, ValueId>()));
    const site = functionId(siteFile, siteKey);
    let value = sites.get(site);
    if (value === undefined) sites.set(site, (value = this.add(ValueKind.Allocated, object, site)));
    return value;
  }

  /** The value of an API state, or `NO_VALUE` when it was not met yet. */
  knownApi(state: ApiState): ValueId {
    return this.known[ValueKind.Api].get(state, NO_VALUE);
  }

  api(state: ApiState, derivation: Derivation): ValueId {
    const known = this.known[ValueKind.Api].get(state, NO_VALUE);
    if (known !== NO_VALUE) return known;
    const value = this.intern(ValueKind.Api, state, 0);
    this.derivations.set(value, derivation);
    return value;
  }

  unmodelled(name: string): ValueId {
    let value = this.unmodelledNames.get(name);
    if (value === undefined) {
      this.names.push(name);
      this.unmodelledNames.set(name, (value = this.add(ValueKind.Unmodelled, this.names.length - 1, 0)));
    }
    return value;
  }

  /** A package that is imported. */
  packageNumber(name: string): number | undefined {
    return this.packageNumbers.get(name);
  }

  addPackage(name: string, exports: ValueId): number {
    const number = this.packages.length;
    this.packages.push({ name, exports });
    this.packageNumbers.set(name, number);
    return number;
  }

  packageName(number: number): string {
    return this.packages[number].name;
  }

  packageExports(number: number): ValueId {
    return this.packages[number].exports;
  }

  private intern(kind: ValueKind, a: number, b: number): ValueId {
    const table = this.known[kind];
    const known = table.get(a, NO_VALUE);
    if (known !== NO_VALUE) return known;
    const value = this.add(kind, a, b);
    table.set(a, value);
    return value;
  }

  private add(kind: ValueKind, a: number, b: number): ValueId {
    this.kinds.push(kind);
    this.as.push(a);
    this.bs.push(b);
    return this.kinds.length - 1;
  }
}
