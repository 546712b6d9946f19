/**
 * Calls: what a call may call, and what it returns. A returned parameter, or an object literal that holds parameters,
 * is taken from the arguments of the very call; beyond that one level returns are the same for all callers.
 */
import { FunctionFlag } from '../model/graph';
import { NO_API } from '../model/ids';
import { ANY_POSITION, type HandedOn } from '../model/links';
import { NO_TERM, ObjectFlag, SiteFlag, TermKind } from '../model/skeleton';
import type { Term } from '../model/skeleton';
import { PARAMETER_BASE } from './bindings';
import { APPLY, BIND, CALL, CALLBACK_METHODS, GET } from './builtins';
import type { CallbackMethod } from './builtins';
import type { Evaluator, FileContext } from './evaluator';
import { entity, EntityKind } from './fileIndex';
import { EMPTY, TOO_MANY } from './intSets';
import type { SetId } from './intSets';
import { elementsOf, keptElements, membersOf, openOwner } from './members';
import { Part } from './reads';
import { ValueKind } from './values';
import type { ValueId } from './values';

/** How deep returned terms are taken apart for one call. */
const MAX_SUBSTITUTION = 6;

const NOTHING_HANDED_ON: readonly HandedOn[] = [];

/** `f.call`, `f.apply`, `f.bind`: the property name, if the callee of a site is one of them. */
export function indirectCall(context: FileContext, site: number): typeof CALL | typeof APPLY | typeof BIND | undefined {
  const { skeleton } = context.index;
  const callee = skeleton.siteCallee[site];
  if (skeleton.termKind[callee] !== TermKind.Member) return undefined;
  const name = skeleton.strings[skeleton.termB[callee]];
  return name === CALL || name === APPLY || name === BIND ? name : undefined;
}

/** The method of an array or promise that a site may call, by name. */
export function callbackMethod(context: FileContext, site: number): CallbackMethod | undefined {
  const { skeleton } = context.index;
  const callee = skeleton.siteCallee[site];
  if (skeleton.termKind[callee] !== TermKind.Member) return undefined;
  const name = skeleton.strings[skeleton.termB[callee]];
  return CALLBACK_METHODS.get(name);
}

/** Values a call or constructor call gives. */
export function callResult(evaluator: Evaluator, context: FileContext, site: number): SetId {
  const { sets, values } = evaluator;
  const { index } = context;
  const { skeleton } = index;
  const callee = skeleton.siteCallee[site];
  const isConstruct = (skeleton.siteFlags[site] & SiteFlag.Construct) !== 0;
  let result = isConstruct ? EMPTY : effectResult(evaluator, context, site);
  const callees = evaluator.read(context, callee);
  if (callees === TOO_MANY) return TOO_MANY;
  const members = sets.members(callees);
  for (let i = 0; i < members.length; i++) {
    const value = members[i];
    const kind = values.kind(value);
    if (kind === ValueKind.Function || kind === ValueKind.Bound) {
      const fn = kind === ValueKind.Bound ? values.inner(value) : value;
      const shift = kind === ValueKind.Bound ? -1 : 0;
      result = sets.union(result, returned(evaluator, fn, context, site, shift, isConstruct));
    } else if (kind === ValueKind.Api && !isConstruct) {
      const state = evaluator.automaton.returnValue(values.state(value));
      result = sets.union(result, evaluator.reached(state, 'return', value));
      for (const { from, to } of evaluator.automaton.handedOn?.(values.state(value)) ?? NOTHING_HANDED_ON)
        if (to === 'result')
          result = sets.union(result, keptElements(evaluator, argumentValue(evaluator, context, site, from)));
      const target = index.effect(site) === undefined ? copiesOf(evaluator, value)?.to : undefined;
      if (target !== undefined) result = sets.union(result, evaluator.read(context, index.argument(site, target)));
    }
  }
  if (isConstruct || skeleton.termKind[callee] !== TermKind.Member) return result;
  const indirect = indirectCall(context, site);
  const bases = evaluator.read(context, skeleton.termA[callee]);
  if (bases === TOO_MANY) return TOO_MANY;
  if (indirect !== undefined) result = sets.union(result, indirectResult(evaluator, context, site, bases, indirect));
  const method = callbackMethod(context, site);
  if (method !== undefined) result = sets.union(result, methodResult(evaluator, context, site, bases, method));
  if (skeleton.strings[skeleton.termB[callee]] === GET) result = sets.union(result, keptIn(evaluator, bases));
  return result;
}

