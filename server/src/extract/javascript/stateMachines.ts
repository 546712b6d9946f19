/**
 * Async functions as compilers write them for engines that have none: `__awaiter` around a generator, and a switch that is stepped through (`__generator`,
 * or regenerator's `wrap`). What runs them lives on computed positions and on methods of the machine, so that hardly anything would follow from its code.
 * They are lowered as what they were written as: the body is called where it stands, `yield` waits, what is returned to the machine is what is waited for,
 * and what the machine hands back is its result.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { isBlock, isIdentifier, isPropertyAccessExpression } from '../../parse/javascript/syntax';
import { NONE, Op, type NodeId } from '../../model/graph';
import type { Lowering, Stepping } from './lowering';
import { textOf } from './names';

/** First elements of what a machine of TypeScript is told: `return [4, value]` waits. */
const RETURNS = '2';
const WAITS: ReadonlySet<string> = new Set(['4', '5']);
/** What regenerator's context has: its results, and its ways to return. Newer versions have short names. */
const RESULTS: ReadonlySet<string> = new Set(['sent', 'v']);
const ABRUPT: ReadonlySet<string> = new Set(['abrupt', 'a']);
const OTHER_STEPS: ReadonlySet<string> = new Set(['stop', 'finish', 'f', 'catch']);

/** Who makes an async function of a generator, as compilers call it, and as people do; `co(function* () {})` runs it as well. */
const COMPILED = /^_*asyncToGenerator\d*$/;
const RUNNERS = /^_*asyncToGenerator\d*$|^(?:co|wrap|coroutine)$/;
const RUN = 'co';

/** The value of a call that runs such a body, or that makes an async function of one; undefined for other calls. */
export function lowerMachine(cx: Lowering, node: ts.CallExpression, start: number): NodeId | undefined {
  const args = node.arguments;
  switch (args.length) {
    case 1:
      return lowerWrapper(cx, node, start) ?? lowerSteps(cx, node, args[0], undefined, start);
    case 2:
      if (args[1].kind === Kind.FunctionExpression && calledName(node.expression) === '__generator')
        return called(cx, node, args[1] as ts.FunctionExpression, args[0], 'typescript', start);
      return lowerSteps(cx, node, args[0], undefined, start);
    case 3:
      return lowerSteps(cx, node, args[0], args[2], start);
    case 4:
      if (args[3].kind === Kind.FunctionExpression && calledName(node.expression) === '__awaiter') {
        const body = args[3] as ts.FunctionExpression;
        return called(cx, node, body, args[0], body.asteriskToken === undefined ? 'body' : 'generator', start);
      }
      return lowerSteps(cx, node, args[0], args[2], start);
    default:
      return undefined;
  }
}

/**
 * `function () { var _run = _asyncToGenerator(…); return function run() { return _run.apply(this, arguments); }; }()`, as compilers write an async method: it is
 * the method itself. Undefined for other calls.
 */
export function lowerMethod(cx: Lowering, node: ts.CallExpression): NodeId | undefined {
  if (node.arguments.length > 0) return undefined;
  let callee: ts.Expression = node.expression;
  if (callee.kind === Kind.ParenthesizedExpression) callee = (callee as ts.ParenthesizedExpression).expression;
  if (callee.kind !== Kind.FunctionExpression) return undefined;
  const { statements } = (callee as ts.FunctionExpression).body;
  const first = statements.at(0);
  const last = statements.at(-1);
  if (statements.length > 3 || first?.kind !== Kind.VariableStatement || last?.kind !== Kind.ReturnStatement)
    return undefined;
  if (statements.length === 3 && statements[1].kind !== Kind.FunctionDeclaration) return undefined;
  const { declarations } = (first as ts.VariableStatement).declarationList;
  const made = declarations[0]?.initializer;
  if (declarations.length !== 1 || made?.kind !== Kind.CallExpression) return undefined;
  const { expression } = last as ts.ReturnStatement;
  if (expression?.kind !== Kind.FunctionExpression && expression?.kind !== Kind.Identifier) return undefined;
  return (made as ts.CallExpression).arguments.length === 1
    ? lowerWrapper(cx, made as ts.CallExpression, cx.start(made.pos))
    : undefined;
}

