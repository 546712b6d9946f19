/** Finds the branches that run, or don't, by what a parameter is given (`model/parameterBranches.ts`). */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import {
  isBinaryExpression,
  isBlock,
  isIdentifier,
  isIfStatement,
  isStringLiteralLike,
} from '../../parse/javascript/syntax';
import { NONE, Op, type NodeId } from '../../model/graph';
import { Given, ParameterTest, givenByConstant } from '../../model/parameterBranches';
import type { Lowering } from './lowering';
import { withoutWrappers } from './names';

/** What a condition says of one parameter, and what it has to be for the branch to run. */
export interface ParameterCondition {
  readonly parameter: number;
  readonly test: ParameterTest;
  readonly polarity: boolean;
  readonly instead: Given;
}

/** A branch whose end is still to come. */
export interface OpenBranch {
  readonly conditions: readonly ParameterCondition[];
  readonly from: number;
}

/** Branches of one function that are kept. */
const MAX_BRANCHES = 64;
/** Terms of a condition that are looked at. */
const MAX_TERMS = 8;
const NO_CONDITIONS: readonly ParameterCondition[] = [];

/** What holds of parameters where a condition is `outcome`. Variables are as they are after it was lowered. */
export function parameterConditions(
  cx: Lowering,
  condition: ts.Expression,
  outcome: boolean,
): readonly ParameterCondition[] {
  if (cx.fn.parameters.length === 0 || cx.fn.branches.length >= MAX_BRANCHES) return NO_CONDITIONS;
  let found: ParameterCondition[] | undefined;
  const terms: (readonly [ts.Expression, boolean])[] = [[condition, outcome]];
  for (let i = 0; i < terms.length && i < MAX_TERMS; i++) {
    const node = withoutWrappers(terms[i][0]);
    const holds = terms[i][1];
    if (node.kind === Kind.PrefixUnaryExpression) {
      const { operator, operand } = node as ts.PrefixUnaryExpression;
      if (operator === Kind.ExclamationToken) terms.push([operand, !holds]);
      continue;
    }
    if (isBinaryExpression(node)) {
      const operator = node.operatorToken.kind;
      if (operator === (holds ? Kind.AmpersandAmpersandToken : Kind.BarBarToken)) {
        terms.push([node.left, holds], [node.right, holds]);
        continue;
      }
    }
    const one = conditionOf(cx, node, holds);
    if (one !== undefined) (found ??= []).push(one);
  }
  return found ?? NO_CONDITIONS;
}

/** The nodes from `from` up to now are a branch that runs under these conditions. */
export function closeBranch(cx: Lowering, conditions: readonly ParameterCondition[], from: number): void {
  const { fn } = cx;
  if (fn.count === from) return;
  for (const condition of conditions) fn.branches.push({ ...condition, from, to: fn.count });
}

/** Statements one after the other. What stands behind `if (!create) return` is a branch, too. */
export function lowerStatements(cx: Lowering, statements: readonly ts.Statement[]): void {
  let rest: OpenBranch[] | undefined;
  for (const statement of statements) {
    cx.statement(statement);
    if (!isIfStatement(statement) || cx.behindIf === undefined) continue;
    (rest ??= []).push({ conditions: cx.behindIf, from: cx.fn.count });
    cx.behindIf = undefined;
  }
  for (const { conditions, from } of rest ?? []) closeBranch(cx, conditions, from);
}

/** `if (create === void 0) create = true`, as compilers write what parameters are where nothing is given; the statement was lowered. */
export function noteDefault(cx: Lowering, { expression, thenStatement }: ts.IfStatement): void {
  const { fn } = cx;
  let only = thenStatement;
  if (isBlock(only)) {
    if (only.statements.length !== 1) return;
    [only] = only.statements;
  }
  if (only.kind !== Kind.ExpressionStatement) return;
  const assignment = withoutWrappers((only as ts.ExpressionStatement).expression);
  if (!isBinaryExpression(assignment) || assignment.operatorToken.kind !== Kind.EqualsToken) return;
  const condition = withoutWrappers(expression);
  if (!isBinaryExpression(condition) || condition.operatorToken.kind !== Kind.EqualsEqualsEqualsToken) return;
  const { left: name } = assignment;
  let subject = withoutWrappers(condition.left);
  const constant = withoutWrappers(condition.right);
  if (subject.kind === Kind.TypeOfExpression) {
    if (!isStringLiteralLike(constant) || constant.text !== 'undefined') return;
    subject = (subject as ts.TypeOfExpression).expression;
  } else if (testAgainst(cx, constant, true) !== ParameterTest.Undefined) return;
  if (!isIdentifier(name) || !isIdentifier(subject) || name.escapedText !== subject.escapedText) return;
  const variable = cx.lookupAt(name);
  if (variable === undefined || variable.owner !== fn.index || variable.importIndex !== NONE) return;
  const value = fn.peek(cx.slotOf(variable));
  if (value !== NONE && fn.op[value] === Op.Phi && fn.operandCount(value) === 2) fn.defaults.add(value);
}

