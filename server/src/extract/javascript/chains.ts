/**
 * Member access and calls. Both grow to the left (`a.b().c[d]()`), thousands long in generated code, so a chain is
 * unrolled onto a stack and lowered from its base outwards.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import {
  isIdentifier,
  isPropertyAccessExpression,
  isStringLiteralLike,
  isTemplateExpression,
  OPTIONAL_CHAIN,
} from '../../parse/javascript/syntax';
import { CallFlag, NONE, Op, type NodeId } from '../../model/graph';
import { lowerDefine } from './amd';
import { lowerBundle, lowerLoaded } from './bundles';
import { lowerExportHelper } from './exportHelpers';
import { lowerIterationHelper } from './iterationHelpers';
import type { Lowering, Naming } from './lowering';
import { lowerDynamicImport, moduleExports, requiredSpecifier } from './commonjs';
import { constantKey, textOf } from './names';
import { applySource, constructedExpression, handedText } from './regularExpressions';
import { lowerMachine, lowerMethod, lowerResult } from './stateMachines';

/** The element whose text is code. */
const SCRIPT = 'script';

/** PropertyAccess, ElementAccess, Call, TaggedTemplate, NonNull and Parenthesized expressions. */
export function lowerChain(cx: Lowering, outermost: ts.Expression): NodeId {
  const method = outermost.kind === Kind.CallExpression ? lowerMethod(cx, outermost as ts.CallExpression) : undefined;
  if (method !== undefined) return method;
  const { chain, fn } = cx;
  const bottom = chain.length;
  let node: ts.Expression = outermost;
  let kind = node.kind;
  while (isLink(kind, node)) {
    chain.push(node);
    node =
      kind === Kind.TaggedTemplateExpression
        ? (node as ts.TaggedTemplateExpression).tag
        : (node as ts.PropertyAccessExpression).expression;
    kind = node.kind;
  }
  const start = cx.start(node.pos);
  let receiver: NodeId = NONE;
  let value = NONE;
  // `module.exports` and `require("x")` are values of their own, found at the base of a chain.
  if (
    kind === Kind.Identifier &&
    chain.length > bottom &&
    isModuleName((node as ts.Identifier).escapedText as string)
  ) {
    const first = chain[chain.length - 1] as ts.Expression;
    const exports = moduleExports(cx, first);
    if (exports !== undefined) {
      value = cx.read(exports, start, first.end);
      chain.pop();
    } else {
      const required = requiredSpecifier(cx, first, chain.length - 2 >= bottom ? chain[chain.length - 2] : undefined);
      if (required !== undefined) {
        const { call, specifier } = required;
        while (chain[chain.length - 1] !== call) chain.pop();
        chain.pop();
        value = fn.emit0(Op.Import, cx.addImport(specifier, 'require', false, start, call.end), start, call.end);
        fn.pinned.push(value);
      }
    }
  } else if (kind === Kind.ImportKeyword && chain.length > bottom) {
    const call = chain.pop() as ts.CallExpression;
    value = lowerDynamicImport(cx, call, start);
  } else if (kind === Kind.SuperKeyword && chain.length > bottom) {
    value = lowerSuper(cx, node, start);
    const first = chain[chain.length - 1];
    if (first.kind === Kind.CallExpression) {
      chain.pop();
      value = lowerCall(cx, first as ts.CallExpression, value, cx.readThis(start, node.end), start, CallFlag.SuperCall);
    } else {
      chain.pop();
      value = lowerAccess(cx, first as ts.PropertyAccessExpression, value, start);
      receiver = cx.readThis(start, node.end);
    }
  }
  if (value === NONE) value = cx.expressionOf(kind, node);

  while (chain.length > bottom) {
    const link = chain.pop() as ts.Node;
    switch (link.kind) {
      case Kind.PropertyAccessExpression:
      case Kind.ElementAccessExpression: {
        const base = value;
        value = lowerAccess(cx, link as ts.PropertyAccessExpression, base, start);
        receiver = base;
        break;
      }
      case Kind.CallExpression:
        value = lowerCall(cx, link as ts.CallExpression, value, receiver, start, 0);
        receiver = NONE;
        break;
      case Kind.TaggedTemplateExpression:
        value = lowerTaggedTemplate(cx, link as ts.TaggedTemplateExpression, value, receiver, start);
        receiver = NONE;
        break;
      default:
        // Parentheses and `!` keep the receiver: `(a.b)()` is a method call.
        break;
    }
  }
  return value;
}

/** Names that a chain may be about the module system with. */
function isModuleName(name: string): boolean {
  return name === 'module' || name === 'require';
}

