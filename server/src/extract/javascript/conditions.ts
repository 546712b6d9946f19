/**
 * Conditions and everything that branches inside an expression: `&&`, `||`, `??`, `!`, `?:`. A condition is lowered
 * to two edges, the state where it is true and the state where it is false, with the tested variables under guards.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import {
  isBinaryExpression,
  isIdentifier,
  isPropertyAccessExpression,
  isStringLiteralLike,
} from '../../parse/javascript/syntax';
import { CONSTRUCTOR, NONE, Op, Test, type NodeId } from '../../model/graph';
import { DEAD, type Edge } from '../flow/environment';
import type { Lowering } from './lowering';
import { textOf, withoutWrappers } from './names';
import { closeBranch, parameterConditions, type OpenBranch } from './parameterBranches';
import { applyTests, collectTests, type TestedVariable } from './tests';

/** Where a condition leads. */
export interface Branches {
  whenTrue: Edge;
  whenFalse: Edge;
}

/** Chains of more terms than this are lowered without guards for the later ones: each guard would go through all terms after it. */
const MAX_GUARDED_TERMS = 64;

/**
 * Lowers a condition inside `region`, leaves the environment as it was when the region was entered, and gives the
 * value's node. The edges hold everything since the region was entered.
 */
export function lowerCondition(cx: Lowering, expression: ts.Expression, region: number, out: Branches): NodeId {
  const node = withoutWrappers(expression);
  switch (node.kind) {
    case Kind.PrefixUnaryExpression:
      if ((node as ts.PrefixUnaryExpression).operator === Kind.ExclamationToken) {
        const value = lowerCondition(cx, (node as ts.PrefixUnaryExpression).operand, region, out);
        const { whenTrue } = out;
        out.whenTrue = out.whenFalse;
        out.whenFalse = whenTrue;
        return cx.fn.emit1(Op.Unary, cx.intern('!'), value, cx.start(node.pos), node.end);
      }
      break;
    case Kind.BinaryExpression:
      switch ((node as ts.BinaryExpression).operatorToken.kind) {
        case Kind.AmpersandAmpersandToken:
          return lowerTerms(cx, termsOf(node as ts.BinaryExpression), true, region, out);
        case Kind.BarBarToken:
          return lowerTerms(cx, termsOf(node as ts.BinaryExpression), false, region, out);
        case Kind.CommaToken:
          cx.expression((node as ts.BinaryExpression).left);
          return lowerCondition(cx, (node as ts.BinaryExpression).right, region, out);
        default:
          break;
      }
      break;
    default:
      break;
  }
  return lowerTest(cx, node, region, out, true);
}

export function lowerConditional(cx: Lowering, node: ts.ConditionalExpression): NodeId {
  const { fn } = cx;
  const naming = cx.takeNaming();
  const region = fn.enter();
  const branches: Branches = { whenTrue: DEAD, whenFalse: DEAD };
  lowerCondition(cx, node.condition, region, branches);
  const whenHolds = parameterConditions(cx, node.condition, true);
  const whenNot = parameterConditions(cx, node.condition, false);
  fn.apply(branches.whenTrue);
  cx.naming = naming;
  const firstFrom = fn.count;
  const first = cx.expression(node.whenTrue);
  closeBranch(cx, whenHolds, firstFrom);
  const firstEdge = fn.edge(region);
  fn.rewind(region);
  fn.apply(branches.whenFalse);
  cx.naming = naming;
  const secondFrom = fn.count;
  const second = cx.expression(node.whenFalse);
  closeBranch(cx, whenNot, secondFrom);
  cx.naming = undefined;
  const secondEdge = fn.edge(region);
  fn.rewind(region);
  fn.leave(region);
  fn.join2(firstEdge, secondEdge, node.end);
  return fn.phi2(first, second, node.end);
}

