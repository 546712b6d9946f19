/**
 * A skeleton made ready for look-ups: which writes go to which object, what `this` is in a function, keys of classes,
 * objects and calls that outlive edits elsewhere in the file. Built when a file is first looked into, dropped with it.
 * Only writes whose base is written out in the same file are indexed; the others are evaluated and contributed.
 */
import { IntArray } from '../base/intArray';
import { FunctionFlag, GETTER_PREFIX, RECEIVER, SETTER_PREFIX } from '../model/graph';
import { hashKey } from '../model/ids';
import type { FileId } from '../model/ids';
import { NO_TERM, SiteFlag, STORE_COPY, STORE_ELEMENT, TermKind } from '../model/skeleton';
import type { Skeleton, Term } from '../model/skeleton';
import type { CallEffect, CallEffects } from './builtins';
import { DEFAULT, PROTOTYPE } from './builtins';
import { describedProperties } from './descriptors';
import { copiersOf, type Copier } from './copiers';
import {
  addWrite,
  concat,
  copyingNames,
  cutIntoParts,
  indexOf,
  lastNames,
  mixKey,
  uniqueKeys,
  type Parts,
  type Writes,
} from './fileParts';

/** What a file's import leads to: a file, or a value that stands for a package (`imports[i] < 0`). */
export type ImportTarget = { readonly file: FileId } | { readonly value: number } | undefined;

/** Objects of a file, as integers: index * 8 + kind. */
export enum EntityKind {
  FunctionStatic,
  /** Instances and the prototype of a function used as a constructor. */
  FunctionInstance,
  ClassStatic,
  ClassInstance,
  Object,
}
export type Entity = number;
export const entity = (kind: EntityKind, index: number): Entity => index * 8 + kind;
const isInstance = (target: Entity): boolean =>
  target % 8 === (EntityKind.FunctionInstance as number) || target % 8 === (EntityKind.ClassInstance as number);

/** The base inherits from the value. */
export const STORE_INHERIT = -3;

/** More than the parameters of any function that counts. */
const MAX_POSITIONS = 256;
const NO_MEMBERS: readonly number[] = [];
/** Objects with as many writes have a table of them. */
const MANY_WRITES = 12;
/** Classes with more members have a table of them. */
const FEW_MEMBERS = 8;
const UNKNOWN_NAME = Symbol('unknown name');

export class FileIndex {
  readonly classKey: Uint32Array;
  readonly objectKey: Uint32Array;
  /** All property writes: those of the skeleton, then those that calls make (`Object.assign`). */
  readonly writeBase: Int32Array;
  readonly writeName: Int32Array;
  readonly writeValue: Int32Array;
  /** Calls that may copy properties, of which only the value that is called tells: `$.extend(…)`, where `$` is a parameter. */
  readonly copyingSites: number[] = [];
  /** Writes on values that come from elsewhere. */
  readonly foreignWrites: readonly number[];
  private readonly firstWrite = new Map<Entity, number>();
  private readonly tables = new Map<Entity, Map<string | symbol, number[]>>();
  private readonly nextWrite: Int32Array;
  private readonly writeOf: Int32Array;
  private readonly effectOfSite = new Map<number, CallEffect>();
  private readonly receivers = new Map<number, Entity[]>();
  /** Getters in descriptors: the object that has the property, and the function. */
  private readonly getters: (readonly [base: Term, f: number])[] = [];
  /** Functions that write properties of `this`. */
  private setting: Set<number> | undefined;
  /** Functions whose prototype objects have methods, or inherit. */
  private readonly constructors = new Set<number>();
  private filledParameters: Set<number> | undefined;
  private foundCopiers: ReadonlyMap<number, Copier> | undefined;
  private withMethods: Set<Entity> | undefined;
  private cut: Parts | undefined;
  private declared: readonly Term[] | undefined;
  private functions: Map<number, number> | undefined;
  private classes: Map<number, number> | undefined;
  private objects: Map<number, number> | undefined;
  private siteKeys: Map<number, number> | undefined;
  private types: Map<number, Term> | undefined;
  private rests: Set<number> | undefined;
  private staticMembers: Uint8Array | undefined;
  private accessors: boolean | undefined;
  /** By class with many members: these by name. */
  private members: (Map<string, number[]> | undefined)[] | undefined;

