/**
 * Parameters that are by custom what a server hands to a handler: `(req, res, next)`, `(error, req, res, next)`, and `(ctx, next)`. Middleware in a package
 * of its own imports no framework, so nothing else says what comes in. They are declared to be instances of members of the global `@handler`;
 * what those are, models say.
 */
import type ts from 'typescript';
import { forEachChild } from '../../parse/javascript/syntax';
import * as Kind from '../../parse/javascript/syntaxKind';
import { Op, type NodeId } from '../../model/graph';
import type { Lowering } from './lowering';
import { textOf } from './names';

const REQUESTS: ReadonlySet<string> = new Set(['req', 'request']);
const RESPONSES: ReadonlySet<string> = new Set(['res', 'response']);

/** A function, as far as its parameters and what it does with them go. */
type Declared = Pick<ts.SignatureDeclaration, 'parameters'> & { readonly body?: ts.Node | undefined };

/** What the parameter at a position is by custom; undefined where there is none, or where the code says it itself. */
function customaryType({ parameters, body }: Declared, position: number): string | undefined {
  const name = plainName(parameters[position]);
  if (name === undefined) return undefined;
  if (name === 'ctx') return position === 0 && isContext(parameters, body) ? 'context' : undefined;
  const isRequest = REQUESTS.has(name);
  if (!isRequest && !RESPONSES.has(name)) return undefined;
  const first = isRequest ? position : position - 1;
  if (first !== 0 && !(first === 1 && parameters.length === 4 && plainName(parameters[3]) === 'next')) return undefined;
  const other = plainName(parameters.at(isRequest ? position + 1 : first));
  if (other === undefined || !(isRequest ? RESPONSES : REQUESTS).has(other)) return undefined;
  return isRequest ? 'request' : 'response';
}

/** `(ctx, next)`, or `ctx` alone where what is answered is put on it. */
function isContext(parameters: readonly ts.ParameterDeclaration[], body: ts.Node | undefined): boolean {
  if (parameters.length === 2) return plainName(parameters[1]) === 'next';
  return parameters.length === 1 && body !== undefined && answers(body);
}

/** `ctx.body = …` or `ctx.redirect(…)`, anywhere in there. */
function answers(node: ts.Node): boolean {
  const target = isAssignment(node)
    ? node.left
    : node.kind === Kind.CallExpression
      ? (node as ts.CallExpression).expression
      : undefined;
  if (target?.kind === Kind.PropertyAccessExpression) {
    const { expression, name } = target as ts.PropertyAccessExpression;
    const isOfContext = expression.kind === Kind.Identifier && textOf(expression as ts.Identifier) === 'ctx';
    if (isOfContext && textOf(name) === (node.kind === Kind.CallExpression ? 'redirect' : 'body')) return true;
  }
  return forEachChild(node, (child) => answers(child) || undefined) === true;
}

function isAssignment(node: ts.Node): node is ts.BinaryExpression {
  return node.kind === Kind.BinaryExpression && (node as ts.BinaryExpression).operatorToken.kind === Kind.EqualsToken;
}

function plainName(parameter: ts.ParameterDeclaration | undefined): string | undefined {
  if (parameter?.name.kind !== Kind.Identifier) return undefined;
  const { name, type, initializer, dotDotDotToken } = parameter;
  return (type ?? initializer ?? dotDotDotToken) ? undefined : textOf(name);
}

/** `value`, the parameter of a function at a position, with the type that it has by custom. */
export function withCustomaryType(cx: Lowering, declared: Declared, position: number, value: NodeId): NodeId {
  const type = customaryType(declared, position);
  if (type === undefined) return value;
  const { fn } = cx;
  const start = fn.start[value];
  const { end } = declared.parameters[position].name;
  const handler = fn.emit0(Op.Global, cx.intern('@handler'), start, end);
  return fn.emit2(Op.Typed, 0, value, fn.load(handler, cx.intern(type), start, end), start, end);
}
