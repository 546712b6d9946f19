/**
 * Parameters that are by custom what a server hands to a handler: `(req, res, next)`, `(error, req, res, next)`, `(request, reply)`, `(request, h)`, `(request, env)`,
 * `(event, context)`, and `(ctx, next)`; of a function that stands in `router.get('/path', …)`, where the file was handed its router, those of any name; and a server that is handed
 * in as `fastify`. Middleware in a package of its own imports no framework, so nothing else says what comes in. They are declared to be instances of
 * members of the global `@handler`; what those are, models say.
 */
import type ts from 'typescript';
import { forEachChild } from '../../parse/javascript/syntax';
import * as Kind from '../../parse/javascript/syntaxKind';
import { Op, type NodeId } from '../../model/graph';
import type { Lowering } from './lowering';
import { textOf } from './names';

const REQUESTS: ReadonlySet<string> = new Set(['req', 'request']);
const RESPONSES: ReadonlySet<string> = new Set(['res', 'response']);

/** What comes with a request and mostly answers it, by what it is called where the request is called `request` or `req`. */
const ANSWERING: ReadonlyMap<string, { readonly request: string; readonly answer: string }> = new Map([
  ['reply', { request: 'repliedRequest', answer: 'reply' }],
  ['env', { request: 'fetchRequest', answer: 'environment' }],
  ['h', { request: 'toolkitRequest', answer: 'toolkit' }],
]);
const SERVER = 'fastify';
const EVENT = 'event';
const LOADER = /(?:^|\.)(?:loader|action)$/;
const METHOD = /^(?:exports\.)?(?:GET|POST|PUT|PATCH|DELETE)$/;
const FETCH_LISTENER = 'in addEventListener("fetch")';
const EVENT_HANDLER = /(?:^|\.)(?:handler|lambdaHandler)$/;
/** By these names a router is known that is handed in. */
const ROUTERS: ReadonlySet<string> = new Set(['app', 'router', 'server', 'api', 'route', 'routes', 'express']);
/** The key of a function that is handed to a router with a path: `in app.get("/users")`. */
const ROUTED = /^in ([\w$]+)\.(?:get|post|put|patch|delete|del|all|use|head|options)\("[/*:]/;
/** Callbacks of clients are told of failures first; what comes second in these is no answer. */
const NO_REQUEST = /^(?:e|ex|err|error|_|ctx|c|context|h3|event)$/;
const NO_ANSWER = /^(?:next|done|h|reply|callback|cb|body|data)$/;

/** A function, as far as its parameters and what it does with them go. */
type Declared = Pick<ts.SignatureDeclaration, 'parameters'> & { readonly body?: ts.Node | undefined };

/** What the parameter at a position is by custom; undefined where there is none, or where the code says it itself. */
function customaryType(
  cx: Lowering,
  declared: Declared,
  position: number,
  key: string | undefined,
): string | undefined {
  const { parameters, body } = declared;
  const name = plainName(parameters[position]);
  if (name === undefined) return position === 0 && isLoader(parameters[0], key) ? 'loaderArguments' : undefined;
  if (name === 'ctx')
    return position === 0 && (isContext(parameters, body) || (parameters.length === 1 && isRouted(key)))
      ? 'context'
      : undefined;
  if (name === SERVER) return position === 0 ? SERVER : undefined;
  const alone = position === 0 && parameters.length === 1 && key !== undefined ? aloneType(name, key) : undefined;
  if (alone !== undefined) return alone;
  if (name === EVENT) return position === 0 && isEventHandler(parameters, key) ? EVENT : undefined;
  return namedType(parameters, position, name) ?? routedType(cx, parameters, position, key);
}

/** `(event, context)`, or `event` alone of a function called `handler`. */
function isEventHandler(parameters: readonly ts.ParameterDeclaration[], key: string | undefined): boolean {
  return plainName(parameters.at(1)) === 'context' || (key !== undefined && EVENT_HANDLER.test(key));
}

/** `function loader({ request, params })` */
function isLoader({ name, type }: ts.ParameterDeclaration, key: string | undefined): boolean {
  if (key === undefined || type !== undefined || name.kind !== Kind.ObjectBindingPattern || !LOADER.test(key))
    return false;
  return name.elements.some((element) => element.name.kind === Kind.Identifier && textOf(element.name) === 'request');
}

/** Functions with only one parameter that a server or worker calls with a request: `GET(request)`, `addEventListener('fetch', (event) => …)`. */
function aloneType(name: string, key: string): string | undefined {
  if (key === FETCH_LISTENER) return 'fetchEvent';
  return REQUESTS.has(name) && METHOD.test(key) ? 'fetchRequest' : undefined;
}

/** Whether a function is handed to something with a path, as to a router. */
function isRouted(key: string | undefined): boolean {
  return key !== undefined && ROUTED.test(key);
}

/** `app.get('/path', (q, s) => …)` with `app` a variable of a function around it, or a parameter, so that no import says what it is. */
function routedType(
  cx: Lowering,
  parameters: readonly ts.ParameterDeclaration[],
  position: number,
  key: string | undefined,
): string | undefined {
  if (key === undefined || position > 1 || parameters.length < 2 || parameters.length > 3) return undefined;
  if (parameters.length === 3 && plainName(parameters[2]) !== 'next') return undefined;
  const router = ROUTED.exec(key)?.[1];
  if (router === undefined || !ROUTERS.has(router) || (cx.lookup(router)?.owner ?? 0) <= 0) return undefined;
  const [first, second] = [plainName(parameters[0]), plainName(parameters[1])];
  if (first === undefined || second === undefined || NO_REQUEST.test(first) || NO_ANSWER.test(second)) return undefined;
  return position === 0 ? 'request' : 'response';
}

/** What parameters are by their own names. */
function namedType(parameters: readonly ts.ParameterDeclaration[], position: number, name: string): string | undefined {
  const answering = ANSWERING.get(name);
  if (answering !== undefined)
    return position === 1 && REQUESTS.has(plainName(parameters[0]) ?? '') ? answering.answer : undefined;
  const isRequest = REQUESTS.has(name);
  if (!isRequest && !RESPONSES.has(name)) return undefined;
  const first = isRequest ? position : position - 1;
  if (first !== 0 && !(first === 1 && parameters.length === 4 && plainName(parameters[3]) === 'next')) return undefined;
  const other = plainName(parameters.at(isRequest ? position + 1 : first));
  const replied = isRequest && position === 0 && other !== undefined ? ANSWERING.get(other) : undefined;
  if (replied !== undefined) return replied.request;
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

/** `value`, the parameter of a function at a position, with the type that it has by custom. `key` is what the function's surroundings call it. */
export function withCustomaryType(
  cx: Lowering,
  declared: Declared,
  position: number,
  value: NodeId,
  key?: string,
): NodeId {
  const type = customaryType(cx, declared, position, key);
  if (type === undefined) return value;
  const { fn } = cx;
  const start = fn.start[value];
  const { end } = declared.parameters[position].name;
  const handler = fn.emit0(Op.Global, cx.intern('@handler'), start, end);
  return fn.emit2(Op.Typed, 0, value, fn.load(handler, cx.intern(type), start, end), start, end);
}
