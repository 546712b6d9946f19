/**
 * Loops. The header gets an open phi for each variable that the loop writes (known from the binding pass); it takes
 * the values of all ways back to the header. What leaves the loop comes from the condition and from every `break`.
 */
import type ts from 'typescript';
import { isVariableDeclarationList } from '../../parse/javascript/syntax';
import { NONE, Op, type NodeId } from '../../model/graph';
import { DEAD, type Edge, type Slot } from '../flow/environment';
import type { JumpTarget } from '../flow/functionBuilder';
import { assignTo } from './assignments';
import { lowerCondition, type Branches } from './conditions';
import type { Lowering, Variable } from './lowering';
import { bindPattern } from './patterns';
import { lowerVariables } from './statements';

interface LoopHead {
  readonly slots: readonly Slot[];
  readonly phis: readonly NodeId[];
  readonly region: number;
  readonly target: JumpTarget;
}

export function lowerFor(cx: Lowering, node: ts.ForStatement): void {
  const labels = cx.takeLabels();
  const names = cx.openScope(node);
  if (node.initializer !== undefined) {
    if (isVariableDeclarationList(node.initializer)) lowerVariables(cx, node.initializer);
    else cx.expression(node.initializer);
  }
  lowerConditionLoop(cx, node, labels, node.condition, node.incrementor);
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
  fn.rewind(region);
  leaveLoop(cx, head, branches.whenFalse, node.end);
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
  fn.rewind(head.region);
  leaveLoop(cx, head, exit, node.end);
  cx.closeScope(names);
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
