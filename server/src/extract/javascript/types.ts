/**
 * Declared and asserted types. Where a type names something that has a value (a class, an import, a global), the
 * value gets a `Typed` node, so that linking knows whose methods are called. Other types say nothing.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { isLiteralTypeNode, isStringLiteral } from '../../parse/javascript/syntax';
import { Op, type NodeId } from '../../model/graph';
import type { Lowering } from './lowering';
import { textOf, typeRoot } from './names';

/** `value` with its declared type, or `value` itself. */
export function lowerTyped(cx: Lowering, value: NodeId, type: ts.TypeNode | undefined): NodeId {
  if (type === undefined) return value;
  const root = lowerTypeRoot(cx, type);
  if (root === undefined) return value;
  return cx.fn.emit2(Op.Typed, 0, value, root, cx.fn.start[value], type.end);
}

export function lowerAs(cx: Lowering, node: ts.AsExpression | ts.TypeAssertion | ts.SatisfiesExpression): NodeId {
  const value = cx.expression(node.expression);
  return node.kind === Kind.SatisfiesExpression ? value : lowerTyped(cx, value, node.type);
}

export function lowerTypeRoot(cx: Lowering, type: ts.TypeNode): NodeId | undefined {
  const root = typeRoot(type);
  if (root === undefined) return undefined;
  if (typeof root === 'string') return cx.fn.emit0(Op.Global, cx.intern(root), cx.start(type.pos), type.end);
  if (root.kind === Kind.ImportType) return lowerImportType(cx, root);
  return lowerEntityName(cx, root);
}

/** `A.B.C` as loads from the value of `A`; undefined where `A` is a type only. */
export function lowerEntityName(cx: Lowering, name: ts.EntityName): NodeId | undefined {
  const start = cx.start(name.pos);
  if (name.kind === Kind.Identifier) {
    const key = name.escapedText as string;
    if (key === '' || key === 'const') return undefined;
    if (cx.lookup(key) === undefined && cx.bindings.typeNames.has(key)) return undefined;
    return cx.read(cx.variable(key), start, name.end);
  }
  const base = lowerEntityName(cx, name.left);
  return base === undefined ? undefined : cx.fn.load(base, cx.intern(textOf(name.right)), start, name.end);
}

function lowerImportType(cx: Lowering, type: ts.ImportTypeNode): NodeId | undefined {
  const { argument, qualifier } = type;
  if (!isLiteralTypeNode(argument) || !isStringLiteral(argument.literal)) return undefined;
  const start = cx.start(type.pos);
  const specifier = argument.literal.text;
  const index = cx.addImport(specifier, 'import', true, start, type.end);
  let value = cx.fn.emit0(Op.Import, index, start, type.end);
  const names: string[] = [];
  for (let name = qualifier; name !== undefined;) {
    if (name.kind === Kind.Identifier) {
      names.push(textOf(name));
      break;
    }
    names.push(textOf(name.right));
    name = name.left;
  }
  for (const name of names.reverse()) value = cx.fn.load(value, cx.intern(name), start, type.end);
  return value;
}
