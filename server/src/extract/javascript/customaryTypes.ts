/**
 * Parameters that are by custom what a server hands to a handler: `(req, res, next)`, `(error, req, res, next)`, `(request, reply)`, `(ctx, next)`, `(event, context)`;
 * of a function that stands in `router.get('/path', …)`, where the file was handed its router, those of any name; and a server that is handed in. Middleware in a
 * package of its own imports no framework, so nothing else says what comes in. The names are data (`server/models/handlers.json`): it is part of the program, as what is
 * extracted of a file must depend on its text alone. They are declared to be instances of members of the global `@handler`; what those are, models say.
 */
import type ts from 'typescript';
import customs from '../../../models/handlers.json';
import { forEachChild } from '../../parse/javascript/syntax';
import * as Kind from '../../parse/javascript/syntaxKind';
import { Op, type NodeId } from '../../model/graph';
import type { Lowering } from './lowering';
import { textOf } from './names';

interface Answering {
  readonly request: string;
  readonly answer: string;
}

interface Context {
  readonly type: string;
  /** Its properties that answer when they are written, and its methods that do. */
  readonly set: ReadonlySet<string>;
  readonly called: ReadonlySet<string>;
}

interface Event {
  readonly type: string;
  /** What the parameter behind it is called. */
  readonly beside: string;
  /** Functions of these names are handed an event alone. */
  readonly functions: RegExp;
}

const REQUESTS: ReadonlySet<string> = new Set(customs.requests);
const RESPONSES: ReadonlySet<string> = new Set(customs.responses);
const NEXT = customs.next;
/** What comes with a request and mostly answers it, by what it is called behind a request. */
const ANSWERING = new Map<string, Answering>(Object.entries(customs.answeredBy));
const SERVERS = new Map<string, string>(Object.entries(customs.servers));
const CONTEXTS = new Map<string, Context>(
  Object.entries(customs.contexts).map(([name, { type, answeredBy }]) => [
    name,
    { type, set: new Set(answeredBy.set), called: new Set(answeredBy.called) },
  ]),
);
const EVENTS = new Map<string, Event>(
  Object.entries(customs.events).map(([name, { type, beside, functions }]) => [
    name,
    { type, beside, functions: called(functions) },
  ]),
);
const LOADERS = called(customs.loaders.functions);
const METHODS = new RegExp(`^(?:exports\\.)?(?:${customs.exportedMethods.functions.join('|')})$`);
const LISTENERS: ReadonlySet<string> = new Set(customs.listeners.functions);
/** By these names a router is known that is handed in. */
const ROUTERS: ReadonlySet<string> = new Set(customs.routers.variables);
/** The key of a function that is handed to a router with a path: `in app.get("/users")`. */
const ROUTED = new RegExp(`^in ([\\w$]+)\\.(?:${customs.routers.methods.join('|')})\\("[/*:]`);
/** Callbacks of clients are told of failures first; what comes second in these is no answer. */
const NO_REQUESTS: ReadonlySet<string> = new Set(customs.routers.notRequests);
const NO_ANSWERS: ReadonlySet<string> = new Set(customs.routers.notResponses);

/** Keys of functions with these names, wherever they stand. */
function called(names: readonly string[]): RegExp {
  return new RegExp(`(?:^|\\.)(?:${names.join('|')})$`);
}

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
  if (name === undefined) return position === 0 && isLoader(parameters[0], key) ? customs.loaders.type : undefined;
  const context = CONTEXTS.get(name);
  if (context !== undefined)
    return position === 0 && (isContext(name, context, parameters, body) || (parameters.length === 1 && isRouted(key)))
      ? context.type
      : undefined;
  const server = SERVERS.get(name);
  if (server !== undefined) return position === 0 ? server : undefined;
  const alone = position === 0 && parameters.length === 1 && key !== undefined ? aloneType(name, key) : undefined;
  if (alone !== undefined) return alone;
  const event = EVENTS.get(name);
  if (event !== undefined) return position === 0 && isEventHandler(event, parameters, key) ? event.type : undefined;
  return namedType(parameters, position, name) ?? routedType(cx, parameters, position, key);
}

