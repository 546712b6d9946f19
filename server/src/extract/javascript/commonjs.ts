/**
 * CommonJS as the platform knows it: `require`, `module.exports`, `exports`, and dynamic `import()`.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import {
  isBinaryExpression,
  isCallExpression,
  isElementAccessExpression,
  isIdentifier,
  isPropertyAccessExpression,
  isStringLiteralLike,
} from '../../parse/javascript/syntax';
import { NONE, Op, type NodeId } from '../../model/graph';
import type { Lowering, Variable } from './lowering';
import { textOf, withoutWrappers } from './names';

/** The module's exports variable, when `node` is `module.exports` (or `module["exports"]`) and `module` is the platform's. */
export function moduleExports(cx: Lowering, node: ts.Node): Variable | undefined {
  let base: ts.Expression;
  if (isPropertyAccessExpression(node)) {
    if (node.name.escapedText !== 'exports') return undefined;
    base = node.expression;
  } else if (isElementAccessExpression(node)) {
    const key = node.argumentExpression;
    if (!isStringLiteralLike(key) || key.text !== 'exports') return undefined;
    base = node.expression;
  } else return undefined;
  if (base.kind !== Kind.Identifier || (base as ts.Identifier).escapedText !== 'module') return undefined;
  return isPlatformName(cx, 'module') ? cx.exports : undefined;
}

/** Nobody in the file declared the name. */
export function isPlatformName(cx: Lowering, name: string): boolean {
  const variable = cx.lookup(name);
  return variable === undefined || variable.owner === NONE;
}

/**
 * `first` and `second` are the two innermost links of a chain. When they are `require("x")` or `module.require("x")`
 * with a constant specifier, the call and the specifier.
 */
export function requiredSpecifier(
  cx: Lowering,
  first: ts.Node,
  second: ts.Node | undefined,
): { readonly call: ts.CallExpression; readonly specifier: string } | undefined {
  let call: ts.CallExpression;
  if (isCallExpression(first)) {
    const callee = withoutWrappers(first.expression);
    if (!isIdentifier(callee) || callee.escapedText !== 'require' || !isPlatformName(cx, 'require')) return undefined;
    call = first;
  } else if (second !== undefined && isCallExpression(second) && isPropertyAccessExpression(first)) {
    if (first.name.escapedText !== 'require' || !isIdentifier(first.expression)) return undefined;
    if (textOf(first.expression) !== 'module' || !isPlatformName(cx, 'module')) return undefined;
    call = second;
  } else return undefined;
  if (call.arguments.length < 1) return undefined;
  const specifier = constantSpecifier(call.arguments[0]);
  return specifier === undefined ? undefined : { call, specifier };
}

export function lowerDynamicImport(cx: Lowering, call: ts.CallExpression, start: number): NodeId {
  const { fn } = cx;
  const specifier = call.arguments.length > 0 ? constantSpecifier(call.arguments[0]) : undefined;
  if (specifier !== undefined) {
    const node = fn.emit0(Op.Import, cx.addImport(specifier, 'dynamic', false, start, call.end), start, call.end);
    fn.pinned.push(node);
    return node;
  }
  const base = fn.stack.length;
  fn.stack.push(fn.emit0(Op.Global, cx.intern('import'), start, start + 6));
  fn.stack.push(NONE);
  for (const argument of call.arguments) fn.stack.push(cx.expression(argument));
  return fn.emitFrom(base, Op.Call, 0, start, call.end);
}

/** A string literal, a template without values, or a concatenation of such. */
function constantSpecifier(node: ts.Expression): string | undefined {
  const inner = withoutWrappers(node);
  if (isStringLiteralLike(inner)) return inner.text;
  if (isBinaryExpression(inner) && inner.operatorToken.kind === Kind.PlusToken) {
    const left = constantSpecifier(inner.left);
    const right = constantSpecifier(inner.right);
    if (left !== undefined && right !== undefined) return left + right;
  }
  return undefined;
}