/** What the maps among some values keep. */
export function keptIn(evaluator: Evaluator, bases: SetId): SetId {
  if (bases === TOO_MANY) return TOO_MANY;
  const { sets, values } = evaluator;
  let result = EMPTY;
  const members = sets.members(bases);
  for (let i = 0; i < members.length; i++) {
    if (values.kind(members[i]) !== ValueKind.Object) continue;
    const context = openOwner(evaluator, members[i]);
    const o = evaluator.place(context, members[i]);
    if (context === undefined || o < 0 || (context.index.skeleton.objectFlags[o] & ObjectFlag.Keyed) === 0) continue;
    result = sets.union(result, elementsOf(evaluator, sets.single(members[i])));
  }
  return result;
}

/**
 * Arguments whose properties a call copies to another one, where only the value that is called tells so: `$.extend(…)` with `$` a
 * parameter. Calls that are written out are writes of their file.
 */
export function copiedAt(
  evaluator: Evaluator,
  context: FileContext,
  site: number,
): { readonly to: Term; readonly from: readonly Term[] } | undefined {
  const { index } = context;
  const callees = evaluator.read(context, index.skeleton.siteCallee[site]);
  if (callees === TOO_MANY) return undefined;
  for (const value of evaluator.sets.members(callees)) {
    const copies = copiesOf(evaluator, value);
    if (copies === undefined) continue;
    const from: Term[] = [];
    for (let i = copies.from; i < index.argumentCount(site); i++) from.push(index.argument(site, i));
    return { to: index.argument(site, copies.to), from: from.filter((term) => term !== NO_TERM) };
  }
  return undefined;
}

function copiesOf({ values, automaton }: Evaluator, callee: ValueId): { from: number; to: number } | undefined {
  return values.kind(callee) === ValueKind.Api ? automaton.copies?.(values.state(callee)) : undefined;
}

function effectResult(evaluator: Evaluator, context: FileContext, site: number): SetId {
  const effect = context.index.effect(site);
  let result = EMPTY;
  if (effect === undefined) return result;
  for (const position of effect.returns ?? []) {
    result = evaluator.sets.union(result, evaluator.read(context, context.index.argument(site, position)));
  }
  if (effect.lists !== undefined) return evaluator.read(context, context.index.argument(site, effect.lists));
  if (effect.returnsElementOf === undefined) return result;
  return evaluator.sets.union(
    result,
    elementsOf(evaluator, evaluator.read(context, context.index.argument(site, effect.returnsElementOf))),
  );
}

function indirectResult(evaluator: Evaluator, context: FileContext, site: number, bases: SetId, how: string): SetId {
  const { sets, values } = evaluator;
  let result = EMPTY;
  const members = sets.members(bases);
  for (let i = 0; i < members.length; i++) {
    const value = members[i];
    const kind = values.kind(value);
    if (kind !== ValueKind.Function && kind !== ValueKind.Bound && kind !== ValueKind.Api) continue;
    if (how === BIND) {
      const bound = Math.max(context.index.skeleton.siteCount[site] - 1, 0);
      if (kind === ValueKind.Function) result = sets.union(result, sets.single(values.bound(value, bound)));
      else result = sets.union(result, sets.single(value));
    } else if (kind === ValueKind.Function) {
      result = sets.union(result, returned(evaluator, value, context, site, how === CALL ? 1 : -1, false));
    } else if (kind === ValueKind.Api) {
      const state = evaluator.automaton.returnValue(values.state(value));
      result = sets.union(result, evaluator.reached(state, 'return', value));
    }
  }
  return result;
}

