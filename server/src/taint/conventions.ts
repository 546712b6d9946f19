/**
 * How a call meets what is called: which operand meets which parameter, and which models apply to it, also where a function is
 * called through `call` and its receiver stands first among the arguments.
 */
import { NONE, Op, RECEIVER, type NodeId } from '../model/graph';
import type { Convention } from '../model/links';
import type { CallModel, ModelPlace } from '../model/summary';
import { propertyRead } from './constants';
import type { FunctionView } from './functionView';

/** The language's own ways to give a function its receiver as first argument. */
const CALL = 'call';
const APPLY = 'apply';
/** Its way to make a function that is called so by others. */
const BIND = 'bind';

/** The function that a callee stands for which is called through `call` or `apply`: `f` of `f.call(…)`; undefined for other callees. */
export function calledThrough(
  p: FunctionView,
  callee: NodeId,
): { readonly base: NodeId; readonly how: typeof CALL | typeof APPLY } | undefined {
  const { graph } = p.body;
  if (callee === NONE || graph.op[callee] !== Op.Load) return undefined;
  const how = p.text(graph.aux[callee]);
  if (how !== CALL && how !== APPLY) return undefined;
  const base = p.operand(callee, 0);
  return base === NONE ? undefined : { base, how };
}

/** `f` of `f.bind(…)`; NONE for other callees. */
export function boundFunction(p: FunctionView, callee: NodeId): NodeId {
  const { graph } = p.body;
  return callee !== NONE && graph.op[callee] === Op.Load && p.text(graph.aux[callee]) === BIND
    ? p.operand(callee, 0)
    : NONE;
}

/** Operand of a call that meets a parameter. */
export function operandOf(parameter: number, convention: Convention): number | undefined {
  switch (convention) {
    case 'direct':
    case 'accessor':
    case 'bound':
      return parameter === RECEIVER ? 1 : parameter + 2;
    case 'construct':
      return parameter === RECEIVER ? undefined : parameter + 2;
    case 'call':
      return parameter + 3;
    case 'apply':
      return parameter === RECEIVER ? 2 : undefined;
  }
}

/** The operand of a call at a place of its model, without the path below it; NONE when there is none. */
export function operandAt(p: FunctionView, call: NodeId, place: ModelPlace, shift: number): NodeId {
  if (place.root === 'return') return NONE;
  const operand = shift + (place.root === 'receiver' ? 1 : place.from + 2);
  return operand < p.operandCount(call) ? p.operand(call, operand) : NONE;
}

/** Models of what a call may be: API states first, the method's name where nobody knows the receiver. */
export function modelsOf(p: FunctionView, node: NodeId): readonly CallModel[] {
  const { models } = p.environment;
  const { graph } = p.body;
  const isConstruct = graph.op[node] === Op.New;
  const result: CallModel[] = [];
  let isKnown = false;
  for (const target of p.targets(node)) {
    if (target.kind === 'function') isKnown = true;
    else if (target.kind === 'api') {
      const model = models.callModel(target.state, isConstruct || target.convention === 'construct');
      if (model.known) result.push(model);
    }
  }
  if (result.length > 0 || isKnown) return result;
  const callee = p.operand(node, 0);
  if (callee !== NONE && graph.op[callee] === Op.Load && p.operand(node, 1) !== NONE) {
    const model = models.methodModel(
      calledByName(p, node, CALL) ?? calledByName(p, node, APPLY) ?? p.text(graph.aux[callee]),
    );
    if (model !== undefined) return [model];
  }
  return result;
}

/** 1 where the receiver stands first among the arguments: `m.call(receiver, …)`. */
export function shiftOf(p: FunctionView, node: NodeId): 0 | 1 {
  const targets = p.targets(node);
  if (targets.length > 0)
    return targets.some((target) => target.kind === 'api' && target.convention === 'call') ? 1 : 0;
  return calledByName(p, node, CALL) === undefined ? 0 : 1;
}

/** True where an API is called with a list of its arguments: `m.apply(receiver, list)`. */
export function isApplied(p: FunctionView, node: NodeId): boolean {
  const targets = p.targets(node);
  if (targets.length > 0) return targets.some((target) => target.kind === 'api' && target.convention === 'apply');
  return calledByName(p, node, APPLY) !== undefined;
}

/**
 * Name of the method `m` of `m.call(…)` or `m.apply(…)`, for one that linking knows nothing of: `hasOwnProperty.call(o, k)`, also through
 * a constant.
 */
function calledByName(p: FunctionView, node: NodeId, how: typeof CALL | typeof APPLY): string | undefined {
  const { graph } = p.body;
  const callee = p.operand(node, 0);
  if (callee === NONE || graph.op[callee] !== Op.Load || p.text(graph.aux[callee]) !== how) return undefined;
  return p.operandCount(node) > 2 ? propertyRead(p.body, p.operand(callee, 0)) : undefined;
}