function isLink(kind: ts.SyntaxKind, node: ts.Node): boolean {
  switch (kind) {
    case Kind.PropertyAccessExpression:
    case Kind.ElementAccessExpression:
    case Kind.CallExpression:
    case Kind.TaggedTemplateExpression:
    case Kind.NonNullExpression:
      return true;
    case Kind.ParenthesizedExpression:
      return isExpressionLink((node as ts.ParenthesizedExpression).expression);
    default:
      return false;
  }
}

function isExpressionLink(node: ts.Expression): boolean {
  return isLink(node.kind, node);
}

function lowerSuper(cx: Lowering, node: ts.Node, start: number): NodeId {
  const { superClass } = cx.scope;
  if (superClass === NONE) return cx.fn.emit0(Op.Unknown, 0, start, node.end);
  return cx.fn.emit0(Op.Super, superClass, start, node.end);
}

export function lowerSuperValue(cx: Lowering, node: ts.SuperExpression): NodeId {
  return lowerSuper(cx, node, cx.start(node.pos));
}

function lowerAccess(
  cx: Lowering,
  link: ts.PropertyAccessExpression | ts.ElementAccessExpression,
  base: NodeId,
  start: number,
): NodeId {
  const { fn } = cx;
  if (link.kind === Kind.PropertyAccessExpression) {
    const handed = cx.stepping?.kind === 'regenerator' ? lowerResult(cx, link, start) : undefined;
    if (handed !== undefined) return handed;
    const name = textOf(link.name);
    if (name === '') return fn.emit1(Op.Load, cx.intern(''), base, start, link.end);
    if (name === 'constructor' && makesFunctions(cx, base))
      return fn.emit0(Op.Global, cx.intern('Function'), start, link.end);
    return fn.load(base, cx.intern(name), start, link.end);
  }
  const key = constantKey(link.argumentExpression);
  if (key !== undefined) return fn.load(base, cx.intern(key), start, link.end);
  return fn.loadElement(base, cx.expression(link.argumentExpression), start, link.end);
}

/** Whether the constructor of a value is `Function` or one of its kind: of a function, what it inherits from, or of a constructor of a literal. */
function makesFunctions(cx: Lowering, value: NodeId): boolean {
  const { fn } = cx;
  switch (fn.op[value] as Op) {
    case Op.Closure:
      return true;
    case Op.Load: {
      const of: Op = fn.op[fn.operand(value, 0)];
      const isLiteral = of === Op.ArrayLiteral || of === Op.ObjectLiteral || of === Op.StringConst || of === Op.Regex;
      return isLiteral && cx.stringOf(fn.aux[value]) === 'constructor';
    }
    case Op.Call: {
      const callee = fn.operand(value, 0);
      if (fn.operandCount(value) !== 3 || callee === NONE || fn.op[callee] !== Op.Load) return false;
      const given = fn.operand(value, 2);
      return cx.stringOf(fn.aux[callee]) === 'getPrototypeOf' && given !== NONE && fn.op[given] === Op.Closure;
    }
    default:
      return false;
  }
}

function lowerCall(
  cx: Lowering,
  node: ts.CallExpression,
  callee: NodeId,
  receiver: NodeId,
  start: number,
  flags: number,
): NodeId {
  const { fn } = cx;
  const machine = lowerMachine(cx, node, start) ?? resultOf(cx, node, start);
  if (machine !== undefined) return machine;
  const bundled =
    lowerLoaded(cx, node, callee, start) ??
    lowerBundle(cx, node, callee, start) ??
    lowerDefine(cx, node, start) ??
    lowerExportHelper(cx, node, start) ??
    lowerIterationHelper(cx, node, start);
  if (bundled !== undefined) return bundled;
  const reflected = receiver === NONE ? undefined : lowerReflected(cx, node, receiver, start);
  if (reflected !== undefined) return reflected;
  const base = fn.stack.length;
  fn.stack.push(callee);
  fn.stack.push(receiver);
  lowerArguments(cx, node.arguments, node.expression);
  const optional = (node.flags & OPTIONAL_CHAIN) !== 0 ? CallFlag.Optional : 0;
  const call = fn.emitFrom(base, Op.Call, flags | optional, start, node.end);
  return receiver === NONE ? constructedExpression(cx, call) : madeElement(cx, node, call);
}

