/**
 * What of a skeleton other files can see, and its hash. Seen from the exports (and classes) everything reachable by
 * terms counts, with the returns of reachable functions and the property writes on reachable values, also those that calls of
 * library functions make (`Object.assign`); beside it, what is handed to others as arguments. The walk numbers what it meets in order of discovery and hashes names and those
 * numbers, never positions or table indexes, so that an edit which others cannot see leaves both hashes equal. What functions return that return something
 * simple is told apart (`skeletonReturns.ts`).
 */
import { hex32 } from '../../base/hex';
import { IntArray } from '../../base/intArray';
import { FunctionFlag, RECEIVER } from '../../model/graph';
import { hashKey } from '../../model/ids';
import { NO_TERM, ObjectFlag, RETURN_GROUPS, SkeletonFunctionFlag, TermKind, returnGroup } from '../../model/skeleton';
import type { Skeleton, Term } from '../../model/skeleton';
import { SimpleReturns } from './skeletonReturns';
import type { Arena } from './skeletonTables';

/** A skeleton that gets its hashes. */
export type Unhashed = Omit<Skeleton, 'interfaceHash' | 'argumentHash' | 'returns'> & {
  interfaceHash: string;
  argumentHash: string;
  returns: readonly number[];
};

/** Sets the two hashes, and marks functions and objects that only arguments reach. */
export function addInterface(skeleton: Unhashed, arena: Arena): Skeleton {
  const roots = new StoreRoots(skeleton, arena);
  const returns = new SimpleReturns(
    skeleton,
    {
      hashOf: (string) => roots.hashOf(string),
      isWritten: (term) => roots.first(term) >= 0,
      functionOfSite: (site) => functionOfSite(skeleton, site),
    },
    arena,
  );
  const seen = new InterfaceWalk(skeleton, roots, returns, arena);
  if (skeleton.isEsm) seen.visitEsm();
  seen.visit(skeleton.exports);
  for (let c = 0; c < skeleton.className.length; c++) seen.visitClass(c);
  seen.run();
  const handedOn = new InterfaceWalk(skeleton, roots, returns, arena);
  for (let site = 0; site < skeleton.siteNode.length; site++) {
    const list = skeleton.siteArguments[site];
    for (let i = skeleton.listStart[list]; i < skeleton.listStart[list + 1]; i++) handedOn.visit(skeleton.lists[i]);
  }
  for (let i = 0; i < foreign.length; i++) {
    handedOn.visitWrite(skeleton.storeBase[foreign.items[i]], skeleton.storeName[foreign.items[i]]);
    handedOn.visit(skeleton.storeValue[foreign.items[i]]);
  }
  handedOn.run();
  for (let f = 0; f < skeleton.functionFlags.length; f++) {
    if (!seen.hasFunction(f)) skeleton.functionFlags[f] |= SkeletonFunctionFlag.ArgumentOnly;
  }
  for (let o = 0; o < skeleton.objectFlags.length; o++) {
    if (!seen.hasObject(o)) skeleton.objectFlags[o] |= ObjectFlag.ArgumentOnly;
  }
  skeleton.interfaceHash = seen.digest();
  skeleton.argumentHash = handedOn.digest();
  skeleton.returns = returnsOf(skeleton, returns, (f) => seen.hasFunction(f) || handedOn.hasFunction(f));
  return skeleton;
}

/** By group, what functions that others see return. */
function returnsOf(skeleton: Unhashed, returns: SimpleReturns, isSeen: (f: number) => boolean): readonly number[] {
  const { functionKeyHash, functionFlags } = skeleton;
  let contents: number[] | undefined;
  for (let f = 0; f < functionKeyHash.length; f++) {
    if (!isSeen(f) || (functionFlags[f] & FunctionFlag.Module) !== 0 || !returns.isSimple(f)) continue;
    const content = returns.contentOf(f);
    if (content === 0) continue;
    contents ??= new Array<number>(RETURN_GROUPS).fill(0);
    const group = returnGroup(functionKeyHash[f]);
    // A sum, so that it does not matter in which order functions stand.
    contents[group] = (contents[group] + content) % MAX_CONTENT;
  }
  return contents ?? [];
}

const PROTOTYPE = 'prototype';
/** Sums of contents stay exact below. */
const MAX_CONTENT = 2 ** 52;