function methodResult(
  evaluator: Evaluator,
  context: FileContext,
  site: number,
  bases: SetId,
  method: CallbackMethod,
): SetId {
  const { sets } = evaluator;
  const plain = plainReceivers(evaluator, context, site, bases);
  switch (method.result) {
    case 'nothing':
      return EMPTY;
    case 'value':
      return plain;
    case 'element':
      return plainElements(evaluator, plain);
    case 'callback': {
      if (plain === EMPTY && evaluator.read(context, context.index.skeleton.siteCallee[site]) !== EMPTY) return EMPTY;
      let result = EMPTY;
      const callbacks = evaluator.read(context, context.index.argument(site, 0));
      if (callbacks === TOO_MANY) return TOO_MANY;
      for (const value of sets.members(callbacks)) {
        if (evaluator.values.kind(value) === ValueKind.Function)
          result = sets.union(result, returned(evaluator, value, context, site, -1, false));
      }
      return result;
    }
  }
}

/**
 * What may be an array or promise of those that a site calls a method of: of APIs, those of which the models know elements,
 * and no method of that name.
 */
export function plainReceivers(evaluator: Evaluator, context: FileContext, site: number, bases: SetId): SetId {
  const plain = withoutApis(evaluator, bases);
  if (plain === bases || bases === TOO_MANY) return plain;
  const { sets, values, automaton } = evaluator;
  const { skeleton } = context.index;
  const name = skeleton.strings[skeleton.termB[skeleton.siteCallee[site]]];
  let result = plain;
  const members = sets.members(bases);
  for (let i = 0; i < members.length; i++) {
    if (values.kind(members[i]) !== ValueKind.Api) continue;
    const state = values.state(members[i]);
    if (automaton.member(state, name) === NO_API && automaton.member(state, ANY_POSITION) !== NO_API)
      result = sets.union(result, sets.single(members[i]));
  }
  return result;
}

/** Elements of such receivers: of an API, what stands at a position, and not its named members. */
export function plainElements(evaluator: Evaluator, receivers: SetId): SetId {
  const plain = withoutApis(evaluator, receivers);
  let result = elementsOf(evaluator, plain);
  if (plain === receivers) return result;
  const { sets, values, automaton } = evaluator;
  const members = sets.members(receivers);
  for (let i = 0; i < members.length; i++) {
    if (values.kind(members[i]) !== ValueKind.Api) continue;
    const next = automaton.member(values.state(members[i]), ANY_POSITION);
    result = sets.union(result, evaluator.reached(next, 'member', members[i], ANY_POSITION));
  }
  return result;
}

/** Models say themselves what methods of API values do. */
function withoutApis(evaluator: Evaluator, set: SetId): SetId {
  if (set === TOO_MANY) return EMPTY;
  const { sets, values } = evaluator;
  const members = sets.members(set);
  let kept: ValueId[] | undefined;
  for (let i = 0; i < members.length; i++) {
    const kind = values.kind(members[i]);
    if (kind === ValueKind.Api || kind === ValueKind.Unmodelled) kept ??= members.slice(0, i);
    else kept?.push(members[i]);
  }
  return kept === undefined ? set : sets.of(kept);
}

/** What a function returns to a call; arguments start at `shift`, or are unknown where it is negative. */
function returned(
  evaluator: Evaluator,
  fn: ValueId,
  caller: FileContext,
  site: number,
  shift: number,
  objectsOnly: boolean,
): SetId {
  const context = openOwner(evaluator, fn);
  const f = evaluator.place(context, fn);
  if (context === undefined || f < 0) return EMPTY;
  const { skeleton } = context.index;
  if ((skeleton.functionFlags[f] & FunctionFlag.Generator) !== 0) return EMPTY;
  const term = evaluator.returnOf(context, f);
  if (objectsOnly && skeleton.termKind[term] === TermKind.Param) return EMPTY;
  return returnedTerm(evaluator, context, f, term, caller, site, shift, 0);
}

