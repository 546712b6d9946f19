/**
 * What several tests together say of a text's beginning: `to.startsWith('/') && !to.startsWith('//') && !to.startsWith('/\\')` lets through
 * addresses of the same host alone.
 */
import { NONE, Op, Test, type NodeId } from '../model/graph';
import type { KindSet } from '../model/summary';
import { constantText } from './constants';
import { operandAt } from './conventions';
import type { FunctionView } from './functionView';

/** Tests one after the other. */
const MAX_TESTS = 12;
/** Stands for some character that no test names. */
const OTHER = '\uFFFD';

/** Kinds that a guard removes together with those below it, because the text begins with something, but goes on with neither of two slashes. */
export function refusedBeginnings(p: FunctionView, guard: NodeId): KindSet {
  const { graph } = p.body;
  if (prefixTested(p, guard) === undefined) return 0;
  const begins = new Set<string>();
  const refused = new Set<string>();
  for (let node = guard, step = 0; step < MAX_TESTS && graph.op[node] === Op.Guard; step++) {
    const prefix = prefixTested(p, node);
    if (prefix !== undefined) (graph.guards[graph.aux[node]].polarity ? begins : refused).add(prefix);
    node = p.operand(node, 0);
  }
  let removes = 0;
  for (const prefix of begins)
    if (refused.has(`${prefix}/`) && refused.has(`${prefix}\\`))
      removes |= p.environment.models.beginningRemoves?.(prefix + OTHER) ?? 0;
  return removes;
}

/** The constant of which a guard says that the value begins with it, or does not. */
function prefixTested(p: FunctionView, guard: NodeId): string | undefined {
  const { graph } = p.body;
  const { test, path, constant } = graph.guards[graph.aux[guard]];
  const call = p.operand(guard, 1);
  if (test !== Test.Call || path.length > 0 || constant !== NONE || p.operandCount(guard) > 2) return undefined;
  if (call === NONE || graph.op[call] !== Op.Call) return undefined;
  const { models, shift } = p.callAt(call);
  for (const model of models)
    for (const { prefix, result, at } of model.guards)
      if (prefix !== undefined && result === true && at.root === 'receiver')
        return constantText(p.body, operandAt(p, call, prefix, shift));
  return undefined;
}
