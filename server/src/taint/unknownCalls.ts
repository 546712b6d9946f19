/**
 * Calls of which nobody knows what they call: the result is taken to be made of the arguments, with low confidence, and
 * where a caller may know more, a symbolic call is told that it can complete.
 */
import { NONE, Op, RECEIVER, type NodeId } from '../model/graph';
import type { CallTarget } from '../model/links';
import { argumentComponent } from '../model/summary';
import { EMPTY, type PathId } from './accessPaths';
import { calledThrough } from './conventions';
import type { OriginId } from './facts';
import type { FunctionView } from './functionView';
import type { Propagation } from './propagation';
import { limitConfidence, type Mask } from './references';
import { Mode } from './summaryTable';

/** A function given to a package that nobody describes is taken to read what it needs from its first parameters. */
const GUESSED_PARAMETERS = 3;

/** Symbolic calls are told to callers only this far from a parameter: `p()`, `p.m()`, `p.a.m()`. */
const MAX_CALLEE_DEPTH = 2;

/** Nobody knows what is called. */
export function unknownCall(
  p: Propagation,
  node: NodeId,
  operand: number,
  targets: readonly CallTarget[],
  origin: OriginId,
  path: PathId,
  mask: Mask,
): void {
  const { paths } = p.environment;
  // What a function that was handed over does with it, each caller knows.
  const through = targets.length === 0 ? calledThrough(p, p.operand(node, 0)) : undefined;
  const isGiven = targets.length === 0 && p.isGiven(through?.base ?? p.operand(node, 0));
  if (!isGiven && p.isWhole(path))
    p.addFact(node, p.origins.weaken(origin, Mode.Derived), EMPTY, limitConfidence(mask, 1));
  if (targets.length > 0) {
    if (operand > 0 && targets.every(({ kind }) => kind === 'unmodelled'))
      toCallbacks(p, node, operand, origin, path, mask);
    return;
  }
  if (operand < 2 || paths.length(path) > 2) return;
  const callee = p.operand(node, 0);
  if (callee === NONE || !mayBeGiven(p, callee)) return;
  if (through !== undefined) toCalledThrough(p, node, through.base, through.how, operand, origin, path, mask);
  // What is only known to be in it somewhere says too little for a method of an object that nobody knows.
  if (paths.length(path) > 1 && p.body.graph.op[callee] === Op.Load) return;
  const give = (argument: number, given: OriginId, rest: PathId): void => {
    p.mutate(callee, given, paths.cons(paths.component(argumentComponent(argument)), rest), mask, node);
  };
  if (p.body.graph.op[p.operand(node, operand)] !== Op.Spread) {
    give(operand - 2, origin, path);
    return;
  }
  // Elements of a list become arguments.
  const position = path === EMPTY ? NaN : Number(paths.text(paths.head(path)));
  if (Number.isInteger(position)) {
    give(operand - 2 + position, origin, paths.tail(path));
    return;
  }
  for (let element = 0; element < GUESSED_PARAMETERS; element++) {
    const given = path === EMPTY ? p.origins.extend(origin, paths.property(String(element)), paths) : origin;
    give(operand - 2 + element, given, path === EMPTY ? EMPTY : paths.tail(path));
  }
}

/** The function itself is called: `f.call(self, x)`, `f.apply(self, list)`. */
function toCalledThrough(
  p: Propagation,
  node: NodeId,
  base: NodeId,
  how: 'call' | 'apply',
  operand: number,
  origin: OriginId,
  path: PathId,
  mask: Mask,
): void {
  const { paths } = p.environment;
  const tell = (parameter: number, from: OriginId, below: PathId): void => {
    p.mutate(base, from, paths.cons(paths.component(argumentComponent(parameter)), below), mask, node);
  };
  if (operand === 2) tell(RECEIVER, origin, path);
  else if (how === 'call') tell(operand - 3, origin, path);
  else if (operand === 3 && path === EMPTY) {
    for (let parameter = 0; parameter < GUESSED_PARAMETERS; parameter++)
      tell(parameter, p.origins.extend(origin, paths.component(String(parameter)), paths), EMPTY);
  } else if (operand === 3) {
    const position = paths.text(paths.head(path));
    if (/^\d{1,2}$/.test(position)) tell(Number(position), origin, paths.tail(path));
  }
}

/** A package that nobody describes is taken to call the functions it is given with what else it is given. */
function toCallbacks(p: Propagation, node: NodeId, operand: number, origin: OriginId, path: PathId, mask: Mask): void {
  if (!p.isWhole(path)) return;
  const { paths } = p.environment;
  const data = p.origins.weaken(origin, Mode.Derived);
  for (let other = 2; other < p.operandCount(node); other++) {
    const target = p.operand(node, other);
    if (other === operand || target === NONE || !mayBeFunction(p, target)) continue;
    for (let parameter = 0; parameter < GUESSED_PARAMETERS; parameter++)
      p.mutate(target, data, paths.of([argumentComponent(parameter)]), limitConfidence(mask, 1), node);
  }
}

function mayBeFunction(p: FunctionView, node: NodeId): boolean {
  switch (p.body.graph.op[node] as Op) {
    case Op.Closure:
    case Op.Param:
    case Op.Captured:
    case Op.Cell:
    case Op.Phi:
    case Op.Guard:
    case Op.Load:
      return true;
    // `f.bind(this)`
    case Op.Call:
      return p.links.calls.has(node);
    default:
      return false;
  }
}

/** True when the called value comes from a parameter, a captured variable or an object, near enough to be told. */
function mayBeGiven(p: FunctionView, node: NodeId): boolean {
  const { graph } = p.body;
  for (let depth = 0; depth <= MAX_CALLEE_DEPTH;) {
    switch (graph.op[node] as Op) {
      case Op.Load:
        node = p.operand(node, 0);
        depth++;
        break;
      case Op.Guard:
      case Op.Typed:
      case Op.Await:
      case Op.Store:
        node = p.operand(node, 0);
        break;
      case Op.LoadElement:
      case Op.Param:
      case Op.Captured:
      case Op.Phi:
      case Op.Cell:
      case Op.Call:
      case Op.New:
      case Op.Iterate:
        return true;
      default:
        return false;
    }
    if (node === NONE) return false;
  }
  return false;
}