/** `(event, context)`, or `event` alone of a function called `handler`. */
function isEventHandler(
  event: Event,
  parameters: readonly ts.ParameterDeclaration[],
  key: string | undefined,
): boolean {
  return plainName(parameters.at(1)) === event.beside || (key !== undefined && event.functions.test(key));
}

/** `function loader({ request, params })` */
function isLoader({ name, type }: ts.ParameterDeclaration, key: string | undefined): boolean {
  if (key === undefined || type !== undefined || name.kind !== Kind.ObjectBindingPattern || !LOADERS.test(key))
    return false;
  return name.elements.some(
    (element) => element.name.kind === Kind.Identifier && textOf(element.name) === customs.loaders.property,
  );
}

/** Functions with only one parameter that a server or worker calls with a request: `GET(request)`, `addEventListener('fetch', (event) => …)`. */
function aloneType(name: string, key: string): string | undefined {
  if (LISTENERS.has(key)) return customs.listeners.type;
  return REQUESTS.has(name) && METHODS.test(key) ? customs.exportedMethods.type : undefined;
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
  if (parameters.length === 3 && plainName(parameters[2]) !== NEXT) return undefined;
  const router = ROUTED.exec(key)?.[1];
  if (router === undefined || !ROUTERS.has(router) || (cx.lookup(router)?.owner ?? 0) <= 0) return undefined;
  const [first, second] = [plainName(parameters[0]), plainName(parameters[1])];
  if (first === undefined || second === undefined || NO_REQUESTS.has(first) || NO_ANSWERS.has(second)) return undefined;
  return position === 0 ? customs.types.request : customs.types.response;
}

/** What parameters are by their own names. */
function namedType(parameters: readonly ts.ParameterDeclaration[], position: number, name: string): string | undefined {
  const answering = ANSWERING.get(name);
  if (answering !== undefined)
    return position === 1 && REQUESTS.has(plainName(parameters[0]) ?? '') ? answering.answer : undefined;
  const isRequest = REQUESTS.has(name);
  if (!isRequest && !RESPONSES.has(name)) return undefined;
  const first = isRequest ? position : position - 1;
  if (first !== 0 && !(first === 1 && parameters.length === 4 && plainName(parameters[3]) === NEXT)) return undefined;
  const other = plainName(parameters.at(isRequest ? position + 1 : first));
  const replied = isRequest && position === 0 && other !== undefined ? ANSWERING.get(other) : undefined;
  if (replied !== undefined) return replied.request;
  if (other === undefined || !(isRequest ? RESPONSES : REQUESTS).has(other)) return undefined;
  return isRequest ? customs.types.request : customs.types.response;
}

/** `(ctx, next)`, or `ctx` alone where what is answered is put on it. */
function isContext(
  name: string,
  context: Context,
  parameters: readonly ts.ParameterDeclaration[],
  body: ts.Node | undefined,
): boolean {
  if (parameters.length === 2) return plainName(parameters[1]) === NEXT;
  return parameters.length === 1 && body !== undefined && answers(name, context, body);
}

/** `ctx.body = …` or `ctx.redirect(…)`, anywhere in there. */
function answers(name: string, context: Context, node: ts.Node): boolean {
  const target = isAssignment(node)
    ? node.left
    : node.kind === Kind.CallExpression
      ? (node as ts.CallExpression).expression
      : undefined;
  if (target?.kind === Kind.PropertyAccessExpression) {
    const { expression, name: member } = target as ts.PropertyAccessExpression;
    const isOfContext = expression.kind === Kind.Identifier && textOf(expression as ts.Identifier) === name;
    const answering = node.kind === Kind.CallExpression ? context.called : context.set;
    if (isOfContext && answering.has(textOf(member))) return true;
  }
  return forEachChild(node, (child) => answers(name, context, child) || undefined) === true;
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