/** `a && b`, `a || b`, `a ?? b` as values. What is falsy carries nothing, so `a && b` is `b`. */
export function lowerLogical(cx: Lowering, node: ts.BinaryExpression): NodeId {
  const { fn } = cx;
  const operator = node.operatorToken.kind;
  const naming = cx.takeNaming();
  const terms = termsOf(node);
  const region = fn.enter();
  const branches: Branches = { whenTrue: DEAD, whenFalse: DEAD };
  const exits: Edge[] = [];
  const base = fn.stack.length;
  const isAnd = operator === Kind.AmpersandAmpersandToken;
  let before = NONE;
  let behind: OpenBranch[] | undefined;
  for (let i = 0; i < terms.length - 1; i++) {
    const value =
      operator === Kind.QuestionQuestionToken
        ? lowerTest(cx, withoutWrappers(terms[i]), region, branches, false)
        : i < MAX_GUARDED_TERMS
          ? lowerCondition(cx, terms[i], region, branches)
          : lowerTest(cx, terms[i], region, branches, false);
    before = value;
    if (operator !== Kind.QuestionQuestionToken)
      (behind ??= []).push({ conditions: parameterConditions(cx, terms[i], isAnd), from: fn.count });
    if (isAnd) {
      exits.push(branches.whenFalse);
      fn.apply(branches.whenTrue);
    } else {
      fn.stack.push(value);
      exits.push(branches.whenTrue);
      fn.apply(branches.whenFalse);
    }
  }
  cx.naming = naming;
  const last = cx.expression(terms[terms.length - 1]);
  fn.stack.push(isAnd && asksConstructor(terms, terms.length - 1) ? before : last);
  for (const { conditions, from } of behind ?? []) closeBranch(cx, conditions, from);
  cx.naming = undefined;
  exits.push(fn.edge(region));
  fn.rewind(region);
  fn.leave(region);
  fn.join(exits, node.end);
  return phiFromStack(cx, base, node.end);
}

/** A phi of the values on the operand stack from `base` up. */
export function phiFromStack(cx: Lowering, base: number, position: number): NodeId {
  const { fn } = cx;
  if (fn.stack.length === base + 1) return fn.stack.pop();
  if (fn.stack.length === base + 2) {
    const second = fn.stack.pop();
    return fn.phi2(fn.stack.pop(), second, position);
  }
  const phi = fn.openPhi(position);
  for (let i = base; i < fn.stack.length; i++) fn.addOperand(phi, fn.stack.items[i]);
  fn.stack.length = base;
  return phi;
}

/** The terms of a chain of one logical operator, left to right. */
function termsOf(node: ts.BinaryExpression): ts.Expression[] {
  const operator = node.operatorToken.kind;
  const terms: ts.Expression[] = [];
  let current: ts.Expression = node;
  while (isBinaryExpression(current) && current.operatorToken.kind === operator) {
    terms.push(current.right);
    current = withoutWrappers(current.left);
  }
  terms.push(current);
  return terms.reverse();
}

function lowerTerms(
  cx: Lowering,
  terms: readonly ts.Expression[],
  isAnd: boolean,
  region: number,
  out: Branches,
): NodeId {
  const { fn } = cx;
  const exits: Edge[] = [];
  const base = fn.stack.length;
  let before = NONE;
  for (let i = 0; i < terms.length; i++) {
    if (i > 0) fn.apply(isAnd ? out.whenTrue : out.whenFalse);
    const key = isAnd && i > 0 ? keyOfConstructor(terms[i - 1], terms[i]) : undefined;
    const value: NodeId =
      key !== undefined
        ? lowerConstructorTest(cx, terms[i], key, before, region, out)
        : i < MAX_GUARDED_TERMS
          ? lowerCondition(cx, terms[i], region, out)
          : lowerTest(cx, terms[i], region, out, false);
    if (!isAnd || i === terms.length - 1) fn.stack.push(isAnd && i > 0 && asksConstructor(terms, i) ? before : value);
    before = value;
    exits.push(isAnd ? out.whenFalse : out.whenTrue);
  }
  fn.join(exits, terms[terms.length - 1].end);
  const exit = fn.edge(region);
  fn.rewind(region);
  if (isAnd) out.whenFalse = exit;
  else out.whenTrue = exit;
  return phiFromStack(cx, base, terms[terms.length - 1].end);
}

/** A condition that is not itself made of conditions. */
function lowerTest(cx: Lowering, node: ts.Expression, region: number, out: Branches, guarded: boolean): NodeId {
  const { fn } = cx;
  const value = cx.expression(node);
  const found = guarded && mayTest(node) ? collect(cx, node, value) : noTests;
  if (found.length === 0) {
    const edge = fn.edge(region);
    out.whenTrue = node.kind === Kind.FalseKeyword ? DEAD : edge;
    out.whenFalse = node.kind === Kind.TrueKeyword ? DEAD : edge;
    fn.rewind(region);
    return value;
  }
  const guards = fn.enter();
  applyTests(cx, found, true);
  out.whenTrue = fn.edge(region);
  fn.rewind(guards);
  applyTests(cx, found, false);
  out.whenFalse = fn.edge(region);
  fn.rewind(guards);
  fn.leave(guards);
  fn.rewind(region);
  return value;
}

