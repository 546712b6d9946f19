/**
 * Binding a value to a name or a pattern: declarations, parameters, loop heads and catch
 * clauses. Patterns on the left of an assignment are in `assignments.ts`.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { Op, type NodeId } from '../../model/graph';
import type { Lowering, Naming } from './lowering';
import { propertyNameText } from './names';
import { namingOf, takesName } from './naming';

/** Gives a declared name or pattern its value. */
export function bindPattern(cx: Lowering, name: ts.BindingName, value: NodeId): void {
  switch (name.kind) {
    case Kind.Identifier: {
      const variable = cx.variableAt(name);
      cx.assign(variable, value, cx.start(name.pos), name.end);
      break;
    }
    case Kind.ObjectBindingPattern:
      for (const element of name.elements) {
        if (element.dotDotDotToken !== undefined) {
          bindPattern(cx, element.name, cx.fn.emit1(Op.Rest, 0, value, cx.start(element.pos), element.end));
          continue;
        }
        const key = element.propertyName ?? (element.name as ts.Identifier);
        bindElement(cx, element, loadProperty(cx, value, key, cx.start(element.pos), element.end));
      }
      break;
    case Kind.ArrayBindingPattern:
      for (const [i, element] of name.elements.entries()) {
        if (element.kind === Kind.OmittedExpression) continue;
        bindElement(cx, element, loadIndex(cx, value, i, element.dotDotDotToken !== undefined, element));
      }
      break;
  }
}

function bindElement(cx: Lowering, element: ts.BindingElement, loaded: NodeId): void {
  const value =
    element.initializer === undefined
      ? loaded
      : lowerDefault(cx, loaded, element.initializer, namingOf(cx, element.name));
  bindPattern(cx, element.name, value);
}

/** The value, or the default where it is undefined. */
export function lowerDefault(cx: Lowering, value: NodeId, initializer: ts.Expression, naming?: Naming): NodeId {
  const { fn } = cx;
  const region = fn.enter();
  const without = fn.edge(region);
  if (takesName(initializer)) cx.naming = naming;
  const fallback = cx.expression(initializer);
  cx.naming = undefined;
  const withDefault = fn.edge(region);
  fn.rewind(region);
  fn.leave(region);
  fn.join2(without, withDefault, initializer.end);
  return fn.phi2(value, fallback, initializer.end);
}

export function loadProperty(cx: Lowering, value: NodeId, key: ts.PropertyName, start: number, end: number): NodeId {
  const name = propertyNameText(key);
  if (name !== undefined) return cx.fn.load(value, cx.intern(name), start, end);
  return cx.fn.emit2(Op.LoadElement, 0, value, cx.expression((key as ts.ComputedPropertyName).expression), start, end);
}

export function loadIndex(cx: Lowering, value: NodeId, index: number, isRest: boolean, element: ts.Node): NodeId {
  const start = cx.start(element.pos);
  if (isRest) return cx.fn.emit1(Op.Rest, 0, value, start, element.end);
  return cx.fn.load(value, cx.intern(String(index)), start, element.end);
}
