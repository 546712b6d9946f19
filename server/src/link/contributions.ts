/**
 * What one file contributes to others (and to itself): values its calls pass to parameters, properties it writes on
 * objects from elsewhere, its classes to the superclasses. Rows of entity, slot and value, sorted and without
 * duplicates, so that equal contributions are equal arrays.
 */
import { RECEIVER } from '../model/graph';
import { NO_API } from '../model/ids';
import type { ApiState, FileId } from '../model/ids';
import { NO_TERM, ObjectFlag, SiteFlag, STORE_COPY, STORE_ELEMENT, TermKind } from '../model/skeleton';
import type { Term } from '../model/skeleton';
import { COPY_SLOT, ELEMENT_SLOT, SUBCLASS_SLOT } from './bindings';
import { APPLY, BIND, CALL, DEFAULT } from './builtins';
import {
  argumentValue,
  callbackMethod,
  copiedAt,
  indirectCall,
  parameterSlot,
  plainElements,
  plainReceivers,
} from './calls';
import { isToldByCalls, type Copier } from './copiers';
import type { Evaluator, FileContext } from './evaluator';
import { EMPTY, TOO_MANY } from './intSets';
import type { SetId } from './intSets';
import { elementsOf, keptElements, membersOf, openOwner } from './members';
import { nameSlot } from './names';
import { Part } from './reads';
import { holdsAnything, isExportsObject, propertiesOf } from './properties';
import { NO_VALUE, ValueKind } from './values';
import type { Derivation, ValueId } from './values';

/** Superclasses a class is announced to. */
const MAX_ANCESTORS = 12;

/** Arguments told to a function that takes any number. */
const MAX_REST = 4;

const NO_ROWS: readonly number[] = [];

/** How the arguments of a call are laid out for what it calls. */
export type CallForm = 'direct' | 'construct' | 'call' | 'apply' | 'bound' | 'super';

export class ContributionWriter {
  private rows: number[] = [];

  constructor(
    private readonly evaluator: Evaluator,
    /** Whether a file serves to develop its package only. */
    private readonly isDevelopment: (file: FileId) => boolean,
  ) {}

  /** Rows since the last call, as they came. */
  take(): readonly number[] {
    const { rows } = this;
    if (rows.length === 0) return NO_ROWS;
    this.rows = [];
    return rows;
  }

  /** A file's classes, its writes on objects from elsewhere, and what a framework calls its exports with. */
  file(context: FileContext): void {
    const { index } = context;
    const { skeleton } = index;
    for (let c = 0; c < skeleton.className.length; c++) {
      if (skeleton.classSuper[c] !== NO_TERM) this.subclass(context, c);
    }
    for (const w of index.foreignWrites) this.foreignWrite(context, w);
    for (const site of index.copyingSites) this.copy(context, site);
    for (const convention of index.conventions) this.convention(context, convention);
    for (const term of index.declaredValues) this.declared(context, term);
  }

  /** A function, or an object with functions, that is declared to be what a library calls. */
  private declared(context: FileContext, term: Term): void {
    const { evaluator } = this;
    const { termA, termB } = context.index.skeleton;
    for (const type of this.members(evaluator.instances(evaluator.read(context, termB[term]), false))) {
      if (evaluator.values.kind(type) !== ValueKind.Api) continue;
      this.handOverAt(type, evaluator.values.state(type), evaluator.read(context, termA[term]), 0);
    }
  }

  /** Exports that a framework calls by their name. */
  private convention(context: FileContext, position: number): void {
    const { evaluator } = this;
    const { automaton, values } = evaluator;
    // Stored links may tell of one that models had once; then all files are linked again.
    const convention = automaton.conventions?.[position];
    const state = convention === undefined ? NO_API : automaton.packageRoot(convention.key);
    if (convention === undefined || state === NO_API) return;
    const place = values.api(state, { step: 'package', from: -1, name: convention.key, numbers: [] });
    const exports = evaluator.read(context, context.index.skeleton.exports);
    for (const name of convention.exports) {
      if (name === '*') {
        for (const value of this.members(exports))
          for (const [, members] of propertiesOf(evaluator, value)) this.handOverAt(place, state, members, 0);
      } else this.handOverAt(place, state, membersOf(evaluator, exports, name), 0);
      // `module.exports = f`
      if (name === DEFAULT || name === '*') {
        for (const value of this.members(exports))
          if (values.kind(value) === ValueKind.Function) this.handOverFunction(place, state, value);
      }
    }
  }