  /** Whether object literals of the file have getters or setters. */
  get hasAccessors(): boolean {
    return (this.accessors ??= this.skeleton.strings.some(
      (text) => text.startsWith(GETTER_PREFIX) || text.startsWith(SETTER_PREFIX),
    ));
  }

  constructor(
    readonly skeleton: Skeleton,
    readonly imports: readonly ImportTarget[],
    /** For packages: their dotted name, by import. */
    private readonly importNames: readonly (string | undefined)[],
    effects: CallEffects,
    /** Positions of the conventions by which a framework calls exports of the file. */
    readonly conventions: readonly number[] = [],
    /** A number for the package that the file is part of. */
    readonly packageHash = 0,
  ) {
    this.objectKey = uniqueKeys(skeleton.objectFunction.length, (o) =>
      mixKey(skeleton.functionKeyHash[skeleton.objectFunction[o]], skeleton.objectOrdinal[o]),
    );
    this.classKey = uniqueKeys(skeleton.className.length, (c) => {
      const name = skeleton.className[c] < 0 ? 0 : hashKey(skeleton.strings[skeleton.className[c]]);
      return mixKey(mixKey(skeleton.functionKeyHash[skeleton.classFunction[c]], name), skeleton.classOrdinal[c]);
    });
    const extra = this.effectWrites(effects);
    this.writeBase = concat(skeleton.storeBase, extra.base);
    this.writeName = concat(skeleton.storeName, extra.name);
    this.writeValue = concat(skeleton.storeValue, extra.value);
    const foreign: number[] = [];
    const next: number[] = [];
    const of: number[] = [];
    this.findReceivers();
    const found = new IntArray();
    for (let w = 0; w < this.writeBase.length; w++) {
      if (this.writeValue[w] === NO_TERM) continue;
      found.length = 0;
      if (!this.localEntities(this.writeBase[w], found, 0)) foreign.push(w);
      for (let i = 0; i < found.length; i++) {
        const target: Entity = found.items[i];
        const link = next.length;
        next.push(this.firstWrite.get(target) ?? -1);
        of.push(w);
        this.firstWrite.set(target, link);
      }
    }
    this.foreignWrites = foreign;
    this.nextWrite = Int32Array.from(next);
    this.writeOf = Int32Array.from(of);
  }

  /** Terms of functions and objects with a declared type: `const list: RequestHandler = (req, res) => …`. */
  get declaredValues(): readonly Term[] {
    if (this.declared !== undefined) return this.declared;
    const { termKind, termA } = this.skeleton;
    const found: Term[] = [];
    for (let term = 0; term < termKind.length; term++) {
      if ((termKind[term] as TermKind) !== TermKind.Typed) continue;
      const kind: TermKind = termKind[termA[term]];
      if (kind === TermKind.Function || kind === TermKind.Object) found.push(term);
    }
    this.declared = found;
    return found;
  }

  /** Approximate bytes this keeps alive, for bounding caches. */
  get bytes(): number {
    const { termKind, lists, siteNode, nodeId, strings, functionFlags } = this.skeleton;
    return (
      termKind.length * 9 +
      lists.length * 4 +
      siteNode.length * 24 +
      nodeId.length * 9 +
      this.writeBase.length * 32 +
      strings.length * 50 +
      functionFlags.length * 60 +
      8000
    );
  }

  /** How the calls of the file are cut into parts that are linked each on their own: function, first and last + 1 of its calls. */
  get parts(): Parts {
    return (this.cut ??= cutIntoParts(this.skeleton));
  }

  functionByKey(key: number): number {
    this.functions ??= indexOf(this.skeleton.functionKeyHash);
    return this.functions.get(key) ?? -1;
  }

  classByKey(key: number): number {
    this.classes ??= indexOf(this.classKey);
    return this.classes.get(key) ?? -1;
  }

  /** Members of a class with a name, in their order. */
  membersNamed(c: number, name: string): readonly number[] {
    const { memberStart, memberName, strings } = this.skeleton;
    const from = memberStart[c];
    const to = memberStart[c + 1];
    if (to - from > FEW_MEMBERS) return this.membersByName(c).get(name) ?? NO_MEMBERS;
    let found: number[] | undefined;
    for (let m = from; m < to; m++) if (strings[memberName[m]] === name) (found ??= []).push(m);
    return found ?? NO_MEMBERS;
  }