function returnedTerm(
  evaluator: Evaluator,
  context: FileContext,
  f: number,
  term: Term,
  caller: FileContext,
  site: number,
  shift: number,
  depth: number,
): SetId {
  const { skeleton } = context.index;
  const { sets } = evaluator;
  const kind: TermKind = skeleton.termKind[term];
  const a = skeleton.termA[term];
  if (depth > MAX_SUBSTITUTION || shift < 0) return evaluator.read(context, term);
  switch (kind) {
    case TermKind.Union:
    case TermKind.Variable: {
      let result = EMPTY;
      for (let i = skeleton.listStart[a]; i < skeleton.listStart[a + 1]; i++) {
        result = sets.union(
          result,
          returnedTerm(evaluator, context, f, skeleton.lists[i], caller, site, shift, depth + 1),
        );
      }
      return result;
    }
    case TermKind.Param:
      if (a !== f || skeleton.termB[term] < 0) return evaluator.read(context, term);
      return argumentValue(evaluator, caller, site, skeleton.termB[term] + shift);
    case TermKind.Member:
      if (!startsFromParam(context, f, a)) return evaluator.read(context, term);
      return membersOf(
        evaluator,
        returnedTerm(evaluator, context, f, a, caller, site, shift, depth + 1),
        skeleton.strings[skeleton.termB[term]],
      );
    // `(text) => new RegExp(text)` makes of each text an expression of its own.
    case TermKind.Typed: {
      const type = skeleton.termB[term];
      if (!startsFromParam(context, f, type)) return evaluator.read(context, term);
      const made = evaluator.instances(
        returnedTerm(evaluator, context, f, type, caller, site, shift, depth + 1),
        false,
      );
      return sets.union(returnedTerm(evaluator, context, f, a, caller, site, shift, depth + 1), made);
    }
    case TermKind.Object:
      if (skeleton.objectFunction[a] !== f || !holdsParam(context, f, a)) return evaluator.read(context, term);
      return sets.single(
        evaluator.values.allocation(
          evaluator.values.object(context.file, context.index.objectKey[a]),
          caller.file,
          caller.index.siteKey(site),
        ),
      );
    default:
      return evaluator.read(context, term);
  }
}

/** Whether a term is a parameter of the function, or below one, or one of several that are (`value.source || value`). */
function startsFromParam(context: FileContext, f: number, term: Term, depth = 0): boolean {
  const { termKind, termA, listStart, lists } = context.index.skeleton;
  let at = term;
  while (termKind[at] === TermKind.Member) at = termA[at];
  if (termKind[at] === TermKind.Param) return termA[at] === f;
  if (termKind[at] !== TermKind.Union || depth > 1) return false;
  for (let i = listStart[termA[at]]; i < listStart[termA[at] + 1]; i++)
    if (!startsFromParam(context, f, lists[i], depth + 1)) return false;
  return true;
}

/** Whether some property of the object literal is (a property of) a parameter of its function. */
function holdsParam(context: FileContext, f: number, o: number): boolean {
  const { index } = context;
  for (let link = index.firstOf(entity(EntityKind.Object, o)); link >= 0; link = index.nextOf(link)) {
    if (startsFromParam(context, f, index.writeValue[index.write(link)])) return true;
  }
  return false;
}

/** A term of the function an allocation was made in, with the parameters of that call. */
export function substitute(evaluator: Evaluator, context: FileContext, term: Term, allocation: ValueId): SetId {
  const { values } = evaluator;
  const object = evaluator.place(context, values.inner(allocation));
  const f = object < 0 ? -1 : context.index.skeleton.objectFunction[object];
  if (f < 0 || !startsFromParam(context, f, term)) return evaluator.read(context, term);
  const caller = evaluator.open(values.siteFile(allocation), Part.Interface);
  evaluator.touch(values.siteFile(allocation), Part.Arguments);
  const site = caller?.index.siteByKey(values.siteKey(allocation)) ?? -1;
  if (caller === undefined || site < 0) return EMPTY;
  return returnedTerm(evaluator, context, f, term, caller, site, indirectCall(caller, site) === CALL ? 1 : 0, 0);
}

/** Value of an argument by position, through spread. */
export function argumentValue(evaluator: Evaluator, context: FileContext, site: number, position: number): SetId {
  const { index } = context;
  const { skeleton } = index;
  const plain = index.argument(site, position);
  if (plain !== NO_TERM) return evaluator.read(context, plain);
  if ((skeleton.siteFlags[site] & SiteFlag.Spread) === 0) return EMPTY;
  const last = index.argumentCount(site) - 1;
  if (position < last) return EMPTY;
  const spread = skeleton.lists[skeleton.listStart[skeleton.siteArguments[site]] + last];
  if (skeleton.termKind[spread] === TermKind.RestParam) return evaluator.restArgument(context, spread, position - last);
  return membersOf(evaluator, evaluator.read(context, spread), String(position - last));
}

/** Slot of a parameter in bindings. */
export const parameterSlot = (position: number): number => PARAMETER_BASE + position;