const noTests: readonly TestedVariable[] = [];

function collect(cx: Lowering, node: ts.Expression, value: NodeId): readonly TestedVariable[] {
  const found: TestedVariable[] = [];
  collectTests(cx, node, value, false, found);
  return found;
}

function mayTest(node: ts.Expression): boolean {
  switch (node.kind) {
    case Kind.BinaryExpression:
    case Kind.CallExpression:
    case Kind.AwaitExpression:
    case Kind.PrefixUnaryExpression:
    case Kind.Identifier:
    case Kind.ElementAccessExpression:
    case Kind.PropertyAccessExpression:
      return true;
    default:
      return false;
  }
}

/**
 * `typeof table[key] === 'function'` behind `key === 'constructor'`, whose node is `before`. Where it does not hold, the key is harmless again, unless it was listed of the
 * table itself: then whoever made that table chose what is there.
 */
function lowerConstructorTest(
  cx: Lowering,
  node: ts.Expression,
  key: ts.Identifier,
  before: NodeId,
  region: number,
  out: Branches,
): NodeId {
  const { fn } = cx;
  const value = cx.expression(node);
  const found = collect(cx, withoutWrappers(node), value);
  const guards = fn.enter();
  applyTests(cx, found, true);
  out.whenTrue = fn.edge(region);
  fn.rewind(guards);
  applyTests(cx, found, false);
  const variable = cx.lookupAt(key);
  if (variable !== undefined && variable.owner !== NONE && variable.importIndex === NONE) {
    const slot = cx.slotOf(variable);
    const now = fn.peek(slot);
    if (now !== NONE && fn.op[now] === Op.Guard && fn.operand(now, 1) === before)
      fn.refine(slot, fn.guard(fn.operand(now, 0), value, Test.NoConstructor, false, [], 0, NONE));
  }
  out.whenFalse = fn.edge(region);
  fn.rewind(guards);
  fn.leave(guards);
  fn.rewind(region);
  return value;
}

/** The variable of `key === 'constructor' && typeof table[key] === 'function'`, or with `table.constructor`. */
function keyOfConstructor(first: ts.Expression, second: ts.Expression): ts.Identifier | undefined {
  const name = comparedWith(first, CONSTRUCTOR);
  const type = comparedWith(second, 'function');
  if (name === undefined || !isIdentifier(name) || type?.kind !== Kind.TypeOfExpression) return undefined;
  const read = withoutWrappers((type as ts.TypeOfExpression).expression);
  if (isPropertyAccessExpression(read)) return textOf(read.name) === CONSTRUCTOR ? name : undefined;
  if (read.kind !== Kind.ElementAccessExpression) return undefined;
  const key = withoutWrappers((read as ts.ElementAccessExpression).argumentExpression);
  return isIdentifier(key) && key.escapedText === name.escapedText ? name : undefined;
}

/** `key === 'constructor' && typeof table.constructor === 'function'`: what the first part says is all that is said of the key. */
function asksConstructor(terms: readonly ts.Expression[], at: number): boolean {
  if (keyOfConstructor(terms[at - 1], terms[at]) === undefined) return false;
  const type = comparedWith(terms[at], 'function') as ts.TypeOfExpression;
  return isPropertyAccessExpression(withoutWrappers(type.expression));
}

/** What is said to be equal to a text; undefined for all other expressions. */
function comparedWith(expression: ts.Expression, text: string): ts.Expression | undefined {
  const node = withoutWrappers(expression);
  if (!isBinaryExpression(node)) return undefined;
  const operator = node.operatorToken.kind;
  if (operator !== Kind.EqualsEqualsEqualsToken && operator !== Kind.EqualsEqualsToken) return undefined;
  const [left, right] = [withoutWrappers(node.left), withoutWrappers(node.right)];
  if (isStringLiteralLike(right) && right.text === text) return left;
  return isStringLiteralLike(left) && left.text === text ? right : undefined;
}