// Kept from file to file.
/** Property writes on values that come from elsewhere. */
const foreign = new IntArray();
/** Writes by root, as linked lists: the write (of a call: its site, from -1 downwards), and where the next item of the list is. */
const rootStore = new IntArray();
const rootNext = new IntArray();
/** Terms a walk has still to look at. */
const queue = new IntArray();

/** What both walks need: property writes by the term their base starts from, and hashes of strings. */
class StoreRoots {
  /** By term, plus one: first and last item of its list of writes. */
  private readonly head: Int32Array;
  private readonly tail: Int32Array;
  /** By function: the terms of the function itself and of its receiver. */
  readonly functionTerm: Int32Array;
  readonly receiverTerm: Int32Array;
  /** 1 for functions that take any number of arguments. */
  readonly takesRest: Uint8Array;
  private readonly stringHash: Int32Array;
  private readonly isHashed: Uint8Array;

  constructor(
    private readonly skeleton: Unhashed,
    arena: Arena,
  ) {
    const { termKind, termA, termB } = skeleton;
    foreign.length = 0;
    rootStore.length = 0;
    rootNext.length = 0;
    this.head = arena.int32(termKind.length);
    this.tail = arena.int32(termKind.length);
    this.functionTerm = arena.int32(skeleton.functionFlags.length);
    this.receiverTerm = arena.int32(skeleton.functionFlags.length);
    this.takesRest = arena.bytes(skeleton.functionFlags.length);
    this.stringHash = arena.int32(skeleton.strings.length);
    this.isHashed = arena.bytes(skeleton.strings.length);
    for (let t = 1; t < termKind.length; t++) {
      const kind: TermKind = termKind[t];
      if (kind === TermKind.Function) this.functionTerm[termA[t]] = t;
      else if (kind === TermKind.RestParam) this.takesRest[termA[t]] = 1;
      else if (kind === TermKind.Param && termB[t] === RECEIVER) this.receiverTerm[termA[t]] = t;
    }
    for (let store = 0; store < skeleton.storeBase.length; store++)
      if (skeleton.storeValue[store] !== NO_TERM && this.add(store, skeleton.storeBase[store], 0)) foreign.push(store);
    for (let site = 0; site < skeleton.siteNode.length; site++) {
      if (!this.mayWrite(site)) continue;
      const list = skeleton.siteArguments[site];
      for (let i = skeleton.listStart[list]; i < skeleton.listStart[list + 1]; i++)
        this.add(-1 - site, skeleton.lists[i], 0);
    }
  }

  /** Whether a call may be one of those that copy properties or let classes inherit: to linking these are functions of libraries, named where they are called. */
  private mayWrite(site: number): boolean {
    const { termKind, termA, listStart, lists, siteArguments, siteCallee } = this.skeleton;
    let callee = siteCallee[site];
    while (termKind[callee] === TermKind.Member) callee = termA[callee];
    if (termKind[callee] !== TermKind.Global && termKind[callee] !== TermKind.Import) return this.takesPrototype(site);
    // One argument is written to, another one is what is written.
    let values = 0;
    const list = siteArguments[site];
    for (let i = listStart[list]; i < listStart[list + 1]; i++)
      if (lists[i] !== NO_TERM && termKind[lists[i]] !== TermKind.Text) values++;
    return values > 1;
  }

  /** Methods that are handed over with a prototype, or a class, have what is constructed as `this`: `mixin(Shape.prototype, { … })`, `mixin(Shape, { … })`. */
  private takesPrototype(site: number): boolean {
    const { termKind, termB, strings, listStart, lists, siteArguments } = this.skeleton;
    const list = siteArguments[site];
    const from = listStart[list];
    const to = listStart[list + 1];
    const first = to - from > 1 ? lists[from] : NO_TERM;
    const kind: TermKind = termKind[first];
    if (kind === TermKind.Member) return strings[termB[first]] === PROTOTYPE;
    if (kind === TermKind.Class || kind === TermKind.Function || kind === TermKind.Variable)
      for (let i = from + 1; i < to; i++) if (mayBeObject(termKind[lists[i]])) return true;
    return false;
  }

  /** First item of the writes on a root, or -1. */
  first(root: Term): number {
    return this.head[root] - 1;
  }

  hashOf(id: number): number {
    if (this.isHashed[id] === 0) {
      this.isHashed[id] = 1;
      this.stringHash[id] = hashKey(this.skeleton.strings[id]);
    }
    return this.stringHash[id];
  }