  private membersByName(c: number): ReadonlyMap<string, readonly number[]> {
    const { memberStart, memberName, strings } = this.skeleton;
    this.members ??= new Array<Map<string, number[]> | undefined>(memberStart.length - 1).fill(undefined);
    let table = this.members[c];
    if (table !== undefined) return table;
    this.members[c] = table = new Map<string, number[]>();
    for (let m = memberStart[c]; m < memberStart[c + 1]; m++) {
      const name = strings[memberName[m]];
      const list = table.get(name);
      if (list === undefined) table.set(name, [m]);
      else list.push(m);
    }
    return table;
  }

  objectByKey(key: number): number {
    this.objects ??= indexOf(this.objectKey);
    return this.objects.get(key) ?? -1;
  }

  siteKey(site: number): number {
    const f = this.functionOfSite(site);
    return mixKey(
      mixKey(this.skeleton.functionKeyHash[f], this.termHash(this.skeleton.siteCallee[site], 0)),
      this.skeleton.siteOrdinal[site],
    );
  }

  siteByKey(key: number): number {
    if (this.siteKeys === undefined) {
      this.siteKeys = new Map();
      for (let site = this.skeleton.siteNode.length - 1; site >= 0; site--) this.siteKeys.set(this.siteKey(site), site);
    }
    return this.siteKeys.get(key) ?? -1;
  }

  /** What a callee looks like: its names, and what it starts from. */
  private termHash(term: Term, depth: number): number {
    const { termKind, termA, termB, strings, importSpecifier, functionKeyHash } = this.skeleton;
    const kind: TermKind = termKind[term];
    const a = termA[term];
    switch (kind) {
      case TermKind.Member:
        return depth > 4 ? 1 : mixKey(this.termHash(a, depth + 1), hashKey(strings[termB[term]]));
      case TermKind.Global:
        return hashKey(strings[a]);
      case TermKind.Import:
        return hashKey(strings[importSpecifier[a]]);
      case TermKind.Function:
        return functionKeyHash[a];
      case TermKind.Param:
        return mixKey(functionKeyHash[a], termB[term]);
      default:
        return kind;
    }
  }

