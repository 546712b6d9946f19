/**
 * What functions return that return something simple: made of parameters, names, imports, calls, and of functions, classes and objects as such. Of
 * these a hash is told apart from the interface, so that others who do not use the result of such a function need not look again when
 * it returns something else. Hashes are made of names and keys, never of positions or table indexes.
 */
import { IntArray } from '../../base/intArray';
import { NO_TERM, ObjectFlag, TermKind } from '../../model/skeleton';
import type { Skeleton, Term } from '../../model/skeleton';
import type { Arena } from './skeletonTables';

/** Terms in one return that counts as simple. */
const MAX_TERMS = 48;

const UNKNOWN = 0;
const SIMPLE = 1;
const OTHER = 2;

/** What hashing reads of a skeleton. */
export type ReturnTables = Omit<Skeleton, 'interfaceHash' | 'argumentHash' | 'returns'>;

export interface ReturnHost {
  hashOf(string: number): number;
  /** Whether anything is written on what a term stands for. */
  isWritten(term: Term): boolean;
  functionOfSite(site: number): number;
}

// Kept from file to file: functions, classes and objects that returns name, as lists by function.
const entities = new IntArray();

export class SimpleReturns {
  /** By function. */
  private readonly state: Uint8Array;
  private readonly high: Int32Array;
  private readonly low: Int32Array;
  private readonly from: Int32Array;
  private readonly to: Int32Array;
  // Of the hash that is being made.
  private one = 0;
  private other = 0;
  private left = 0;

  constructor(
    private readonly skeleton: ReturnTables,
    private readonly host: ReturnHost,
    arena: Arena,
  ) {
    const count = skeleton.functionFlags.length;
    this.state = arena.bytes(count);
    this.high = arena.int32(count);
    this.low = arena.int32(count);
    this.from = arena.int32(count);
    this.to = arena.int32(count);
    entities.length = 0;
    this.leaveOutGetters();
  }

  /** `Object.defineProperty(o, 'x', { get })` makes what a function returns the value of a property. */
  private leaveOutGetters(): void {
    const { strings, storeName, storeValue, termKind, termA } = this.skeleton;
    const get = strings.indexOf('get');
    if (get < 0) return;
    for (let store = 0; store < storeName.length; store++)
      if (storeName[store] === get && termKind[storeValue[store]] === TermKind.Function)
        this.state[termA[storeValue[store]]] = OTHER;
  }

  isSimple(f: number): boolean {
    if (this.state[f] === UNKNOWN) this.state[f] = this.work(f) ? SIMPLE : OTHER;
    return this.state[f] === SIMPLE;
  }

  /** Calls `visit` with what a simple return names of the file: what others see of that is not part of the hash. */
  eachEntity(f: number, visit: (term: Term) => void): void {
    for (let i = this.from[f]; i < this.to[f]; i++) visit(entities.items[i]);
  }

  /** The hash of a simple return as a whole number, 0 for nothing. */
  contentOf(f: number): number {
    if (this.skeleton.functionReturn[f] === NO_TERM) return 0;
    return (this.high[f] >>> 0) * 0x100000 + (this.low[f] >>> 12) + 1;
  }

  private work(f: number): boolean {
    this.one = 0x9e3779b9;
    this.other = 0x7f4a7c15;
    this.left = MAX_TERMS;
    const { length } = entities;
    if (!this.hash(this.skeleton.functionReturn[f])) {
      entities.length = length;
      return false;
    }
    this.mix(this.skeleton.functionKeyHash[f]);
    this.high[f] = this.one;
    this.low[f] = this.other;
    this.from[f] = length;
    this.to[f] = entities.length;
    return true;
  }

  /** False when the term is not simple. */
  private hash(term: Term): boolean {
    const { skeleton, host } = this;
    const kind: TermKind = skeleton.termKind[term];
    if (--this.left < 0) return false;
    this.mix(kind + 100);
    const a = skeleton.termA[term];
    const b = skeleton.termB[term];
    switch (kind) {
      case TermKind.None:
        return true;
      case TermKind.Function:
        this.mix(skeleton.functionKeyHash[a]);
        entities.push(term);
        return true;
      case TermKind.Class:
      case TermKind.Super:
        this.mix(skeleton.functionKeyHash[skeleton.classFunction[a]]);
        this.mixText(skeleton.className[a]);
        this.mix(skeleton.classOrdinal[a]);
        entities.push(term);
        return true;
      case TermKind.Object:
        this.mix(skeleton.functionKeyHash[skeleton.objectFunction[a]]);
        this.mix(skeleton.objectOrdinal[a]);
        this.mix(skeleton.objectFlags[a] & (ObjectFlag.Array | ObjectFlag.Keyed));
        entities.push(term);
        return true;
      case TermKind.Import:
        this.mixText(skeleton.importSpecifier[a]);
        this.mix(skeleton.importKind[a]);
        return true;
      case TermKind.Global:
      case TermKind.Text:
        this.mixText(a);
        return true;
      case TermKind.Param:
      case TermKind.RestParam:
        this.mix(skeleton.functionKeyHash[a]);
        this.mix(b);
        return true;
      case TermKind.Member:
        this.mixText(b);
        return this.hash(a);
      case TermKind.Element:
      case TermKind.Await:
        return this.hash(a);
      case TermKind.Typed:
        return this.hash(a) && this.hash(b);
      case TermKind.Call:
      case TermKind.New:
        this.mix(skeleton.functionKeyHash[host.functionOfSite(a)]);
        this.mix(skeleton.siteOrdinal[a]);
        this.mix(skeleton.siteFlags[a]);
        return this.hash(skeleton.siteCallee[a]) && this.hashList(skeleton.siteArguments[a]);
      case TermKind.Union:
        return !host.isWritten(term) && this.hashList(a);
      // Loops go around, and what is shared may be much.
      case TermKind.Variable:
        return false;
    }
  }

  private hashList(list: number): boolean {
    const { listStart, lists } = this.skeleton;
    for (let i = listStart[list]; i < listStart[list + 1]; i++) if (!this.hash(lists[i])) return false;
    this.mix(-7);
    return true;
  }

  private mixText(id: number): void {
    this.mix(id < 0 ? -1 : this.host.hashOf(id));
  }

  private mix(value: number): void {
    this.one = Math.imul(this.one ^ value, 0x85ebca6b);
    this.one ^= this.one >>> 15;
    this.other = Math.imul(this.other ^ (value + 0x165667b1), 0xc2b2ae35);
    this.other ^= this.other >>> 13;
  }
}