  /** Lists a write by what its base starts from. True when that comes from elsewhere. */
  private add(store: number, base: Term, depth: number): boolean {
    const { termKind, termA, termB, listStart, lists } = this.skeleton;
    let term = base;
    for (;;) {
      const kind: TermKind = termKind[term];
      if (kind === TermKind.Member || kind === TermKind.Element || kind === TermKind.Await || kind === TermKind.Typed) {
        term = termA[term];
        continue;
      }
      if (kind === TermKind.Union || kind === TermKind.Variable) {
        this.put(store, term);
        let isForeign = false;
        if (depth < 3)
          for (let i = listStart[termA[term]]; i < listStart[termA[term] + 1]; i++)
            if (this.add(store, lists[i], depth + 1)) isForeign = true;
        return isForeign;
      }
      const isLocal =
        kind === TermKind.Function ||
        kind === TermKind.Class ||
        kind === TermKind.Object ||
        (kind === TermKind.Param && termB[term] === RECEIVER);
      this.put(store, term);
      return !isLocal || term !== base;
    }
  }

  private put(store: number, root: Term): void {
    const item = rootStore.push(store);
    rootNext.push(-1);
    const tail = this.tail[root] - 1;
    if (tail < 0) this.head[root] = item + 1;
    else rootNext.items[tail] = item;
    this.tail[root] = item + 1;
  }
}

const mayBeObject = (kind: TermKind): boolean => kind === TermKind.Object || kind === TermKind.Variable;

class InterfaceWalk {
  private readonly termNumber: Int32Array;
  private readonly functionSeen: Uint8Array;
  private readonly objectSeen: Uint8Array;
  private readonly classSeen: Uint8Array;
  private next = 1;
  private high = 0x9e3779b9;
  private low = 0x7f4a7c15;

  constructor(
    private readonly skeleton: Unhashed,
    private readonly roots: StoreRoots,
    private readonly returns: SimpleReturns,
    arena: Arena,
  ) {
    this.termNumber = arena.int32(skeleton.termKind.length);
    this.functionSeen = arena.bytes(skeleton.functionFlags.length);
    this.objectSeen = arena.bytes(skeleton.objectFlags.length);
    this.classSeen = arena.bytes(skeleton.className.length);
    queue.length = 0;
  }

  hasFunction(f: number): boolean {
    return this.functionSeen[f] === 1;
  }

  hasObject(o: number): boolean {
    return this.objectSeen[o] === 1;
  }

  digest(): string {
    return hex32(this.high) + hex32(this.low);
  }

  visitEsm(): void {
    this.mix(-11);
  }

  /** Hashes the term's number and puts it in line. */
  visit(term: Term): void {
    if (term === NO_TERM) {
      this.mix(0);
      return;
    }
    if (this.termNumber[term] === 0) {
      this.termNumber[term] = this.next++;
      queue.push(term);
    }
    this.mix(this.termNumber[term]);
  }

  /** What is written to, and whether a property is, or all that something else has. */
  visitWrite(base: Term, name: number): void {
    this.visit(base);
    this.mix(Math.min(name, 0));
  }

  private readonly visitEntity = (term: Term): void => {
    this.visit(term);
  };

  run(): void {
    for (let i = 0; i < queue.length; i++) this.expand(queue.items[i]);
  }

  visitClass(c: number): void {
    const { skeleton } = this;
    if (this.classSeen[c] === 1) return;
    this.classSeen[c] = 1;
    this.mixText(skeleton.className[c]);
    this.mix(skeleton.functionKeyHash[skeleton.classFunction[c]]);
    this.mix(skeleton.classOrdinal[c]);
    this.visit(skeleton.classSuper[c]);
    if (skeleton.classConstructor[c] >= 0) this.visitFunction(skeleton.classConstructor[c]);
    for (let m = skeleton.memberStart[c]; m < skeleton.memberStart[c + 1]; m++) {
      this.mixText(skeleton.memberName[m]);
      this.mix(skeleton.memberIsStatic[m]);
      this.visitFunction(skeleton.memberFunction[m]);
    }
  }

