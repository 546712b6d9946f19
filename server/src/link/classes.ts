/** Constructors of classes through inheritance, and the name under which a class's methods share their fields. */
import { FunctionFlag } from '../model/graph';
import { NO_TERM, TermKind } from '../model/skeleton';
import type { Term } from '../model/skeleton';
import type { Evaluator, FileContext } from './evaluator';
import { PROTOTYPE } from './builtins';
import { entity, EntityKind, STORE_INHERIT } from './fileIndex';
import type { FileIndex } from './fileIndex';
import { openOwner } from './members';
import { membersIn } from './properties';
import { Part } from './reads';
import type { StableNames } from './stableNames';
import { ValueKind } from './values';
import type { ValueId } from './values';

const MAX_CHAIN = 24;
/** Alternatives within alternatives of what a function gives back. */
const MAX_ALTERNATIVES = 4;

/** What runs when the class is constructed: its constructor, or that of its superclass (which may be a library's). */
export function constructorsOf(evaluator: Evaluator, value: ValueId): readonly ValueId[] {
  const { values } = evaluator;
  const found: ValueId[] = [];
  const line: ValueId[] = [value];
  for (let i = 0; i < line.length && i < MAX_CHAIN; i++) {
    const at = line[i];
    const kind = values.kind(at);
    if (kind === ValueKind.Function || kind === ValueKind.Api) found.push(at);
    if (kind !== ValueKind.Class) continue;
    const context = evaluator.open(values.fileOf(at), Part.Interface);
    const c = evaluator.place(context, at);
    if (context === undefined || c < 0) continue;
    const { skeleton } = context.index;
    if (skeleton.classConstructor[c] >= 0) found.push(evaluator.functionValue(context, skeleton.classConstructor[c]));
    else
      for (const base of membersIn(evaluator, evaluator.read(context, skeleton.classSuper[c])))
        if (!line.includes(base)) line.push(base);
  }
  return found;
}

/** The topmost class of the workspace (or function, or object) whose fields `this` of a function has; undefined without one. */
export function receiverClass(
  evaluator: Evaluator,
  stable: StableNames,
  context: FileContext,
  f: number,
): ValueId | undefined {
  const { skeleton } = context.index;
  if ((skeleton.functionFlags[f] & (FunctionFlag.Arrow | FunctionFlag.Module)) !== 0) return undefined;
  const [target] = context.index.receiverEntities(f);
  if (target === undefined) return undefined;
  const kind: EntityKind = target % 8;
  // A function that is nobody's method has fields only as a constructor; then it has methods, or writes `this`.
  const hasMembers = (): boolean =>
    context.index.firstOf(target) >= 0 || context.index.isConstructor(Math.floor(target / 8));
  if (kind === EntityKind.FunctionInstance && !hasMembers()) return undefined;
  const { values } = evaluator;
  const value = evaluator.entityValue(context, target);
  return values.kind(value) === ValueKind.Instance ? topmost(evaluator, stable, values.inner(value)) : value;
}

/**
 * The class (or function, or object with methods) of which a function surely gives back a new one, as far as its file tells: `const job = new Job(); …
 * return job`. Undefined where it is none, or one of several.
 */
export function madeClass(
  evaluator: Evaluator,
  stable: StableNames,
  context: FileContext,
  f: number,
): ValueId | undefined {
  const { index } = context;
  const { skeleton } = index;
  if ((skeleton.functionFlags[f] & (FunctionFlag.Module | FunctionFlag.Generator)) !== 0) return undefined;
  const { values } = evaluator;
  let made: ValueId | undefined;
  for (const term of madeTerms(index, skeleton.functionReturn[f], [], 0)) {
    for (const value of membersIn(evaluator, evaluator.read(context, term))) {
      const kind = values.kind(value);
      let found: ValueId | undefined;
      if (kind === ValueKind.Instance || kind === ValueKind.Prototype)
        found = topmost(evaluator, stable, values.inner(value));
      else if (kind === ValueKind.Object || kind === ValueKind.Allocated)
        found = withMethods(evaluator, context, kind === ValueKind.Object ? value : values.inner(value));
      if (found === undefined) continue;
      if (made !== undefined && made !== found) return undefined;
      made = found;
    }
  }
  return made;
}

/** What a term stands for that is made where it stands: object literals, and calls that construct or give back an argument. */
function madeTerms(index: FileIndex, term: Term, found: Term[], depth: number): readonly Term[] {
  if (term === NO_TERM || depth > MAX_ALTERNATIVES) return found;
  const { termKind, termA, listStart, lists } = index.skeleton;
  switch (termKind[term] as TermKind) {
    case TermKind.Object:
    case TermKind.New:
      found.push(term);
      break;
    case TermKind.Call:
      if (index.effect(termA[term])?.returns !== undefined) found.push(term);
      break;
    case TermKind.Union:
    case TermKind.Variable:
      for (let i = listStart[termA[term]]; i < listStart[termA[term] + 1]; i++)
        madeTerms(index, lists[i], found, depth + 1);
      break;
    default:
      break;
  }
  return found;
}

/** An object of this very file that has methods which read its fields. */
function withMethods(evaluator: Evaluator, context: FileContext, object: ValueId): ValueId | undefined {
  if (evaluator.values.fileOf(object) !== context.file) return undefined;
  const o = evaluator.place(context, object);
  return o >= 0 && context.index.hasMethods(entity(EntityKind.Object, o)) ? object : undefined;
}

/** The class at the end of the chain of superclasses; of several at one place, the one whose name comes first. */
function topmost(evaluator: Evaluator, stable: StableNames, from: ValueId): ValueId {
  const { values } = evaluator;
  const chain: ValueId[] = [from];
  for (let value = from; chain.length < MAX_CHAIN;) {
    let best: ValueId = -1;
    for (const base of basesOf(evaluator, value)) {
      const kind = values.kind(base);
      if ((kind !== ValueKind.Class && kind !== ValueKind.Function) || chain.includes(base)) continue;
      if (best < 0 || stable.entity(base) < stable.entity(best)) best = base;
    }
    if (best < 0) return value;
    value = best;
    chain.push(value);
  }
  return chain[chain.length - 1];
}

function basesOf(evaluator: Evaluator, value: ValueId): readonly ValueId[] | Int32Array {
  return evaluator.values.kind(value) === ValueKind.Class
    ? membersIn(evaluator, evaluator.superclassesOf(value))
    : prototypesOf(evaluator, value);
}

/** What instances that a function constructs inherit from, by hand: `inherits(Sub, Base)`, `Sub.prototype = Object.create(Base.prototype)`. */
function prototypesOf(evaluator: Evaluator, fn: ValueId): readonly ValueId[] {
  const { values } = evaluator;
  const context = openOwner(evaluator, fn);
  const f = evaluator.place(context, fn);
  if (context === undefined || f < 0) return [];
  const { index } = context;
  const found: ValueId[] = [];
  for (let link = index.firstOf(entity(EntityKind.FunctionStatic, f)); link >= 0; link = index.nextOf(link)) {
    const w = index.write(link);
    const name = index.writeName[w];
    if (name === STORE_INHERIT) found.push(...membersIn(evaluator, evaluator.read(context, index.writeValue[w])));
    else if (name >= 0 && index.skeleton.strings[name] === PROTOTYPE) {
      for (const made of membersIn(evaluator, evaluator.read(context, index.writeValue[w]))) {
        const kind = values.kind(made);
        if (kind === ValueKind.Instance || kind === ValueKind.Prototype) found.push(values.inner(made));
      }
    }
  }
  return found;
}