/** `_asyncToGenerator(function* () {})`, the same around a marked machine, and what people wrote before there were async functions: `co.wrap(function* () {})`. */
function lowerWrapper(cx: Lowering, node: ts.CallExpression, start: number): NodeId | undefined {
  const [argument] = node.arguments;
  if (argument.kind !== Kind.FunctionExpression && argument.kind !== Kind.CallExpression) return undefined;
  const runner = calledName(node.expression);
  if (argument.kind === Kind.FunctionExpression) {
    if ((argument as ts.FunctionExpression).asteriskToken === undefined || !RUNNERS.test(runner)) return undefined;
    if (runner === RUN) return called(cx, node, argument as ts.FunctionExpression, undefined, 'generator', start);
    cx.steppingNext = new Step('generator', '');
    return cx.expression(argument);
  }
  if (!COMPILED.test(runner)) return undefined;
  const marked = argument as ts.CallExpression;
  const name = calledName(marked.expression);
  const inner = marked.arguments.at(0);
  if ((name !== 'mark' && name !== 'm') || inner?.kind !== Kind.FunctionExpression) return undefined;
  cx.steppingNext = new Step('body', '');
  return cx.expression(inner);
}

/** `regeneratorRuntime.wrap(function (context) { while (1) switch (context.prev = context.next) { … } }, outer, this)`, in the body of an async function. */
function lowerSteps(
  cx: Lowering,
  node: ts.CallExpression,
  steps: ts.Expression,
  receiver: ts.Expression | undefined,
  start: number,
): NodeId | undefined {
  if (steps.kind !== Kind.FunctionExpression || cx.stepping?.kind !== 'body') return undefined;
  const name = calledName(node.expression);
  if ((name !== 'wrap' && name !== 'w') || !isStepped(steps as ts.FunctionExpression)) return undefined;
  return called(cx, node, steps as ts.FunctionExpression, receiver, 'regenerator', start);
}

function isStepped({ body, parameters }: ts.FunctionExpression): boolean {
  if (parameters.length !== 1 || body.statements.length === 0) return false;
  const [loop] = body.statements;
  if (loop.kind !== Kind.WhileStatement && loop.kind !== Kind.ForStatement) return false;
  const { statement } = loop as ts.WhileStatement;
  const inner = isBlock(statement) ? statement.statements.at(0) : statement;
  return inner?.kind === Kind.SwitchStatement;
}

/** The body, called with the receiver that its runner is told: `body.call(this)`. */
function called(
  cx: Lowering,
  node: ts.CallExpression,
  body: ts.FunctionExpression,
  receiver: ts.Expression | undefined,
  kind: Stepping['kind'],
  start: number,
): NodeId {
  const { fn } = cx;
  const own = receiver?.kind === Kind.ThisKeyword ? cx.expression(receiver) : NONE;
  const context = body.parameters.at(0)?.name;
  cx.steppingNext = new Step(kind, context !== undefined && isIdentifier(context) ? textOf(context) : '');
  const closure = cx.named(body, { name: '', key: 'steps', start: cx.start(body.pos), end: cx.start(body.pos) });
  if (own === NONE) return fn.emit2(Op.Call, 0, closure, NONE, start, node.end);
  return fn.emit3(Op.Call, 0, fn.load(closure, cx.intern('call'), start, node.end), closure, own, start, node.end);
}

class Step implements Stepping {
  waitedFor = NONE;

  constructor(
    readonly kind: Stepping['kind'],
    readonly context: string,
  ) {}
}

