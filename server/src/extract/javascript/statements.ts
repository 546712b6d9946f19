/**
 * Statements other than loops: blocks, declarations of variables, branches, switches, exceptions and jumps.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { isIfStatement } from '../../parse/javascript/syntax';
import { NONE, Op, type NodeId } from '../../model/graph';
import { DEAD, type Edge } from '../flow/environment';
import { lowerCondition, type Branches } from './conditions';
import { hoistFunctions } from './functions';
import { rememberDerived, rememberProperties, rememberTest } from './madeOf';
import { lowerModuleTable } from './bundles';
import type { Lowering } from './lowering';
import { textOf, withoutWrappers } from './names';
import { namingOf, takesName } from './naming';
import {
  closeBranch,
  lowerStatements,
  noteDefault,
  parameterConditions,
  type OpenBranch,
  type ParameterCondition,
} from './parameterBranches';
import { bindPattern } from './patterns';
import { rememberConstant } from './regularExpressions';
import { lowerStep } from './stateMachines';
import { applyReturned, applyTests, collectCaseTests, type TestedVariable } from './tests';
import { lowerTyped } from './types';

export function lowerBlock(cx: Lowering, node: ts.Block): void {
  const labels = cx.takeLabels();
  if (labels.length > 0) {
    lowerLabelled(cx, labels, () => lowerBlock(cx, node), node.end);
    return;
  }
  const names = cx.openScope(node);
  hoistFunctions(cx, node.statements);
  lowerStatements(cx, node.statements);
  cx.closeScope(names);
}

export function lowerExpressionStatement(cx: Lowering, node: ts.ExpressionStatement): void {
  applyReturned(cx, node.expression, cx.expression(node.expression));
}

export function lowerVariableStatement(cx: Lowering, node: ts.VariableStatement): void {
  const ambient = node.modifiers?.some((modifier) => modifier.kind === Kind.DeclareKeyword) === true;
  if (!ambient) lowerVariables(cx, node.declarationList);
}

export function lowerVariables(cx: Lowering, list: ts.VariableDeclarationList): void {
  for (const { name, type, initializer } of list.declarations) {
    if (initializer === undefined) {
      if (type !== undefined && name.kind === Kind.Identifier && cx.isValueType(type)) {
        const start = cx.start(name.pos);
        bindPattern(cx, name, lowerTyped(cx, cx.fn.emit0(Op.Unknown, 0, start, name.end), type));
      }
      continue;
    }
    if (lowerModuleTable(cx, name, initializer)) {
      bindPattern(cx, name, cx.fn.emit0(Op.ObjectLiteral, 0, cx.start(initializer.pos), initializer.end));
      continue;
    }
    if (takesName(initializer)) cx.naming = namingOf(cx, name);
    const value = lowerTyped(cx, cx.expression(initializer), type);
    cx.naming = undefined;
    bindPattern(cx, name, value);
    if (name.kind === Kind.Identifier) {
      rememberTest(cx.variableAt(name), initializer, value);
      rememberDerived(cx, cx.variableAt(name), initializer, value);
      rememberConstant(cx, cx.variableAt(name), value);
    } else if (name.kind === Kind.ObjectBindingPattern) rememberProperties(cx, name, initializer, value);
  }
}

/** An `if` with all its `else if`, without recursion along the ladder. */
export function lowerIf(cx: Lowering, node: ts.IfStatement): void {
  const { fn } = cx;
  const labels = cx.takeLabels();
  if (labels.length > 0) {
    lowerLabelled(cx, labels, () => lowerIf(cx, node), node.end);
    return;
  }
  const region = fn.enter();
  const branches: Branches = { whenTrue: DEAD, whenFalse: DEAD };
  const ends: Edge[] = [];
  let behind: readonly ParameterCondition[] | undefined;
  let others: OpenBranch[] | undefined;
  let current: ts.IfStatement = node;
  for (;;) {
    lowerCondition(cx, current.expression, region, branches);
    const { whenFalse } = branches;
    fn.apply(branches.whenTrue);
    const whenHolds = parameterConditions(cx, current.expression, true);
    const from = fn.count;
    cx.statement(current.thenStatement);
    closeBranch(cx, whenHolds, from);
    const isLeft = !fn.reachable;
    ends.push(fn.edge(region));
    fn.rewind(region);
    const whenNot = parameterConditions(cx, current.expression, false);
    const otherwise: ts.Statement | undefined = current.elseStatement;
    if (otherwise === undefined) {
      if (isLeft && current === node && whenNot.length > 0) behind = whenNot;
      ends.push(whenFalse);
      break;
    }
    fn.apply(whenFalse);
    (others ??= []).push({ conditions: whenNot, from: fn.count });
    if (!isIfStatement(otherwise)) {
      cx.statement(otherwise);
      ends.push(fn.edge(region));
      fn.rewind(region);
      break;
    }
    current = otherwise;
  }
  for (const { conditions, from } of others ?? []) closeBranch(cx, conditions, from);
  fn.leave(region);
  fn.join(ends, node.end);
  if (node.elseStatement === undefined) noteDefault(cx, node);
  cx.behindIf = behind;
}