  private visitFunction(f: number): void {
    const { skeleton } = this;
    if (f < 0) return;
    this.mix(skeleton.functionKeyHash[f]);
    if (this.functionSeen[f] === 1) return;
    this.functionSeen[f] = 1;
    this.mix(skeleton.functionFlags[f] & ~SkeletonFunctionFlag.ArgumentOnly);
    this.mix(skeleton.functionParameters[f] * 2 + this.roots.takesRest[f]);
    if ((skeleton.functionFlags[f] & FunctionFlag.Module) === 0) {
      if (this.returns.isSimple(f)) {
        this.mix(-13);
        this.returns.eachEntity(f, this.visitEntity);
      } else this.visit(skeleton.functionReturn[f]);
    }
    this.visitStores(this.roots.receiverTerm[f]);
    this.visitStores(this.roots.functionTerm[f]);
  }

  private visitStores(root: Term): void {
    const { skeleton } = this;
    if (root === NO_TERM) return;
    for (let item = this.roots.first(root); item >= 0; item = rootNext.items[item]) {
      const store = rootStore.items[item];
      if (store < 0) {
        this.visit(skeleton.siteCallee[-1 - store]);
        this.visitList(skeleton.siteArguments[-1 - store]);
        continue;
      }
      this.visit(skeleton.storeBase[store]);
      if (skeleton.storeName[store] >= 0) this.mixText(skeleton.storeName[store]);
      else this.mix(skeleton.storeName[store]);
      this.visit(skeleton.storeValue[store]);
    }
  }

  private expand(term: Term): void {
    const { skeleton } = this;
    const kind: TermKind = skeleton.termKind[term];
    const a = skeleton.termA[term];
    const b = skeleton.termB[term];
    this.mix(kind + 100);
    switch (kind) {
      case TermKind.None:
        break;
      case TermKind.Function:
        this.visitFunction(a);
        break;
      case TermKind.Class:
        this.visitClass(a);
        this.visitStores(term);
        break;
      case TermKind.Super:
        this.visitClass(a);
        break;
      case TermKind.Object:
        this.objectSeen[a] = 1;
        this.mix(skeleton.functionKeyHash[skeleton.objectFunction[a]]);
        this.mix(skeleton.objectOrdinal[a]);
        this.mix(skeleton.objectFlags[a] & (ObjectFlag.Array | ObjectFlag.Keyed));
        this.visitStores(term);
        break;
      case TermKind.Import:
        this.mixText(skeleton.importSpecifier[a]);
        this.mix(skeleton.importKind[a]);
        break;
      case TermKind.Global:
      case TermKind.Text:
        this.mixText(a);
        break;
      case TermKind.Param:
      case TermKind.RestParam:
        this.mix(skeleton.functionKeyHash[a]);
        this.mix(b);
        break;
      case TermKind.Member:
        this.visit(a);
        this.mixText(b);
        break;
      case TermKind.Element:
      case TermKind.Await:
        this.visit(a);
        break;
      case TermKind.Typed:
        this.visit(a);
        this.visit(b);
        break;
      case TermKind.Call:
      case TermKind.New:
        this.visitSite(a);
        break;
      case TermKind.Union:
      case TermKind.Variable:
        this.visitList(a);
        this.visitStores(term);
        break;
    }
  }

  private visitSite(site: number): void {
    const { skeleton } = this;
    const f = functionOfSite(skeleton, site);
    this.mix(skeleton.functionKeyHash[f]);
    this.mix(skeleton.siteOrdinal[site]);
    this.mix(skeleton.siteFlags[site]);
    this.visit(skeleton.siteCallee[site]);
    this.visitList(skeleton.siteArguments[site]);
  }

  private visitList(list: number): void {
    const { listStart, lists } = this.skeleton;
    for (let i = listStart[list]; i < listStart[list + 1]; i++) this.visit(lists[i]);
    this.mix(-7);
  }

  private mixText(id: number): void {
    this.mix(id < 0 ? -1 : this.roots.hashOf(id));
  }

  private mix(value: number): void {
    this.high = Math.imul(this.high ^ value, 0x85ebca6b);
    this.high ^= this.high >>> 15;
    this.low = Math.imul(this.low ^ (value + 0x165667b1), 0xc2b2ae35);
    this.low ^= this.low >>> 13;
  }
}

function functionOfSite(skeleton: Unhashed, site: number): number {
  let low = 0;
  let high = skeleton.siteStart.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (skeleton.siteStart[middle] <= site) low = middle;
    else high = middle - 1;
  }
  return low;
}
