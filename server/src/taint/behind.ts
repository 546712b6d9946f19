/**
 * Tests of something that was made of a value: `new URL(address).host === 'a.example'` says where the address leads,
 * `path.relative(root, file).startsWith('..')` where the file lies, `schema.validate(body).error` what the body holds. Which calls hand on
 * what is said of their results, and for which kinds, models say.
 */
import { NONE, Op, TESTED_ELEMENT, type NodeId } from '../model/graph';
import type { CallModel, KindSet, ModelGuard, ModelPlace } from '../model/summary';
import { conditionHolds } from './conditions';
import { constantText, endsWith } from './constants';
import { operandAt } from './conventions';
import type { FunctionView } from './functionView';
import { sameObject, sameValue } from './sameValues';

/** Calls within calls. */
const MAX_DEPTH = 3;
/** Properties and other names for one value. */
const LOOK_BACK = 24;

/** What a guard stands for: a call that made what was tested, and an entry of its model that speaks of the guarded value. */
export interface GuardBehind {
  readonly call: NodeId;
  readonly guard: ModelGuard;
  readonly shift: number;
}

/** The node that a value is a property of, behind other names for it, and the names of the properties, the last one first. */
interface Property {
  readonly node: NodeId;
  readonly names: readonly string[];
}

function propertyOf(p: FunctionView, start: NodeId): Property {
  const { op, aux } = p.body.graph;
  const names: string[] = [];
  let node = start;
  for (let step = 0; step < LOOK_BACK && node !== NONE; step++) {
    switch (op[node] as Op) {
      case Op.Guard:
      case Op.Typed:
      case Op.Await:
        node = p.operand(node, 0);
        break;
      case Op.Load:
        names.push(p.text(aux[node]));
        node = p.operand(node, 0);
        break;
      default:
        return { node, names };
    }
  }
  return { node, names };
}

/** True when a node is the value that a guard is over. */
function isGuarded(p: FunctionView, node: NodeId, guard: NodeId): boolean {
  const { graph } = p.body;
  const { path } = graph.guards[graph.aux[guard]];
  const found = propertyOf(p, node);
  // `toString.call(table[key]) === '[object Object]'`: which element it is, `isAboutElement` asks.
  if (path.length === 1 && p.text(path[0]) === TESTED_ELEMENT)
    return (
      found.names.length === 0 &&
      found.node !== NONE &&
      graph.op[found.node] === Op.LoadElement &&
      sameObject(p, p.operand(found.node, 0)) === sameObject(p, p.operand(guard, 0))
    );
  const over = propertyOf(p, p.operand(guard, 0));
  const names = [...path.map((name) => p.text(name)).reverse(), ...over.names];
  return (
    found.node !== NONE &&
    found.node === over.node &&
    found.names.length === names.length &&
    found.names.every((name, i) => name === names[i])
  );
}

/** What a test says of one of its operands. */
export interface Tested {
  readonly node: NodeId;
  readonly kinds: KindSet;
}

/** Kinds that a test takes from the value behind what was tested, for a guard over it. */
export function behindRemoves(p: FunctionView, guard: NodeId, tested: readonly Tested[]): KindSet {
  let removes = 0;
  const visit = (node: NodeId, kinds: KindSet): void => {
    if (isGuarded(p, node, guard)) removes |= kinds;
  };
  for (const { node, kinds } of tested) handOn(p, node, kinds, MAX_DEPTH, visit);
  return removes;
}

/** Entries of models that say something of the guarded value where a property of a call's result is true, or false. */
export function guardsBehind(p: FunctionView, guard: NodeId): readonly GuardBehind[] {
  const { graph } = p.body;
  const { polarity } = graph.guards[graph.aux[guard]];
  const test = p.operand(guard, 1);
  if (test === NONE || graph.op[test] !== Op.Load) return [];
  const { node: call, names } = propertyOf(p, test);
  if (call === NONE || names.length !== 1 || !isCall(graph.op[call])) return [];
  const { models, shift } = p.callAt(call);
  return guardsOf(models)
    .filter(
      ({ at, property, result }) =>
        property === names[0] &&
        result === polarity &&
        placesOf(p, call, at, shift).some((node) => isGuarded(p, node, guard)),
    )
    .map((found) => ({ call, guard: found, shift }));
}