export function lowerLabeled(cx: Lowering, node: ts.LabeledStatement): void {
  cx.labels = [...cx.labels, textOf(node.label)];
  cx.statement(node.statement);
  const left = cx.takeLabels();
  // A statement that is no jump target and did not take its labels cannot be left by them either.
  if (left.length > 0) cx.labels = [];
}

/** A labelled statement that is no loop: `break label` leaves it. */
function lowerLabelled(cx: Lowering, labels: readonly string[], lower: () => void, position: number): void {
  const { fn } = cx;
  const region = fn.enter();
  const target = fn.pushTarget(region, labels, false, false);
  lower();
  fn.popTarget();
  const ends = [fn.edge(region), ...target.breaks];
  fn.rewind(region);
  fn.leave(region);
  fn.join(ends, position);
}

export function lowerBreak(cx: Lowering, node: ts.BreakStatement): void {
  cx.fn.breakTo(node.label === undefined ? undefined : textOf(node.label));
}

export function lowerContinue(cx: Lowering, node: ts.ContinueStatement): void {
  cx.fn.continueTo(node.label === undefined ? undefined : textOf(node.label));
}

export function lowerReturn(cx: Lowering, node: ts.ReturnStatement): void {
  if (lowerStep(cx, node)) return;
  const start = cx.start(node.pos);
  if (node.expression !== undefined) {
    if (takesName(node.expression)) cx.naming = { name: '', key: 'returned', start, end: start };
    const value = cx.expression(node.expression);
    cx.naming = undefined;
    // What the module returns are its exports; a `return` there (allowed in CommonJS) only ends it.
    if (!cx.scope.isModule) cx.fn.emitReturn(value, start, node.end);
  } else if (!cx.scope.isModule && cx.fn.parameters.length > 0) cx.fn.emitReturn(NONE, start, node.end);
  cx.fn.reachable = false;
}

export function lowerThrow(cx: Lowering, node: ts.ThrowStatement): void {
  const value = cx.expression(node.expression);
  cx.fn.emit1(Op.Throw, 0, value, cx.start(node.pos), node.end);
  cx.fn.reachable = false;
}

export function lowerTry(cx: Lowering, node: ts.TryStatement): void {
  const { fn } = cx;
  const labels = cx.takeLabels();
  if (labels.length > 0) {
    lowerLabelled(cx, labels, () => lowerTry(cx, node), node.end);
    return;
  }
  const { catchClause, finallyBlock } = node;
  const region = fn.enter();
  const jumps = finallyBlock === undefined ? undefined : fn.markJumps();
  const mark = fn.beginTry();
  const firstNode = fn.count;
  const caughtFrom = fn.caught.length;
  cx.statement(node.tryBlock);
  const lastNode = fn.count;
  const tryEnd = fn.edge(region);
  fn.rewind(region);
  if (finallyBlock === undefined) fn.endTry();
  let catchEnd: Edge = DEAD;
  if (catchClause !== undefined) {
    fn.applyExceptional(mark, catchClause.pos);
    const caught = lowerCaught(cx, catchClause, firstNode, lastNode, caughtFrom);
    lowerCatch(cx, catchClause, caught);
    catchEnd = fn.edge(region);
    fn.rewind(region);
  }
  if (finallyBlock === undefined || jumps === undefined) {
    fn.leave(region);
    fn.join2(tryEnd, catchEnd, node.end);
    return;
  }
  fn.endTry();
  fn.join2(tryEnd, catchEnd, finallyBlock.pos);
  const normal = fn.edge(region);
  fn.rewind(region);
  fn.applyExceptional(mark, finallyBlock.pos);
  const inner = fn.enter();
  cx.statement(finallyBlock);
  const finallyEnd = fn.edge(inner);
  fn.rewind(inner);
  fn.leave(inner);
  fn.rewind(region);
  fn.leave(region);
  fn.passThrough(jumps, finallyEnd);
  fn.apply(fn.concatenate(normal, finallyEnd));
}