  /** A call of a function of the workspace. */
  call(context: FileContext, site: number, callee: ValueId, how: CallForm, receiver: SetId): void {
    const { values } = this.evaluator;
    const kind = values.kind(callee);
    const fn = kind === ValueKind.Bound ? values.inner(callee) : callee;
    if (values.kind(fn) !== ValueKind.Function || this.isTried(context, fn)) return;
    if (how === 'apply') {
      this.pass(fn, RECEIVER, argumentValue(this.evaluator, context, site, 0));
      const list = context.index.argument(site, 1);
      if (list === NO_TERM) return;
      const { skeleton } = context.index;
      for (let i = 0; i < this.parameterCount(fn); i++) {
        // No parameter stands for what is handed on as `arguments`, so data can't flow there from one.
        const isRest = skeleton.termKind[list] === TermKind.RestParam;
        const value = isRest
          ? this.evaluator.restArgument(context, list, i)
          : elementsOf(this.evaluator, this.evaluator.read(context, list));
        this.pass(fn, i, value, isRest);
      }
      return;
    }
    const shift = how === 'call' ? 1 : 0;
    const bound = kind === ValueKind.Bound ? values.boundCount(callee) : 0;
    if (how === 'call') this.pass(fn, RECEIVER, argumentValue(this.evaluator, context, site, 0));
    if (how === 'direct') this.pass(fn, RECEIVER, receiver);
    const count = this.argumentsOf(context, site, fn, shift);
    const rest = restFrom(context, site);
    for (let i = 0; i < count; i++)
      this.pass(fn, i + bound, argumentValue(this.evaluator, context, site, i + shift), i + shift >= rest);
    if (bound === 0 && count > 1) this.copies(context, site, fn, shift);
  }

  /** `merge({}, defaults, { run })` with a function of the program: of this very call, the first object has what the others have. */
  private copies(context: FileContext, site: number, fn: ValueId, shift: number): void {
    const { evaluator } = this;
    const { values } = evaluator;
    const targets = this.members(argumentValue(evaluator, context, site, shift));
    for (let t = 0; t < targets.length; t++) {
      if (values.kind(targets[t]) !== ValueKind.Object) continue;
      const copier = this.copierOf(fn);
      if (copier?.to !== 0) return;
      const end = Math.min(copier.last + 1, context.index.argumentCount(site) - shift);
      for (let i = copier.from; i < end; i++)
        for (const source of this.members(argumentValue(evaluator, context, site, i + shift)))
          if (values.kind(source) !== ValueKind.Unmodelled && source !== targets[t])
            this.rows.push(targets[t], COPY_SLOT, source);
    }
  }

  /** What a function copies is told by its file as arguments are. */
  private copierOf(fn: ValueId): Copier | undefined {
    const context = openOwner(this.evaluator, fn);
    const f = this.evaluator.place(context, fn);
    if (context === undefined || f < 0) return undefined;
    this.evaluator.touch(context.file, Part.Arguments);
    return context.index.copier(f);
  }

  /** Tests and examples call a program with what is theirs: their requests and functions are not what it gets. */
  private isTried(context: FileContext, fn: ValueId): boolean {
    const file = this.evaluator.values.fileOf(fn);
    return file !== context.file && this.isDevelopment(context.file) && !this.isDevelopment(file);
  }

  /** `f.bind(t, a)`: receiver and first arguments are known already. */
  bind(context: FileContext, site: number, fn: ValueId): void {
    const count = context.index.argumentCount(site);
    for (let i = 0; i < count; i++) this.pass(fn, i - 1, argumentValue(this.evaluator, context, site, i));
  }

  /** Methods of arrays and promises hand their receiver, or its elements, to the callback. */
  callbackMethod(context: FileContext, site: number, bases: SetId): void {
    const method = callbackMethod(context, site);
    if (method?.passes === undefined) return;
    const plain = plainReceivers(this.evaluator, context, site, bases);
    const given = method.passes.what === 'value' ? plain : plainElements(this.evaluator, plain);
    if (given === EMPTY) return;
    for (const value of this.members(argumentValue(this.evaluator, context, site, 0))) {
      if (this.evaluator.values.kind(value) === ValueKind.Function) this.pass(value, method.passes.parameter, given);
    }
  }