  functionOfSite(site: number): number {
    const { siteStart } = this.skeleton;
    let low = 0;
    let high = siteStart.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (siteStart[middle] <= site) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Term of the declared type of a parameter. */
  declaredType(f: number, position: number): Term {
    if (this.types === undefined) {
      const { termKind, termA, termB } = this.skeleton;
      this.types = new Map();
      for (let t = 0; t < termKind.length; t++) {
        const value = termA[t];
        if (termKind[t] !== TermKind.Typed || termKind[value] !== TermKind.Param || termB[value] >= 62) continue;
        this.types.set(termA[value] * 64 + termB[value] + 1, termB[t]);
      }
    }
    return this.types.get(f * 64 + position + 1) ?? NO_TERM;
  }

  /** Whether a function has a rest parameter or uses `arguments`. */
  takesRest(f: number): boolean {
    if (this.rests === undefined) {
      const { termKind, termA } = this.skeleton;
      this.rests = new Set();
      for (let t = 0; t < termKind.length; t++) if (termKind[t] === TermKind.RestParam) this.rests.add(termA[t]);
    }
    return this.rests.has(f);
  }

  effect(site: number): CallEffect | undefined {
    return this.effectOfSite.get(site);
  }

  /** First write on an entity; follow with `nextOf`, read with `write`. -1 ends. */
  firstOf(target: Entity): number {
    return this.firstWrite.get(target) ?? -1;
  }

  nextOf(link: number): number {
    return this.nextWrite[link];
  }

  write(link: number): number {
    return this.writeOf[link];
  }

  /** Whether a property of an entity is written under its name. */
  isWritten(target: Entity, name: string): boolean {
    const table = this.writesByName(target);
    if (table !== undefined) return table.has(name);
    const { strings } = this.skeleton;
    for (let link = this.firstOf(target); link >= 0; link = this.nextOf(link)) {
      const property = this.writeName[this.write(link)];
      if (property >= 0 && strings[property] === name) return true;
    }
    return false;
  }

  /**
   * Writes on an entity that may write a property: those under its name and copies; or, without the first, those under
   * unknown names. Undefined for entities with few writes: `mayWrite` tells of each of those.
   */
  writesOf(target: Entity, name: string): readonly number[] | undefined {
    const table = this.writesByName(target);
    return table === undefined ? undefined : (table.get(name) ?? table.get(UNKNOWN_NAME) ?? NO_MEMBERS);
  }

  mayWrite(w: number, target: Entity, name: string): boolean {
    const property = this.writeName[w];
    if (property >= 0) return this.skeleton.strings[property] === name;
    return property === STORE_COPY || (property === STORE_ELEMENT && !this.isWritten(target, name));
  }

  /** By name, and under `UNKNOWN_NAME`, what `writesOf` answers; undefined for entities with few writes. */
  private writesByName(target: Entity): ReadonlyMap<string | symbol, readonly number[]> | undefined {
    let table = this.tables.get(target);
    if (table !== undefined) return table;
    let count = 0;
    for (let link = this.firstOf(target); link >= 0 && count < MANY_WRITES; link = this.nextOf(link)) count++;
    if (count < MANY_WRITES) return undefined;
    table = new Map<string | symbol, number[]>([[UNKNOWN_NAME, []]]);
    for (let link = this.firstOf(target); link >= 0; link = this.nextOf(link)) {
      const w = this.write(link);
      const property = this.writeName[w];
      if (property === STORE_INHERIT || property === STORE_COPY) continue;
      const name = property < 0 ? UNKNOWN_NAME : this.skeleton.strings[property];
      const writes = table.get(name);
      if (writes === undefined) table.set(name, [w]);
      else writes.push(w);
    }
    for (let link = this.firstOf(target); link >= 0; link = this.nextOf(link)) {
      const w = this.write(link);
      if (this.writeName[w] === STORE_COPY) for (const writes of table.values()) writes.push(w);
    }
    this.tables.set(target, table);
    return table;
  }

  /** What `this` is in a function, as far as its file tells. */
  receiverEntities(f: number): readonly Entity[] {
    const { skeleton } = this;
    const flags = skeleton.functionFlags[f];
    if ((flags & (FunctionFlag.Arrow | FunctionFlag.Module)) !== 0) return [];
    const c = skeleton.functionClass[f];
    if (c >= 0) return [entity(this.isStatic(f) ? EntityKind.ClassStatic : EntityKind.ClassInstance, c)];
    const found = this.receivers.get(f);
    const self = entity(EntityKind.FunctionInstance, f);
    if (found === undefined) return [self];
    if (!this.constructors.has(f)) return [...found, self];
    // A constructor may be the property of an object, too, which is not what it makes: `exports.Shape = Shape`.
    return [self, ...found.filter((target) => target !== self && isInstance(target))];
  }

  /** Whether a function of the file has this object for `this`, first of all. */
  hasMethods(object: Entity): boolean {
    if (this.withMethods === undefined) {
      this.withMethods = new Set();
      for (const f of this.receivers.keys()) {
        const [first] = this.receiverEntities(f);
        if (first !== undefined) this.withMethods.add(first);
      }
    }
    return this.withMethods.has(object);
  }

  /** Whether the file writes methods of what a function constructs. */
  isConstructor(f: number): boolean {
    return this.constructors.has(f);
  }

  /** Which of its parameters a function copies to which other one. */
  copier(f: number): Copier | undefined {
    return (this.foundCopiers ??= copiersOf(this)).get(f);
  }

  /** Whether a function writes functions to the object that it is handed as a parameter. */
  fillsParameter(f: number, position: number): boolean {
    if (this.filledParameters === undefined) {
      const { termKind, termA, termB } = this.skeleton;
      this.filledParameters = new Set();
      for (const w of this.foreignWrites) {
        const base = this.resolveAlias(this.writeBase[w]);
        if (termKind[base] !== TermKind.Param || termB[base] < 0) continue;
        if (termKind[this.resolveAlias(this.writeValue[w])] === TermKind.Function)
          this.filledParameters.add(termA[base] * MAX_POSITIONS + termB[base]);
      }
    }
    return this.filledParameters.has(f * MAX_POSITIONS + position);
  }

  /** Follows a variable with one value. */
  resolveAlias(term: Term): Term {
    const { termKind, termA, listStart, lists } = this.skeleton;
    let at = term;
    for (let i = 0; i < 8; i++) {
      const kind: TermKind = termKind[at];
      if (kind === TermKind.Await || kind === TermKind.Typed) at = termA[at];
      else if (
        (kind === TermKind.Variable || kind === TermKind.Union) &&
        listStart[termA[at] + 1] - listStart[termA[at]] === 1
      ) {
        at = lists[listStart[termA[at]]];
      } else return at;
    }
    return at;
  }

  /** Entities of this file that a term names; false when it may (also) be something from elsewhere. */
  private localEntities(term: Term, found: IntArray, depth: number): boolean {
    const { termKind, termA, termB, listStart, lists, strings } = this.skeleton;
    const kind: TermKind = termKind[term];
    const a = termA[term];
    switch (kind) {
      case TermKind.Function:
        found.push(entity(EntityKind.FunctionStatic, a));
        return true;
      case TermKind.Class:
        found.push(entity(EntityKind.ClassStatic, a));
        return true;
      case TermKind.Object:
        found.push(entity(EntityKind.Object, a));
        return true;
      case TermKind.Param: {
        if (termB[term] !== RECEIVER) return false;
        const receivers = this.receiverEntities(a);
        for (let i = 0; i < receivers.length; i++) found.push(receivers[i]);
        return receivers.length > 0;
      }
      case TermKind.Member: {
        if (strings[termB[term]] !== PROTOTYPE) return false;
        const base = this.resolveAlias(a);
        if (termKind[base] === TermKind.Function) found.push(entity(EntityKind.FunctionInstance, termA[base]));
        else if (termKind[base] === TermKind.Class) found.push(entity(EntityKind.ClassInstance, termA[base]));
        else return false;
        return true;
      }
      case TermKind.Union:
      case TermKind.Variable: {
        if (depth > 3) return false;
        let all = true;
        for (let i = listStart[a]; i < listStart[a + 1]; i++)
          if (!this.localEntities(lists[i], found, depth + 1)) all = false;
        return all;
      }
      case TermKind.Typed:
        return this.localEntities(a, found, depth);
      default:
        return false;
    }
  }

  argument(site: number, position: number): Term {
    const { siteArguments, siteFlags, listStart, lists } = this.skeleton;
    const list = siteArguments[site];
    const at = listStart[list] + position;
    if (at >= listStart[list + 1]) return NO_TERM;
    return (siteFlags[site] & SiteFlag.Spread) !== 0 && at === listStart[list + 1] - 1 ? NO_TERM : lists[at];
  }

  argumentCount(site: number): number {
    const list = this.skeleton.siteArguments[site];
    return this.skeleton.listStart[list + 1] - this.skeleton.listStart[list];
  }

  private isStatic(f: number): boolean {
    const { memberFunction, memberIsStatic, functionFlags } = this.skeleton;
    if ((functionFlags[f] & FunctionFlag.Static) !== 0) return true;
    if (this.staticMembers === undefined) {
      this.staticMembers = new Uint8Array(functionFlags.length);
      for (let m = 0; m < memberFunction.length; m++)
        if (memberIsStatic[m] === 1) this.staticMembers[memberFunction[m]] = 1;
    }
    return this.staticMembers[f] === 1;
  }

  /** A function written to a property of an object has that object as `this`. Twice, because bases may be `this` themselves. */
  private findReceivers(): void {
    const { termKind, termA } = this.skeleton;
    const found = new IntArray();
    const instancesOf = this.prototypeObjects();
    for (let pass = 0; pass < 2; pass++) {
      for (let w = 0; w < this.writeBase.length; w++) {
        const value = this.writeValue[w];
        if (termKind[value] !== TermKind.Function || this.writeName[w] === STORE_COPY) continue;
        // Functions of an ES module are called without `this`.
        if (this.skeleton.isEsm && this.writeBase[w] === this.skeleton.exports) continue;
        this.findReceiversOf(termA[value], this.writeBase[w], instancesOf, found);
      }
      for (const [base, f] of this.getters) this.findReceiversOf(f, base, instancesOf, found);
    }
  }

  /** The same of a function that is a method, or getter, of what a term stands for. */
  private findReceiversOf(f: number, base: Term, instancesOf: ReadonlyMap<Entity, Entity>, found: IntArray): void {
    const { termKind, functionFlags, functionClass } = this.skeleton;
    if ((functionFlags[f] & FunctionFlag.Arrow) !== 0 || functionClass[f] >= 0) return;
    found.length = 0;
    this.localEntities(base, found, 0);
    if (found.length === 0) return;
    let known = this.receivers.get(f);
    if (known === undefined) this.receivers.set(f, (known = []));
    // The first receiver is the one whose fields count: instances come before objects that hold the method, too.
    const isOnPrototype = termKind[base] === TermKind.Member;
    for (let i = 0; i < found.length; i++) {
      const target: Entity = found.items[i];
      const isMethod = isOnPrototype && target % 8 === (EntityKind.FunctionInstance as number);
      if (isMethod) this.constructors.add(Math.floor(target / 8));
      const made = instancesOf.get(target);
      if (made !== undefined && !known.includes(made)) known.unshift(made);
      if (known.includes(target)) continue;
      if (isMethod) known.unshift(target);
      else known.push(target);
    }
  }

  /**
   * Object literals that are the prototype of what a function constructs, `Shape.prototype = { … }`, or are copied to it or handed to somebody with it,
   * `extend(Shape.prototype, { … })`, `mixin(Shape, { … })`, with those instances.
   */
  private prototypeObjects(): ReadonlyMap<Entity, Entity> {
    const { termKind, termA, strings, siteNode } = this.skeleton;
    const found = new Map<Entity, Entity>();
    const made = new IntArray();
    const copied = (target: Term, source: Term): void => {
      const from = this.resolveAlias(source);
      if (termKind[target] !== TermKind.Member || termKind[from] !== TermKind.Object) return;
      made.length = 0;
      if (this.localEntities(target, made, 0)) isPrototype(from, made.items[0]);
    };
    const isPrototype = (object: Term, instance: Entity): void => {
      found.set(entity(EntityKind.Object, termA[object]), instance);
      if (instance % 8 === (EntityKind.FunctionInstance as number)) this.constructors.add(Math.floor(instance / 8));
    };
    for (let site = 0; site < siteNode.length; site++) {
      if (this.argumentCount(site) < 2) continue;
      const instance = this.instanceOf(this.resolveAlias(this.argument(site, 0)));
      for (let i = 1; i < this.argumentCount(site); i++) {
        const from = this.resolveAlias(this.argument(site, i));
        if (instance < 0) copied(this.argument(site, 0), from);
        else if (termKind[from] === TermKind.Object) isPrototype(from, instance);
      }
    }
    for (let w = 0; w < this.writeBase.length; w++) {
      if (this.writeName[w] === STORE_COPY) copied(this.writeBase[w], this.writeValue[w]);
      const inherits = this.writeName[w] === STORE_INHERIT;
      if (!inherits && (this.writeName[w] < 0 || strings[this.writeName[w]] !== PROTOTYPE)) continue;
      const maker = this.resolveAlias(this.writeBase[w]);
      if (termKind[maker] !== TermKind.Function) continue;
      this.constructors.add(termA[maker]);
      const prototype = this.resolveAlias(this.writeValue[w]);
      if (!inherits && termKind[prototype] === TermKind.Object)
        found.set(entity(EntityKind.Object, termA[prototype]), entity(EntityKind.FunctionInstance, termA[maker]));
    }
    return found;
  }

  /** What a class, or a function that sets properties of `this`, makes; -1 for anything else. */
  private instanceOf(maker: Term): Entity {
    const { termKind, termA, termB, functionFlags } = this.skeleton;
    const of = termA[maker];
    if (termKind[maker] === TermKind.Class) return entity(EntityKind.ClassInstance, of);
    if (termKind[maker] !== TermKind.Function || (functionFlags[of] & FunctionFlag.Arrow) !== 0) return -1;
    if (this.setting === undefined) {
      this.setting = new Set();
      for (const base of this.writeBase)
        if (termKind[base] === TermKind.Param && termB[base] === RECEIVER) this.setting.add(termA[base]);
    }
    return this.setting.has(of) ? entity(EntityKind.FunctionInstance, of) : -1;
  }

  private effectWrites(effects: CallEffects): Writes {
    const { siteNode, siteCallee, termKind, termB, strings } = this.skeleton;
    const names = lastNames(effects);
    const copying = copyingNames(effects);
    const writes: Writes = { base: [], name: [], value: [] };
    for (let site = 0; site < siteNode.length; site++) {
      const kind: TermKind = termKind[siteCallee[site]];
      if (kind !== TermKind.Member && kind !== TermKind.Import && kind !== TermKind.Global) continue;
      const last = kind === TermKind.Member ? strings[termB[siteCallee[site]]] : DEFAULT;
      if (last !== DEFAULT && !names.has(last)) continue;
      const path = this.calleePath(siteCallee[site]);
      // What no document knows by its full name may be a method that means one thing everywhere.
      const byName = kind === TermKind.Member ? `.${strings[termB[siteCallee[site]]]}` : undefined;
      const name = [path, byName].find((known) => known !== undefined && Object.hasOwn(effects, known));
      const effect = name === undefined ? undefined : effects[name];
      if (effect === undefined) {
        if (path === undefined && copying.has(last)) this.copyingSites.push(site);
        continue;
      }
      this.effectOfSite.set(site, effect);
      if (effect.copies !== undefined) {
        for (let i = effect.copies.from; i < this.argumentCount(site); i++) {
          addWrite(writes, this.argument(site, effect.copies.to), STORE_COPY, this.argument(site, i));
        }
      }
      if (effect.inherits !== undefined) {
        addWrite(
          writes,
          this.argument(site, effect.inherits.sub),
          STORE_INHERIT,
          this.argument(site, effect.inherits.base),
        );
      }
      if (effect.delegates !== undefined) {
        addWrite(
          writes,
          this.argument(site, effect.delegates.object),
          STORE_COPY,
          this.argument(site, effect.delegates.prototype),
        );
      }
      if (effect.defines === undefined) continue;
      for (const { base, name, value, getter } of describedProperties(this, site, effect.defines)) {
        addWrite(writes, base, name, value);
        if (getter >= 0) this.getters.push([base, getter]);
      }
    }
    return writes;
  }

  /** The module in `_interopRequireDefault(require('x'))`, by the form of such helpers: they return what they are given, or an object with it as `default`. */
  private interopArgument(site: number): Term {
    const { siteCallee, termKind, termA, termB, functionReturn, listStart, lists } = this.skeleton;
    const argument = this.argument(site, 0);
    const helper = this.resolveAlias(siteCallee[site]);
    if (termKind[argument] !== TermKind.Import || termKind[helper] !== TermKind.Function) return NO_TERM;
    const result = functionReturn[termA[helper]];
    if (termKind[result] !== TermKind.Union) return NO_TERM;
    let gives = false;
    for (let i = listStart[termA[result]]; i < listStart[termA[result] + 1]; i++) {
      const each = lists[i];
      if (termKind[each] === TermKind.Param && termA[each] === termA[helper] && termB[each] === 0) gives = true;
      else if (termKind[each] !== TermKind.Object) return NO_TERM;
    }
    return gives ? argument : NO_TERM;
  }

  /** `Object.assign`, `util.inherits`: the callee by name, when it is written out. */
  private calleePath(callee: Term): string | undefined {
    const { termKind, termA, termB, strings } = this.skeleton;
    let path = '';
    let at = callee;
    for (let i = 0; i < 6; i++) {
      const kind: TermKind = termKind[at];
      if (kind === TermKind.Member) {
        const name = strings[termB[at]];
        if (name !== DEFAULT) path = `.${name}${path}`;
        at = termA[at];
      } else if (kind === TermKind.Call) {
        at = this.interopArgument(termA[at]);
      } else if (kind === TermKind.Global) return strings[termA[at]] + path;
      else if (kind === TermKind.Import) {
        const root = this.importNames[termA[at]];
        return root === undefined ? undefined : root + path;
      } else return undefined;
    }
    return undefined;
  }
}