function conditionOf(cx: Lowering, node: ts.Expression, polarity: boolean): ParameterCondition | undefined {
  if (node.kind === Kind.Identifier) return tested(cx, node as ts.Identifier, ParameterTest.Truthy, polarity);
  if (!isBinaryExpression(node)) return undefined;
  const { operatorToken, left, right } = node;
  let isStrict = true;
  let isEqual = true;
  switch (operatorToken.kind) {
    case Kind.EqualsEqualsEqualsToken:
      break;
    case Kind.ExclamationEqualsEqualsToken:
      isEqual = false;
      break;
    case Kind.EqualsEqualsToken:
      isStrict = false;
      break;
    case Kind.ExclamationEqualsToken:
      isStrict = false;
      isEqual = false;
      break;
    default:
      return undefined;
  }
  const [subject, constant] = [withoutWrappers(left), withoutWrappers(right)];
  const holds = isEqual === polarity;
  if (subject.kind === Kind.TypeOfExpression) {
    const { expression } = subject as ts.TypeOfExpression;
    if (!isStringLiteralLike(constant) || constant.text !== 'undefined') return undefined;
    return expression.kind === Kind.Identifier
      ? tested(cx, expression as ts.Identifier, ParameterTest.Undefined, holds)
      : undefined;
  }
  if (subject.kind !== Kind.Identifier) return undefined;
  const test = testAgainst(cx, constant, isStrict);
  return test === undefined ? undefined : tested(cx, subject as ts.Identifier, test, holds);
}

function testAgainst(cx: Lowering, constant: ts.Expression, isStrict: boolean): ParameterTest | undefined {
  switch (constant.kind) {
    case Kind.TrueKeyword:
      return isStrict ? ParameterTest.True : undefined;
    case Kind.FalseKeyword:
      return isStrict ? ParameterTest.False : undefined;
    case Kind.NullKeyword:
      return isStrict ? undefined : ParameterTest.Nullish;
    case Kind.VoidExpression:
      return isStrict ? ParameterTest.Undefined : ParameterTest.Nullish;
    case Kind.Identifier:
      if ((constant as ts.Identifier).escapedText !== 'undefined') return undefined;
      if (cx.lookupAt(constant as ts.Identifier) !== undefined) return undefined;
      return isStrict ? ParameterTest.Undefined : ParameterTest.Nullish;
    default:
      return undefined;
  }
}

/** The name has to stand for what a parameter was given, or a default of it. */
function tested(
  cx: Lowering,
  name: ts.Identifier,
  test: ParameterTest,
  polarity: boolean,
): ParameterCondition | undefined {
  const { fn } = cx;
  const variable = cx.lookupAt(name);
  if (variable === undefined || variable.owner !== fn.index || variable.importIndex !== NONE) return undefined;
  const value = underlying(cx, fn.peek(cx.slotOf(variable)));
  if (value === NONE) return undefined;
  if (fn.op[value] === Op.Param)
    return fn.aux[value] < 0 ? undefined : { parameter: fn.aux[value], test, polarity, instead: Given.Anything };
  if (fn.op[value] !== Op.Phi || fn.operandCount(value) !== 2) return undefined;
  if (!fn.defaults.has(value)) return undefined;
  const [first, second] = [underlying(cx, fn.operand(value, 0)), underlying(cx, fn.operand(value, 1))];
  if (first === NONE || second === NONE) return undefined;
  const [parameter, other] = fn.op[first] === Op.Param ? [first, second] : [second, first];
  if (fn.op[parameter] !== Op.Param || fn.aux[parameter] < 0 || fn.op[other] !== Op.Const) return undefined;
  const instead = givenByConstant(fn.constantText(other));
  return instead === Given.Anything ? undefined : { parameter: fn.aux[parameter], test, polarity, instead };
}

function underlying(cx: Lowering, value: NodeId): NodeId {
  const { fn } = cx;
  let node = value;
  while (node !== NONE && (fn.op[node] === Op.Guard || fn.op[node] === Op.Typed)) node = fn.operand(node, 0);
  return node;
}