  /** Functions given to a library get what the models say it calls them with. */
  apiCall(context: FileContext, site: number, callee: ValueId, shift: number): void {
    const { index } = context;
    const state = this.evaluator.values.state(callee);
    const given = index.argumentCount(site);
    const count = Math.max(index.skeleton.siteCount[site] - shift, 0);
    for (let i = 0; i + shift < given; i++) {
      for (const value of this.members(argumentValue(this.evaluator, context, site, i + shift))) {
        this.handOver(callee, state, i, count, value);
      }
    }
    this.elementsHandedOn(context, site, state, shift);
  }

  /** `_.each(table, (row) => …)`: what linking knows of the elements comes to the function. */
  private elementsHandedOn(context: FileContext, site: number, state: ApiState, shift: number): void {
    const { evaluator } = this;
    for (const { from, to } of evaluator.automaton.handedOn?.(state) ?? []) {
      if (to === 'result') continue;
      const functions = this.members(argumentValue(evaluator, context, site, to.argument + shift));
      if (functions.length === 0) continue;
      const elements = keptElements(evaluator, argumentValue(evaluator, context, site, from + shift));
      for (const value of functions)
        if (evaluator.values.kind(value) === ValueKind.Function) this.pass(value, to.parameter, elements);
    }
  }

  private handOver(callee: ValueId, state: ApiState, argument: number, count: number, value: ValueId): void {
    const { automaton, values } = this.evaluator;
    const kind = values.kind(value);
    if (kind === ValueKind.Function || kind === ValueKind.Bound) {
      const fn = kind === ValueKind.Bound ? values.inner(value) : value;
      const bound = kind === ValueKind.Bound ? values.boundCount(value) : 0;
      const parameters = this.parameterCount(fn) - bound;
      for (let p = kind === ValueKind.Bound ? 0 : RECEIVER; p < Math.max(parameters, this.restStart(fn)); p++) {
        const parameter = automaton.callbackParameter(state, argument, count, p, parameters);
        const position = p < 0 ? p : p + bound;
        if (this.passKnown(fn, position, parameter)) continue;
        this.passState(fn, position, parameter, {
          step: 'callback',
          from: callee,
          name: '',
          numbers: [argument, count, p, parameters],
        });
      }
      const at = automaton.argument(state, argument, count);
      if (at !== NO_API) this.handOverResult(this.place(at, 'argument', callee, [argument, count]), at, fn, 0);
      return;
    }
    if (kind === ValueKind.Api || kind === ValueKind.Unmodelled) return;
    const at = automaton.argument(state, argument, count);
    const isArray = this.isArray(value);
    if (at === NO_API && !isArray) return;
    if (isArray) {
      for (const element of this.members(elementsOf(this.evaluator, this.evaluator.sets.single(value)))) {
        const elementKind = values.kind(element);
        if (elementKind === ValueKind.Function || elementKind === ValueKind.Bound)
          this.handOver(callee, state, argument, count, element);
      }
    }
    if (at === NO_API) return;
    this.handOverMembers(this.place(at, 'argument', callee, [argument, count]), at, value, 0);
  }

  private place(state: ApiState, step: Derivation['step'], from: ValueId, numbers: readonly number[]): ValueId {
    return this.evaluator.values.api(state, { step, from, name: '', numbers });
  }

  /** Methods of an object given to a library: `{ onData(chunk) {} }`. */
  private handOverMembers(holder: ValueId, at: ApiState, value: ValueId, depth: number): void {
    for (const [name, members] of propertiesOf(this.evaluator, value))
      for (const member of this.members(members)) this.handOverMember(holder, at, name, member, depth);
  }

  /** A property of an object that a library has; without name it may be any. */
  private handOverMember(
    holder: ValueId,
    at: ApiState,
    name: string | undefined,
    member: ValueId,
    depth: number,
  ): void {
    const { automaton, values } = this.evaluator;
    const state = name === undefined ? automaton.element(at) : automaton.member(at, name);
    if (state === NO_API) return;
    const step: Derivation =
      name === undefined
        ? { step: 'element', from: holder, name: '', numbers: [] }
        : { step: 'member', from: holder, name, numbers: [] };
    this.handOverValue(values.api(state, step), state, member, depth);
  }