/** A `return` in the steps of a machine. False when it is one like others. */
export function lowerStep(cx: Lowering, { expression, pos, end }: ts.ReturnStatement): boolean {
  const { stepping, fn } = cx;
  if (expression === undefined || stepping === undefined) return false;
  if (stepping.kind !== 'typescript' && stepping.kind !== 'regenerator') return false;
  const start = cx.start(pos);
  const told = stepping.kind === 'typescript' ? toldByTypeScript(expression) : toldByRegenerator(expression, stepping);
  if (told === undefined) return false;
  const value = told.value === undefined ? NONE : cx.expression(told.value);
  if (told.how === 'waits') {
    // The code that goes on with the result stands next.
    stepping.waitedFor = fn.emit1(Op.Await, 0, value, start, end);
    return true;
  }
  stepping.waitedFor = NONE;
  if (told.how === 'returns' && (value !== NONE || fn.parameters.length > 0)) fn.emitReturn(value, start, end);
  fn.reachable = false;
  return true;
}

interface Told {
  readonly how: 'waits' | 'returns' | 'jumps';
  readonly value?: ts.Expression | undefined;
}

function toldByTypeScript(expression: ts.Expression): Told | undefined {
  if (expression.kind !== Kind.ArrayLiteralExpression) return undefined;
  const { elements } = expression as ts.ArrayLiteralExpression;
  const first = elements.at(0);
  if (first?.kind !== Kind.NumericLiteral) return undefined;
  const { text } = first as ts.NumericLiteral;
  if (WAITS.has(text)) return elements.length > 1 ? { how: 'waits', value: elements[1] } : undefined;
  return text === RETURNS ? { how: 'returns', value: elements.at(1) } : { how: 'jumps' };
}

function toldByRegenerator(expression: ts.Expression, stepping: Stepping): Told {
  if (expression.kind !== Kind.CallExpression) return { how: 'waits', value: expression };
  const call = expression as ts.CallExpression;
  const step = ofContext(call.expression, stepping);
  if (step === undefined) return { how: 'waits', value: expression };
  if (OTHER_STEPS.has(step)) return { how: 'jumps' };
  if (!ABRUPT.has(step)) return { how: 'waits', value: call.arguments.at(0) };
  const kind = call.arguments.at(0);
  const isReturn =
    kind?.kind === Kind.StringLiteral
      ? (kind as ts.StringLiteral).text === 'return'
      : kind?.kind === Kind.NumericLiteral && (kind as ts.NumericLiteral).text === RETURNS;
  return isReturn ? { how: 'returns', value: call.arguments.at(1) } : { how: 'jumps' };
}

/** What a machine hands back, `context.sent`, where `expression` is that; undefined for other expressions. */
export function lowerResult(cx: Lowering, expression: ts.Expression, start: number): NodeId | undefined {
  const { stepping } = cx;
  if (stepping === undefined || stepping.context === '') return undefined;
  const name = ofContext(expression, stepping);
  if (name === undefined) return undefined;
  if (stepping.kind === 'regenerator' ? !RESULTS.has(name) : name !== 'sent') return undefined;
  return stepping.waitedFor === NONE ? cx.fn.emit0(Op.Unknown, 0, start, expression.end) : stepping.waitedFor;
}

function ofContext(expression: ts.Expression, { context }: Stepping): string | undefined {
  if (!isPropertyAccessExpression(expression) || !isIdentifier(expression.expression)) return undefined;
  return textOf(expression.expression) === context ? textOf(expression.name) : undefined;
}

/** The last name of what is called, through what compilers put around imported names: `(0, _helper.default)`. */
function calledName(callee: ts.Expression): string {
  let at = callee;
  for (;;) {
    if (isIdentifier(at)) return textOf(at);
    if (at.kind === Kind.ParenthesizedExpression) at = (at as ts.ParenthesizedExpression).expression;
    else if (at.kind === Kind.BinaryExpression) {
      const { operatorToken, right } = at as ts.BinaryExpression;
      if (operatorToken.kind !== Kind.CommaToken) return '';
      at = right;
    } else if (isPropertyAccessExpression(at)) {
      const name = textOf(at.name);
      if (name !== 'default') return name;
      at = at.expression;
    } else return '';
  }
}