/** `document.createElement('script')` is declared to be an instance of `script` of the global `@element`: what its text is, models say. */
function madeElement(cx: Lowering, { arguments: args, expression, end }: ts.CallExpression, call: NodeId): NodeId {
  if (args.length !== 1 || !isStringLiteralLike(args[0]) || args[0].text !== SCRIPT) return call;
  if (!isPropertyAccessExpression(expression) || textOf(expression.name) !== 'createElement') return call;
  const { fn } = cx;
  const start = fn.start[call];
  const type = fn.load(fn.emit0(Op.Global, cx.intern('@element'), start, end), cx.intern(SCRIPT), start, end);
  return fn.emit2(Op.Typed, 0, call, type, start, end);
}

/** `context.sent()`, as TypeScript's machines hand back what was waited for. */
function resultOf(cx: Lowering, node: ts.CallExpression, start: number): NodeId | undefined {
  return cx.stepping?.kind === 'typescript' && node.arguments.length === 0
    ? lowerResult(cx, node.expression, start)
    : undefined;
}

/** `Reflect.apply(f, self, list)` is `f.apply(self, list)`, and `Reflect.construct(C, list)` is `new C(...list)`. */
function lowerReflected(cx: Lowering, node: ts.CallExpression, receiver: NodeId, start: number): NodeId | undefined {
  const { fn } = cx;
  const { expression, arguments: args } = node;
  if (!isPropertyAccessExpression(expression) || !isIdentifier(expression.expression)) return undefined;
  if (textOf(expression.expression) !== 'Reflect' || fn.op[receiver] !== Op.Global) return undefined;
  const method = textOf(expression.name);
  const isApply = method === 'apply';
  if (!isApply && method !== 'construct') return undefined;
  if (args.length !== (isApply ? 3 : 2) || args.some(({ kind }) => kind === Kind.SpreadElement)) return undefined;
  const called = cx.expression(args[0]);
  const base = fn.stack.length;
  if (isApply) {
    fn.stack.push(fn.load(called, cx.intern('apply'), start, args[0].end));
    fn.stack.push(called);
    for (const other of args.slice(1)) fn.stack.push(cx.expression(other));
    return fn.emitFrom(base, Op.Call, 0, start, node.end);
  }
  fn.stack.push(called);
  fn.stack.push(NONE);
  const written = writtenElements(args[1]);
  if (written === undefined) {
    const list = cx.expression(args[1]);
    fn.stack.push(fn.emit1(Op.Spread, 0, list, cx.start(args[1].pos), args[1].end));
  } else for (const element of written) fn.stack.push(cx.expression(element));
  return fn.emitFrom(base, Op.New, 0, start, node.end);
}

export function lowerNew(cx: Lowering, node: ts.NewExpression): NodeId {
  const { fn } = cx;
  const start = cx.start(node.pos);
  const callee = cx.expression(node.expression);
  const base = fn.stack.length;
  fn.stack.push(callee);
  fn.stack.push(NONE);
  if (node.arguments !== undefined) lowerArguments(cx, node.arguments, node.expression);
  return constructedExpression(cx, fn.emitFrom(base, Op.New, 0, start, node.end));
}

/** Pushes the arguments onto the operand stack. */
function lowerArguments(cx: Lowering, args: readonly ts.Expression[], callee: ts.Expression): void {
  const { fn } = cx;
  for (let i = 0; i < args.length; i++) {
    const argument = args[i];
    const { kind } = argument;
    switch (kind) {
      case Kind.ArrowFunction:
      case Kind.FunctionExpression:
      case Kind.ObjectLiteralExpression:
      case Kind.ClassExpression:
        fn.stack.push(cx.named(argument, new ArgumentNaming(argument, callee, args[0], cx.start(argument.pos))));
        break;
      case Kind.SpreadElement: {
        // `f(...[a, b])` is `f(a, b)`.
        const written = writtenElements((argument as ts.SpreadElement).expression);
        if (written === undefined) fn.stack.push(cx.expressionOf(kind, argument));
        else for (const element of written) fn.stack.push(cx.expression(element));
        break;
      }
      case Kind.StringLiteral:
      case Kind.NoSubstitutionTemplateLiteral:
        fn.stack.push(handedText(cx, cx.expressionOf(kind, argument), callee));
        break;
      default:
        fn.stack.push(cx.expressionOf(kind, argument));
    }
    if (i === 0 && args.length > 1) applySource(cx, callee, argument, fn.stack.items[fn.stack.length - 1]);
  }
}

/** Elements of a list that is written where it is spread, when it has no other spread in it and no gaps. */
function writtenElements(list: ts.Expression): readonly ts.Expression[] | undefined {
  if (list.kind !== Kind.ArrayLiteralExpression) return undefined;
  const { elements } = list as ts.ArrayLiteralExpression;
  const isPlain = elements.every(({ kind }) => kind !== Kind.SpreadElement && kind !== Kind.OmittedExpression);
  return isPlain ? elements : undefined;
}