  /** Values that sit at a place in an API. */
  private handOverAt(place: ValueId, state: ApiState, given: SetId, depth: number): void {
    for (const value of this.members(given)) this.handOverValue(place, state, value, depth);
  }

  private handOverValue(place: ValueId, state: ApiState, value: ValueId, depth: number): void {
    const kind = this.evaluator.values.kind(value);
    if (kind === ValueKind.Function) {
      this.handOverFunction(place, state, value);
      this.handOverResult(place, state, value, depth);
    } else if (depth < 2 && (kind === ValueKind.Object || kind === ValueKind.Allocated))
      this.handOverMembers(place, state, value, depth + 1);
  }

  private handOverFunction(place: ValueId, state: ApiState, fn: ValueId): void {
    for (let p = RECEIVER; p < Math.max(this.parameterCount(fn), this.restStart(fn)); p++) {
      const parameter = this.evaluator.automaton.parameter(state, p);
      if (this.passKnown(fn, p, parameter)) continue;
      this.passState(fn, p, parameter, { step: 'parameter', from: place, name: '', numbers: [p] });
    }
  }

  /** What a function returns that sits at a place: objects with functions of their own, `fields: () => ({ … })`. */
  private handOverResult(place: ValueId, state: ApiState, fn: ValueId, depth: number): void {
    const { automaton } = this.evaluator;
    const result = automaton.returnValue(state);
    if (result === NO_API || depth > 1 || automaton.isData?.(result) === true) return;
    const context = openOwner(this.evaluator, fn);
    const f = this.evaluator.place(context, fn);
    const term = context === undefined || f < 0 ? NO_TERM : context.index.skeleton.functionReturn[f];
    if (context === undefined || term === NO_TERM) return;
    const holder = this.place(result, 'return', place, []);
    const { values } = this.evaluator;
    for (const value of this.members(this.evaluator.read(context, term))) {
      const kind = values.kind(value);
      if (kind === ValueKind.Function) this.handOverFunction(holder, result, value);
      else if (kind === ValueKind.Object || kind === ValueKind.Allocated)
        this.handOverMembers(holder, result, value, depth + 1);
    }
  }

  private isArray(value: ValueId): boolean {
    const { values } = this.evaluator;
    const object = values.kind(value) === ValueKind.Allocated ? values.inner(value) : value;
    if (values.kind(object) !== ValueKind.Object) return false;
    const context = openOwner(this.evaluator, object);
    const o = this.evaluator.place(context, object);
    return context !== undefined && o >= 0 && (context.index.skeleton.objectFlags[o] & ObjectFlag.Array) !== 0;
  }

  private pass(fn: ValueId, position: number, given: SetId, dataToo = false): void {
    if (given === EMPTY) return;
    const declared = this.declaredType(fn, position);
    const members = this.members(given);
    for (let i = 0; i < members.length; i++) {
      const value = members[i];
      if (this.evaluator.sets.has(declared, value) || !this.isWorthPassing(value, fn, position, dataToo)) continue;
      this.rows.push(fn, parameterSlot(position), value);
    }
  }

  /** What a parameter is by its declared type: saying it again would only make everybody look again. */
  private declaredType(fn: ValueId, position: number): SetId {
    const context = openOwner(this.evaluator, fn);
    const f = this.evaluator.place(context, fn);
    if (context === undefined || f < 0) return EMPTY;
    const type = context.index.declaredType(f, position);
    const declared = type === NO_TERM ? EMPTY : this.evaluator.instances(this.evaluator.read(context, type), false);
    return declared === TOO_MANY ? EMPTY : declared;
  }

  /** Whether a function puts functions on the object that it is handed: `addQueries(model)`. What it writes is told by its file as arguments are. */
  private isFilled(fn: ValueId, position: number): boolean {
    if (position < 0) return false;
    const context = openOwner(this.evaluator, fn);
    const f = this.evaluator.place(context, fn);
    if (context === undefined || f < 0) return false;
    this.evaluator.touch(context.file, Part.Arguments);
    return context.index.fillsParameter(f, position);
  }