/**
 * Kinds that a comparison takes from the value that a guard is over, where both sides are equal: the beginning of a path and a folder, the
 * name of what something is and a constant.
 */
export function equalRemoves(p: FunctionView, guard: NodeId, comparison: NodeId): KindSet {
  return removedByEquality(p, comparison, ({ at }, call, shift) =>
    placesOf(p, call, at, shift).some((node) => isGuarded(p, node, guard)),
  );
}

/** Kinds that two sides being equal takes from what `isMeant` says is meant. */
export function removedByEquality(
  p: FunctionView,
  comparison: NodeId,
  isMeant: (guard: ModelGuard, call: NodeId, shift: number) => boolean,
): KindSet {
  if (comparison === NONE || p.body.graph.op[comparison] !== Op.Binary) return 0;
  let removes = 0;
  for (const side of [0, 1]) {
    const { node: call, names } = propertyOf(p, p.operand(comparison, side));
    if (call === NONE || names.length > 0 || p.body.graph.op[call] !== Op.Call) continue;
    const { models, shift } = p.callAt(call);
    for (const guard of guardsOf(models)) {
      const other = p.operand(comparison, 1 - side);
      if (guard.result !== 'equal' || !isEqualTo(p, other, guard, placesOf(p, call, guard.at, shift))) continue;
      if (guard.when !== undefined && !conditionHolds(p, call, guard.when, shift)) continue;
      if (isMeant(guard, call, shift)) removes |= guard.removes;
    }
  }
  return removes;
}

/** Whether what a result is equal to is what a guard asks for. */
function isEqualTo(p: FunctionView, node: NodeId, { to }: ModelGuard, tested: readonly NodeId[]): boolean {
  if (node === NONE) return false;
  if (to === undefined) return true;
  if (to.itself === true && tested.some((value) => sameValue(p, value) === sameValue(p, node))) return true;
  if (to.ends !== undefined && endsWith(p.body, node, to.ends)) return true;
  const constant = to.is === undefined ? undefined : constantText(p.body, node);
  return constant !== undefined && to.is?.includes(constant) === true;
}

/** Kinds that a test takes from what an operand of it was made of, as far as that is what is meant, by what it says of the operand. */
export function madeOfRemoves(
  p: FunctionView,
  tested: NodeId,
  kinds: KindSet,
  isMeant: (node: NodeId) => boolean,
): KindSet {
  let removes = 0;
  handOn(p, tested, kinds, MAX_DEPTH, (node, said) => {
    if (isMeant(node)) removes |= said;
  });
  return removes;
}

/** What is said of a value is said of that which it was made of, where a model hands it on. */
function handOn(
  p: FunctionView,
  tested: NodeId,
  kinds: KindSet,
  depth: number,
  visit: (node: NodeId, kinds: KindSet) => void,
): void {
  if (kinds === 0 || depth === 0) return;
  const { node: call, names } = propertyOf(p, tested);
  if (call === NONE || names.length > 1 || !isCall(p.body.graph.op[call])) return;
  const { models, shift } = p.callAt(call);
  for (const { at, property, removes, result, when } of guardsOf(models)) {
    if (result !== 'same' || property !== names.at(0)) continue;
    if (when !== undefined && !conditionHolds(p, call, when, shift)) continue;
    for (const node of placesOf(p, call, at, shift)) {
      visit(node, kinds & removes);
      handOn(p, node, kinds & removes, depth - 1, visit);
    }
  }
}

const isCall = (op: Op): boolean => op === Op.Call || op === Op.New;

const guardsOf = (models: readonly CallModel[]): readonly ModelGuard[] => models.flatMap(({ guards }) => guards);

export function placesOf(p: FunctionView, call: NodeId, place: ModelPlace, shift: number): readonly NodeId[] {
  if (place.path.length > 0) return [];
  if (place.root !== 'argument') return [operandAt(p, call, place, shift)].filter((node) => node !== NONE);
  const found: NodeId[] = [];
  for (let i = place.from + 2 + shift; i <= place.to + 2 + shift && i < p.operandCount(call); i++)
    if (p.operand(call, i) !== NONE) found.push(p.operand(call, i));
  return found;
}