/** Keys of callbacks name what they are given to, so that a sibling that comes or goes does not rename them. */
class ArgumentNaming implements Naming {
  readonly name = '';
  readonly end: number;

  constructor(
    private readonly argument: ts.Expression,
    private readonly callee: ts.Expression,
    private readonly first: ts.Expression,
    readonly start: number,
  ) {
    this.end = start;
  }

  /** Objects of options take names as well, and mostly have nobody to give them to. */
  get key(): string {
    const { first } = this;
    const isLabelled = first !== this.argument && isStringLiteralLike(first) && first.text.length <= 40;
    return `in ${calleeText(this.callee)}(${isLabelled ? quoted(first.text) : ''})`;
  }
}

function quoted(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 32 || unit > 126 || unit === 34 || unit === 92) return JSON.stringify(text);
  }
  return `"${text}"`;
}

/** The last names of a callee: `app.get`, `then`; empty for a function that is called where it stands. */
function calleeText(callee: ts.Expression): string {
  if (isIdentifier(callee)) return textOf(callee);
  if (callee.kind === Kind.ThisKeyword) return 'this';
  if (!isPropertyAccessExpression(callee)) return '';
  const name = textOf(callee.name);
  if (isIdentifier(callee.expression)) return `${textOf(callee.expression)}.${name}`;
  if (callee.expression.kind === Kind.ThisKeyword) return `this.${name}`;
  return `.${name}`;
}

function lowerTaggedTemplate(
  cx: Lowering,
  node: ts.TaggedTemplateExpression,
  tag: NodeId,
  receiver: NodeId,
  start: number,
): NodeId {
  const { fn } = cx;
  const { template } = node;
  const templateStart = cx.start(template.pos);
  const spans = isTemplateExpression(template) ? template.templateSpans : [];
  if (isRawTag(cx, tag, receiver)) return lowerRawText(cx, template, spans, start, node.end);
  const base = fn.stack.length;
  fn.stack.push(tag);
  fn.stack.push(receiver);
  let parts = fn.emit0(Op.ArrayLiteral, spans.length + 1, templateStart, template.end);
  const head = isTemplateExpression(template) ? template.head : template;
  const storePart = (index: number, literal: ts.TemplateLiteralLikeNode): void => {
    const text = fn.string(literal.text, cx.start(literal.pos), literal.end);
    parts = fn.emit2(Op.Store, cx.intern(String(index)), parts, text, fn.start[text], literal.end);
  };
  storePart(0, head);
  for (const [i, span] of spans.entries()) storePart(i + 1, span.literal);
  fn.stack.push(parts);
  for (const span of spans) fn.stack.push(cx.expression(span.expression));
  return fn.emitFrom(base, Op.Call, CallFlag.TaggedTemplate, start, node.end);
}

/** `String.raw` */
function isRawTag(cx: Lowering, tag: NodeId, receiver: NodeId): boolean {
  const { fn } = cx;
  if (receiver === NONE || fn.op[receiver] !== Op.Global || fn.op[tag] !== Op.Load) return false;
  return cx.stringOf(fn.aux[receiver]) === 'String' && cx.stringOf(fn.aux[tag]) === 'raw';
}

/** Its text, as it is written: what is put into it is joined to it like in any template. */
function lowerRawText(
  cx: Lowering,
  template: ts.TemplateLiteral,
  spans: readonly ts.TemplateSpan[],
  start: number,
  end: number,
): NodeId {
  const { fn } = cx;
  const base = fn.stack.length;
  const push = (literal: ts.TemplateLiteralLikeNode, isLast: boolean): void => {
    const from = cx.start(literal.pos);
    const text = cx.text.slice(from + 1, literal.end - (isLast ? 1 : 2));
    if (text !== '' || spans.length === 0) fn.stack.push(fn.string(text, from, literal.end));
  };
  push(isTemplateExpression(template) ? template.head : template, spans.length === 0);
  for (const [i, span] of spans.entries()) {
    fn.stack.push(cx.expression(span.expression));
    push(span.literal, i === spans.length - 1);
  }
  if (spans.length > 0) return fn.emitFrom(base, Op.Concat, 0, start, end);
  const text = fn.stack.items[base];
  fn.stack.length = base;
  return text;
}

export function lowerSpread(cx: Lowering, node: ts.SpreadElement): NodeId {
  const value = cx.expression(node.expression);
  return cx.fn.emit1(Op.Spread, 0, value, cx.start(node.pos), node.end);
}