  /** Tells whether a function gets a state, and passes it when it needs no derivation, because it was met before. */
  private passKnown(fn: ValueId, position: number, state: ApiState): boolean {
    if (state === NO_API) return true;
    const known = this.evaluator.values.knownApi(state);
    if (known === NO_VALUE) return false;
    this.rows.push(fn, parameterSlot(position), known);
    return true;
  }

  private passState(fn: ValueId, position: number, state: ApiState, derivation: Derivation): void {
    this.rows.push(fn, parameterSlot(position), this.evaluator.values.api(state, derivation));
  }

  /** Object literals that hold nothing linking can speak of are everywhere; they would only fill the bounds. */
  private isWorthPassing(value: ValueId, fn: ValueId, position: number, dataToo: boolean): boolean {
    const { values } = this.evaluator;
    switch (values.kind(value)) {
      case ValueKind.Unmodelled:
        return false;
      // Plain data from a source flows there by itself, with its path; linking has nothing to add.
      case ValueKind.Api:
        return dataToo || this.evaluator.automaton.isData?.(values.state(value)) !== true;
      case ValueKind.Object:
      case ValueKind.Allocated: {
        return (
          holdsAnything(this.evaluator, value) || isExportsObject(this.evaluator, value) || this.isFilled(fn, position)
        );
      }
      default:
        return true;
    }
  }

  private subclass(context: FileContext, c: number): void {
    const { evaluator } = this;
    const { values } = evaluator;
    const self = evaluator.classValue(context, c);
    const seen = [self];
    for (let i = 0; i < seen.length && seen.length < MAX_ANCESTORS; i++) {
      for (const base of this.members(evaluator.superclassesOf(seen[i]))) {
        if (values.kind(base) !== ValueKind.Class || seen.includes(base)) continue;
        seen.push(base);
        this.rows.push(base, SUBCLASS_SLOT, self);
      }
    }
  }

  private foreignWrite(context: FileContext, w: number): void {
    const { index } = context;
    this.write(context, index.writeBase[w], index.writeName[w], index.writeValue[w], isToldByCalls(index, w));
  }

  /** `$.extend($.fn, { … })`, of which only what `$` is tells that it copies. */
  private copy(context: FileContext, site: number): void {
    const copied = copiedAt(this.evaluator, context, site);
    if (copied !== undefined) for (const from of copied.from) this.write(context, copied.to, STORE_COPY, from);
  }

  /** With `isTold`, each call that hands over object literals tells for itself what is copied to them. */
  private write(context: FileContext, base: Term, name: number, value: Term, isTold = false): void {
    const { evaluator } = this;
    const { values } = evaluator;
    const { strings } = context.index.skeleton;
    const bases = this.members(evaluator.read(context, base));
    if (bases.length === 0) return;
    const slot = name === STORE_ELEMENT ? ELEMENT_SLOT : name < 0 ? COPY_SLOT : nameSlot(strings[name]);
    for (const object of bases) {
      if (values.kind(object) === ValueKind.Api) {
        this.handlerWrite(object, name, strings, evaluator.read(context, value));
        continue;
      }
      const target = heapEntity(evaluator, object);
      if (target < 0 || (isTold && values.kind(object) === ValueKind.Object)) continue;
      for (const member of this.members(evaluator.read(context, value))) {
        if (values.kind(member) !== ValueKind.Unmodelled && member !== object) this.rows.push(target, slot, member);
      }
    }
  }

  /** Functions written to an object of a library, which will call them: `socket.onmessage = (event) => …`. */
  private handlerWrite(base: ValueId, name: number, strings: readonly string[], written: SetId): void {
    const state = this.evaluator.values.state(base);
    for (const member of this.members(written)) {
      if (name === STORE_COPY) this.handOverMembers(base, state, member, 0);
      else if (name === STORE_ELEMENT || name >= 0)
        this.handOverMember(base, state, name < 0 ? undefined : strings[name], member, 0);
    }
  }

  private members(set: SetId): Int32Array | readonly ValueId[] {
    return set === TOO_MANY ? [] : this.evaluator.sets.members(set);
  }

  private parameterCount(fn: ValueId): number {
    const context = openOwner(this.evaluator, fn);
    const f = this.evaluator.place(context, fn);
    return context === undefined || f < 0 ? 0 : context.index.skeleton.functionParameters[f];
  }

