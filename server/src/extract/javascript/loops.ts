/**
 * Loops. The header gets an open phi for each variable that the loop writes (known from the binding pass); it takes
 * the values of all ways back to the header. What leaves the loop comes from the condition and from every `break`.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import {
  isBinaryExpression,
  isIdentifier,
  isNumericLiteral,
  isPropertyAccessExpression,
  isVariableDeclarationList,
} from '../../parse/javascript/syntax';
import { NONE, Op, Test, type NodeId } from '../../model/graph';
import { DEAD, type Edge, type Slot } from '../flow/environment';
import type { JumpTarget } from '../flow/functionBuilder';
import { assignTo } from './assignments';
import { lowerCondition, type Branches } from './conditions';
import type { Lowering, Variable } from './lowering';
import { textOf } from './names';
import { bindPattern } from './patterns';
import { lowerVariables } from './statements';

interface LoopHead {
  readonly slots: readonly Slot[];
  readonly phis: readonly NodeId[];
  readonly region: number;
  readonly target: JumpTarget;
}

/** The value itself. */
const NO_PATH: readonly number[] = [];

export function lowerFor(cx: Lowering, node: ts.ForStatement): void {
  const labels = cx.takeLabels();
  const names = cx.openScope(node);
  if (node.initializer !== undefined) {
    if (isVariableDeclarationList(node.initializer)) lowerVariables(cx, node.initializer);
    else cx.expression(node.initializer);
  }
  lowerConditionLoop(cx, node, labels, node.condition, node.incrementor, countedList(cx, node));
  cx.closeScope(names);
}

export function lowerWhile(cx: Lowering, node: ts.WhileStatement): void {
  const labels = cx.takeLabels();
  const names = cx.openScope(node);
  lowerConditionLoop(cx, node, labels, node.expression, undefined);
  cx.closeScope(names);
}

function lowerConditionLoop(
  cx: Lowering,
  node: ts.IterationStatement,
  labels: readonly string[],
  condition: ts.Expression | undefined,
  incrementor: ts.Expression | undefined,
  list?: Variable,
): void {
  const { fn } = cx;
  const head = openLoop(cx, node, labels);
  const { region } = head;
  const branches: Branches = { whenTrue: DEAD, whenFalse: DEAD };
  if (condition !== undefined) {
    lowerCondition(cx, condition, region, branches);
    fn.apply(branches.whenTrue);
  }
  cx.statement(node.statement);
  joinContinues(cx, head, node.statement.end);
  if (incrementor !== undefined) cx.expression(incrementor);
  closeHeader(cx, head);
  const isWhole = list !== undefined && fn.reachable && head.target.breaks.length === 0;
  const last = isWhole ? guardAt(cx, list) : NONE;
  fn.rewind(region);
  leaveLoop(cx, head, branches.whenFalse, node.end);
  if (list !== undefined) applyEach(cx, list, last);
}

export function lowerDo(cx: Lowering, node: ts.DoStatement): void {
  const { fn } = cx;
  const labels = cx.takeLabels();
  const names = cx.openScope(node);
  const head = openLoop(cx, node, labels);
  const branches: Branches = { whenTrue: DEAD, whenFalse: DEAD };
  cx.statement(node.statement);
  joinContinues(cx, head, node.statement.end);
  lowerCondition(cx, node.expression, head.region, branches);
  fn.apply(branches.whenTrue);
  closeHeader(cx, head);
  fn.rewind(head.region);
  leaveLoop(cx, head, branches.whenFalse, node.end);
  cx.closeScope(names);
}

export function lowerForIn(cx: Lowering, node: ts.ForInStatement): void {
  lowerIteration(cx, node, Op.ForInKey, 0);
}

export function lowerForOf(cx: Lowering, node: ts.ForOfStatement): void {
  lowerIteration(cx, node, Op.Iterate, node.awaitModifier === undefined ? 0 : 1);
}

function lowerIteration(cx: Lowering, node: ts.ForInOrOfStatement, op: Op.ForInKey | Op.Iterate, aux: number): void {
  const { fn } = cx;
  const labels = cx.takeLabels();
  const iterable = cx.expression(node.expression);
  const names = cx.openScope(node);
  const head = openLoop(cx, node, labels);
  const exit = fn.edge(head.region);
  const start = cx.start(node.initializer.pos);
  const value = fn.emit1(op, aux, iterable, start, node.expression.end);
  if (isVariableDeclarationList(node.initializer)) {
    for (const { name } of node.initializer.declarations) bindPattern(cx, name, value);
  } else assignTo(cx, node.initializer, value, node.initializer.end);
  cx.statement(node.statement);
  joinContinues(cx, head, node.statement.end);
  closeHeader(cx, head);
  const list = op === Op.Iterate ? variableOf(cx, node.expression) : undefined;
  const last = list === undefined ? NONE : elementAtEnd(cx, head, node.initializer);
  fn.rewind(head.region);
  leaveLoop(cx, head, exit, node.end);
  if (list !== undefined) applyEach(cx, list, last);
  cx.closeScope(names);
}