/** The Catch of what the nodes of a try block throw, without those in inner blocks that catch it themselves. */
function lowerCaught(
  cx: Lowering,
  clause: ts.CatchClause,
  firstNode: NodeId,
  lastNode: NodeId,
  caughtFrom: number,
): NodeId {
  const { fn } = cx;
  const start = cx.start((clause.variableDeclaration ?? clause).pos);
  const end = clause.variableDeclaration?.end ?? clause.block.pos;
  const caught = fn.emit0(Op.Catch, fn.openList(), start, end);
  const inner = fn.caught;
  for (let node = firstNode, i = caughtFrom; node < lastNode; node++) {
    if (i < inner.length && node === inner.items[i]) {
      node = inner.items[i + 1] - 1;
      i += 2;
      continue;
    }
    const op = fn.op[node];
    if (op === Op.Call || op === Op.New || op === Op.Await || op === Op.Throw) fn.addOperand(caught, node);
  }
  inner.length = caughtFrom;
  if (firstNode < lastNode) {
    inner.push(firstNode);
    inner.push(lastNode);
  }
  return caught;
}

function lowerCatch(cx: Lowering, clause: ts.CatchClause, caught: NodeId): void {
  const names = cx.openScope(clause);
  if (clause.variableDeclaration !== undefined) bindPattern(cx, clause.variableDeclaration.name, caught);
  cx.statement(clause.block);
  cx.closeScope(names);
}

export function lowerSwitch(cx: Lowering, node: ts.SwitchStatement): void {
  const { fn } = cx;
  const labels = cx.takeLabels();
  const tested = withoutWrappers(node.expression);
  const value = cx.expression(node.expression);
  const names = cx.openScope(node.caseBlock);
  const { clauses } = node.caseBlock;
  for (const clause of clauses) hoistFunctions(cx, clause.statements);
  const region = fn.enter();
  const target = fn.pushTarget(region, labels, true, false);

  // All tests first: `default` holds where none of them did, wherever it stands. Each label is reached only where
  // the ones before it did not match.
  const entries: Edge[] = [];
  for (const clause of clauses) {
    if (clause.kind === Kind.DefaultClause) {
      entries.push(DEAD);
      continue;
    }
    const tests = lowerCaseTest(cx, tested, value, clause);
    const matched = fn.enter();
    applyTests(cx, tests, true);
    entries.push(fn.edge(region));
    fn.rewind(matched);
    fn.leave(matched);
    applyTests(cx, tests, false);
  }
  const otherwise = fn.edge(region);
  fn.rewind(region);

  let fallThrough: Edge = DEAD;
  let hasDefault = false;
  for (const [i, clause] of clauses.entries()) {
    const isDefault = clause.kind === Kind.DefaultClause;
    if (isDefault) hasDefault = true;
    fn.join2(isDefault ? otherwise : entries[i], fallThrough, clause.pos);
    for (const statement of clause.statements) cx.statement(statement);
    fallThrough = fn.edge(region);
    fn.rewind(region);
  }
  fn.popTarget();
  const ends = [...target.breaks, fallThrough];
  if (!hasDefault) ends.push(otherwise);
  fn.leave(region);
  fn.join(ends, node.end);
  cx.closeScope(names);
}

/** One `case`: a comparison of the switched value, or under `switch (true)` a condition of its own. */
function lowerCaseTest(
  cx: Lowering,
  tested: ts.Expression,
  value: NodeId,
  clause: ts.CaseClause,
): readonly TestedVariable[] {
  const { fn } = cx;
  const constant = cx.expression(clause.expression);
  const found: TestedVariable[] = [];
  if (tested.kind === Kind.TrueKeyword) {
    collectCaseTests(cx, undefined, clause.expression, constant, found);
  } else {
    const comparison = fn.emit2(
      Op.Binary,
      cx.intern('==='),
      value,
      constant,
      cx.start(clause.expression.pos),
      clause.expression.end,
    );
    collectCaseTests(cx, tested, clause.expression, comparison, found);
  }
  return found;
}

export function lowerWith(cx: Lowering, node: ts.WithStatement): void {
  cx.expression(node.expression);
  cx.statement(node.statement);
}

export function lowerNothing(): void {
  // Empty statements, `debugger`, and declarations that are types only.
}