  /** Functions with a rest parameter, or that use `arguments`, may take any number: four are told. */
  private restStart(fn: ValueId): number {
    const context = openOwner(this.evaluator, fn);
    const f = this.evaluator.place(context, fn);
    return context === undefined || f < 0 || !context.index.takesRest(f) ? 0 : MAX_REST;
  }

  private argumentsOf(context: FileContext, site: number, fn: ValueId, shift: number): number {
    const written = context.index.argumentCount(site) - shift;
    return (context.index.skeleton.siteFlags[site] & SiteFlag.Spread) === 0
      ? written
      : Math.max(written, this.parameterCount(fn));
  }
}

/** From which argument on a call hands on what its function was given beside declared parameters: `run(...rest)`. */
function restFrom({ index }: FileContext, site: number): number {
  const { skeleton } = index;
  if ((skeleton.siteFlags[site] & SiteFlag.Spread) === 0) return Infinity;
  const last = index.argumentCount(site) - 1;
  const spread = skeleton.lists[skeleton.listStart[skeleton.siteArguments[site]] + last];
  return skeleton.termKind[spread] === TermKind.RestParam ? last : Infinity;
}

/** The value that stands for an object in bindings; -1 where writes are not followed. */
function heapEntity(evaluator: Evaluator, value: ValueId): ValueId {
  const { values } = evaluator;
  switch (values.kind(value)) {
    case ValueKind.Function:
    case ValueKind.Class:
    case ValueKind.Object:
    case ValueKind.Prototype:
      return value;
    case ValueKind.Instance:
      return values.prototype(values.inner(value));
    case ValueKind.Allocated:
      return values.inner(value);
    case ValueKind.Bound:
      return values.inner(value);
    case ValueKind.Api:
    case ValueKind.Unmodelled:
      return -1;
  }
}

/** What may be called at a site. Filled anew for each: so many of the lists' items count. */
export class FoundCallees {
  readonly values: ValueId[] = [];
  readonly hows: CallForm[] = [];
  count = 0;
  /** Of a call of a property: the values it is a property of. */
  bases: SetId = EMPTY;
  isBind = false;

  clear(): void {
    this.count = 0;
    this.bases = EMPTY;
    this.isBind = false;
  }

  add(value: ValueId, how: CallForm): void {
    this.values[this.count] = value;
    this.hows[this.count++] = how;
  }
}

/** What a site's callee evaluates to, split by how it is called. */
export function calleesOf(evaluator: Evaluator, context: FileContext, site: number, found: FoundCallees): void {
  const { skeleton } = context.index;
  const { values } = evaluator;
  const callee = skeleton.siteCallee[site];
  const flags = skeleton.siteFlags[site];
  const isConstruct = (flags & SiteFlag.Construct) !== 0;
  const kind: TermKind = skeleton.termKind[callee];
  const set =
    kind === TermKind.Super
      ? evaluator.read(context, skeleton.classSuper[skeleton.termA[callee]])
      : evaluator.read(context, callee);
  const isProperty = kind === TermKind.Member || kind === TermKind.Element;
  found.clear();
  if (set === EMPTY && !isProperty) return;
  if (set !== TOO_MANY) {
    const members = evaluator.sets.members(set);
    for (let i = 0; i < members.length; i++) {
      const value = members[i];
      const valueKind = values.kind(value);
      const how =
        kind === TermKind.Super
          ? 'super'
          : isConstruct
            ? 'construct'
            : valueKind === ValueKind.Bound
              ? 'bound'
              : 'direct';
      found.add(value, how);
    }
  }
  if (isProperty) {
    const bases = evaluator.read(context, skeleton.termA[callee]);
    found.bases = bases;
    const indirect = isConstruct ? undefined : indirectCall(context, site);
    if (indirect !== undefined && bases !== TOO_MANY) {
      const isBind = indirect === BIND;
      found.isBind = isBind;
      const members = evaluator.sets.members(bases);
      for (let i = 0; i < members.length; i++) {
        const value = members[i];
        const valueKind = values.kind(value);
        if (valueKind === ValueKind.Function || (valueKind === ValueKind.Api && !isBind)) {
          if (indirect === CALL) found.add(value, 'call');
          else if (indirect === APPLY) found.add(value, 'apply');
        }
      }
    }
  }
}
