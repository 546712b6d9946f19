/**
 * What a guard makes harmless: the kinds removed from a value in the branch where a test held (or did not).
 */
import { NONE, Op, RECEIVER, Test, type NodeId } from '../model/graph';
import type { KindSet } from '../model/summary';
import { conditionHolds } from './conditions';
import { constantText, isConstantCollection } from './constants';
import type { Propagation } from './propagation';
import { isAllowListPattern } from './patterns';

/** `typeof` results that leave nothing an attacker could shape. */
const HARMLESS_TYPES = new Set(['number', 'boolean', 'bigint', 'symbol', 'undefined', 'function']);

export function guardRemoves(p: Propagation, guard: NodeId): KindSet {
  const { graph } = p.body;
  const { models } = p.environment;
  const facts = graph.guards[graph.aux[guard]];
  const test = p.operand(guard, 1);
  switch (facts.test) {
    case Test.Equals:
      return facts.polarity ? models.allKinds : 0;
    case Test.Typeof: {
      const type = facts.constant === NONE ? '' : p.text(facts.constant);
      if (facts.polarity && HARMLESS_TYPES.has(type)) return models.allKinds;
      // A string can't carry a query operator.
      if ((facts.polarity && type === 'string') || (!facts.polarity && type === 'object'))
        return models.kindBit('nosql');
      return 0;
    }
    case Test.In: {
      if (!facts.polarity || test === NONE) return 0;
      return isConstantCollection(p.body, p.operand(test, 1)) ? models.allKinds : 0;
    }
    case Test.Call:
      return callRemoves(p, test, facts.argument, facts.polarity);
    case Test.Instanceof:
    case Test.Compare:
    case Test.EqualsValue:
      return 0;
  }
}

function callRemoves(p: Propagation, call: NodeId, argument: number, polarity: boolean): KindSet {
  if (call === NONE || p.body.graph.op[call] !== Op.Call) return 0;
  const { models } = p.environment;
  let removes = 0;
  for (const model of p.modelsOf(call)) {
    for (const guard of model.guards) {
      if (guard.whenTrue !== polarity) continue;
      const applies =
        guard.at.root === 'receiver'
          ? argument === RECEIVER
          : guard.at.root === 'argument' && argument >= guard.at.from && argument <= guard.at.to;
      if (!applies) continue;
      if (guard.constantReceiver === true && !isConstantCollection(p.body, p.operand(call, 1))) continue;
      if (guard.constantArgument !== undefined && !isConstantArgument(p, call, guard.constantArgument)) continue;
      if (guard.when !== undefined && !conditionHolds(p, call, guard.when)) continue;
      removes |= guard.removes;
    }
  }
  if (removes === 0 && polarity && argument >= 0) {
    const pattern = constantText(p.body, p.operand(call, 1), Op.Regex);
    if (pattern !== undefined && isAllowListPattern(pattern)) removes = models.allKinds;
  }
  return removes;
}

function isConstantArgument(p: Propagation, call: NodeId, argument: number): boolean {
  return argument + 2 < p.operandCount(call) && isConstantCollection(p.body, p.operand(call, argument + 2));
}