/** The variable of a loop as the end of a round knows it, where that is under a test and no round was left early; else NONE. */
function elementAtEnd(cx: Lowering, head: LoopHead, initializer: ts.ForInitializer): NodeId {
  const { fn } = cx;
  if (!fn.reachable || head.target.breaks.length > 0 || !isVariableDeclarationList(initializer)) return NONE;
  const [{ name }] = initializer.declarations;
  const variable = isIdentifier(name) ? cx.lookupAt(name) : undefined;
  return variable === undefined ? NONE : guardAt(cx, variable);
}

function guardAt(cx: Lowering, variable: Variable): NodeId {
  const value = cx.fn.peek(cx.slotOf(variable));
  return value !== NONE && cx.fn.op[value] === Op.Guard ? value : NONE;
}

function variableOf(cx: Lowering, node: ts.Expression): Variable | undefined {
  return isIdentifier(node) ? cx.lookupAt(node) : undefined;
}

/** What was found out of each element in a loop that is over counts for the list. */
function applyEach(cx: Lowering, list: Variable, last: NodeId): void {
  const { fn } = cx;
  const slot = cx.slotOf(list);
  const value = fn.peek(slot);
  if (last === NONE || value === NONE || !fn.reachable) return;
  fn.refine(slot, fn.guard(value, last, Test.Each, true, NO_PATH, 0, NONE));
}

/** The list whose elements a loop counts through: `for (let i = 0; i < keys.length; i++)`. */
function countedList(cx: Lowering, { initializer, condition, incrementor }: ts.ForStatement): Variable | undefined {
  if (initializer === undefined || condition === undefined || incrementor === undefined) return undefined;
  if (!isVariableDeclarationList(initializer) || !isBinaryExpression(condition)) return undefined;
  const first = initializer.declarations[0]?.initializer;
  if (first === undefined || !isNumericLiteral(first) || first.text !== '0') return undefined;
  const { left, operatorToken, right } = condition;
  if (operatorToken.kind !== Kind.LessThanToken || !isIdentifier(left) || !isPropertyAccessExpression(right))
    return undefined;
  return textOf(right.name) === 'length' ? variableOf(cx, right.expression) : undefined;
}

function openLoop(cx: Lowering, node: ts.IterationStatement, labels: readonly string[]): LoopHead {
  const { fn } = cx;
  const slots: Slot[] = [];
  const phis: NodeId[] = [];
  const written = cx.bindings.loopWrites.get(node);
  if (written !== undefined) {
    for (const name of written) {
      const variable = writtenVariable(cx, name);
      if (variable === undefined) continue;
      const slot = cx.slotOf(variable);
      if (slots.includes(slot)) continue;
      const phi = fn.loopPhi(slot, node.pos);
      if (phi === NONE) continue;
      slots.push(slot);
      phis.push(phi);
    }
  }
  const region = fn.enter();
  return { slots, phis, region, target: fn.pushTarget(region, labels, true, true) };
}

/** `module` in a loop's writes stands for the exports object. */
function writtenVariable(cx: Lowering, name: string): Variable | undefined {
  const variable = cx.lookup(name);
  if (name === 'module' && (variable === undefined || variable.owner === NONE)) return cx.exports;
  return variable ?? cx.variable(name);
}

/** The end of the body and every `continue` go on together. */
function joinContinues(cx: Lowering, head: LoopHead, position: number): void {
  const { fn } = cx;
  const { continues } = head.target;
  if (continues.length === 0) return;
  const edges: Edge[] = [fn.edge(head.region), ...continues];
  fn.rewind(head.region);
  fn.join(edges, position);
}

function closeHeader(cx: Lowering, head: LoopHead): void {
  if (!cx.fn.reachable) return;
  for (let i = 0; i < head.slots.length; i++) cx.fn.closeLoopPhi(head.slots[i], head.phis[i]);
}

/** To be called at the header's state. */
function leaveLoop(cx: Lowering, head: LoopHead, exit: Edge, position: number): void {
  const { fn } = cx;
  fn.popTarget();
  fn.leave(head.region);
  for (const slot of head.slots) fn.leaveLoopPhi(slot);
  fn.join([exit, ...head.target.breaks], position);
}
