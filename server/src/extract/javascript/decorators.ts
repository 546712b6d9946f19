/**
 * Decorators: the decorator expression is evaluated in the declaring function, then called with what it decorates.
 */
import type ts from 'typescript';
import { canHaveDecorators, isDecorator, isIdentifier, isPropertyDeclaration } from '../../parse/javascript/syntax';
import { CallFlag, NONE, Op, type NodeId } from '../../model/graph';
import type { Lowering } from './lowering';
import { propertyNameText, textOf } from './names';

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
    lowerDecorators(cx, member, 'member', classIndex, NONE, NONE, target);
  }
}

/** Of a method, accessor or constructor, and of its parameters. */
export function lowerMemberDecorators(
  cx: Lowering,
  member: ts.MethodDeclaration | ts.AccessorDeclaration | ts.ConstructorDeclaration,
  classIndex: number,
  functionIndex: number,
  closure: NodeId,
): void {
  if (hasDecorators(member)) lowerDecorators(cx, member, 'member', classIndex, functionIndex, NONE, closure);
  let position = 0;
  for (const parameter of member.parameters) {
    if (hasDecorators(parameter)) {
      const name = isIdentifier(parameter.name) ? textOf(parameter.name) : '';
      const target = cx.fn.string(name, cx.start(parameter.name.pos), parameter.name.end);
      lowerDecorators(cx, parameter, 'parameter', classIndex, functionIndex, position, target);
    }
    position++;
  }
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
): void {
  if (!canHaveDecorators(node)) return;
  const { fn } = cx;
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
    fn.emitFrom(base, Op.Call, CallFlag.Decorator, cx.start(modifier.pos), modifier.end);
  }
}
