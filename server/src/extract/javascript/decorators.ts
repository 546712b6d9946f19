/**
 * Decorators: the decorator expression is evaluated in the declaring function, then called with what it decorates. Those of
 * parameters are applied where the function begins, to what comes in: frameworks decide by them what the parameter is given.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { canHaveDecorators, isDecorator, isPropertyDeclaration } from '../../parse/javascript/syntax';
import { CallFlag, NONE, Op, type NodeId } from '../../model/graph';
import type { Lowering } from './lowering';
import { propertyNameText } from './names';

type Target = 'class' | 'member' | 'parameter';

/** Of the class itself and of its fields. */
export function lowerClassDecorators(
  cx: Lowering,
  node: ts.ClassLikeDeclaration,
  classIndex: number,
  classValue: NodeId,
): void {
  lowerDecorators(cx, node, 'class', classIndex, NONE, NONE, classValue);
  for (const member of node.members) {
    if (!isPropertyDeclaration(member) || !hasDecorators(member)) continue;
    const name = propertyNameText(member.name) ?? '';
    const target = cx.fn.string(name, cx.start(member.name.pos), member.name.end);
    lowerDecorators(cx, member, 'member', classIndex, NONE, NONE, target, classValue);
  }
}

/** Of a method, accessor or constructor. */
export function lowerMemberDecorators(
  cx: Lowering,
  member: ts.MethodDeclaration | ts.AccessorDeclaration | ts.ConstructorDeclaration,
  classIndex: number,
  functionIndex: number,
  closure: NodeId,
): void {
  if (hasDecorators(member)) lowerDecorators(cx, member, 'member', classIndex, functionIndex, NONE, closure);
}

/** Of a parameter, in its function: the parameter is what comes in, or what the decorators make of it. */
export function decorateParameter(
  cx: Lowering,
  parameter: ts.ParameterDeclaration,
  position: number,
  value: NodeId,
): NodeId {
  if (!hasDecorators(parameter)) return value;
  const { fn } = cx;
  const kind = parameter.type?.kind;
  // Who injects a parameter converts what comes as text.
  const isConverted = kind === Kind.NumberKeyword || kind === Kind.BooleanKeyword;
  let decorated = value;
  for (const made of lowerDecorators(cx, parameter, 'parameter', fn.classIndex, fn.index, position, value))
    if (!isConverted) decorated = fn.phi2(decorated, made, parameter.name.end);
  return decorated;
}

function hasDecorators(node: ts.Node): boolean {
  return canHaveDecorators(node) && node.modifiers?.some(isDecorator) === true;
}

function lowerDecorators(
  cx: Lowering,
  node: ts.Node,
  target: Target,
  classIndex: number,
  targetFunction: number,
  parameter: number,
  decorated: NodeId,
  /** Of a field: the class it is a field of. */
  owner: NodeId = NONE,
): readonly NodeId[] {
  if (!canHaveDecorators(node)) return [];
  const { fn } = cx;
  const applied: NodeId[] = [];
  for (const modifier of node.modifiers ?? []) {
    if (!isDecorator(modifier)) continue;
    const value = cx.expression(modifier.expression);
    cx.file.addDecorator({
      node: value,
      target,
      classIndex,
      targetFunction,
      parameter: target === 'parameter' ? parameter : NONE,
    });
    const base = fn.stack.length;
    fn.stack.push(value);
    fn.stack.push(NONE);
    fn.stack.push(decorated);
    if (owner !== NONE) fn.stack.push(owner);
    applied.push(fn.emitFrom(base, Op.Call, CallFlag.Decorator, cx.start(modifier.pos), modifier.end));
  }
  return applied;
}
