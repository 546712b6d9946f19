/**
 * What a test says about variables. From the syntax of a condition and the node it was lowered to come the facts
 * that hold where it is true and where it is false: comparisons with constants, `typeof`, `in`, `instanceof`,
 * relations, and calls that got the variable as argument or receiver. Plain truthiness says nothing worth keeping,
 * save that of a method which every text has.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import {
  isAwaitExpression,
  isBinaryExpression,
  isCallExpression,
  isNumericLiteral,
  isPropertyAccessExpression,
  isStringLiteralLike,
} from '../../parse/javascript/syntax';
import {
  CONSTRUCTOR,
  EQUAL,
  FIRST,
  NONE,
  Op,
  POSITION_METHODS,
  RECEIVER,
  TESTED_ELEMENT,
  Test,
  TEXT,
  type NodeId,
  type StringId,
} from '../../model/graph';
import { checkedList } from './listChecks';
import type { Lowering, Variable } from './lowering';
import { madeBy } from './madeOf';
import { constantKey, textOf, THIS, withoutWrappers } from './names';
import { WRITTEN } from './scopes';

/** One thing a test says about one variable. */
export interface TestedVariable {
  readonly variable: Variable;
  readonly path: readonly StringId[];
  readonly test: Test;
  readonly testNode: NodeId;
  readonly argument: number;
  readonly constant: StringId;
  /** The guard's polarity where the condition is true; the opposite holds where it is false. */
  readonly polarity: boolean;
  /** False where only one side says something. */
  readonly onTrue: boolean;
  readonly onFalse: boolean;
}

const NO_PATH: readonly StringId[] = [];
const OBJECT = 'object';
const FUNCTION = 'function';
const MAX_PATH = 5;
/** So many arguments of a call are looked at for what a test of its result says of them. */
const MAX_MADE_OF = 3;
const BOTH = 0;
const EQUAL_SIDE_ONLY = 1;

/** Methods that texts have in every engine, and other values hardly ever. */
const methodsOfTexts: ReadonlySet<string> = new Set([
  'trim',
  'trimStart',
  'trimEnd',
  'trimLeft',
  'trimRight',
  'startsWith',
  'endsWith',
  'padStart',
  'padEnd',
  'replaceAll',
  'matchAll',
]);

/** Appends what the condition `node`, lowered to `value`, says. `deferred`: it was evaluated earlier. */
export function collectTests(
  cx: Lowering,
  condition: ts.Expression,
  value: NodeId,
  deferred: boolean,
  out: TestedVariable[],
): void {
  const node = withoutWrappers(condition);
  new TestCollector(cx, deferred, out).collect(node, value, true);
}

/** Puts the tested variables under guards, for the side where the condition was `outcome`; `asserting` is the call that makes sure of it. */
export function applyTests(
  cx: Lowering,
  tests: readonly TestedVariable[],
  outcome: boolean,
  asserting: NodeId = NONE,
): void {
  const { fn } = cx;
  for (const tested of tests) {
    if (outcome ? !tested.onTrue : !tested.onFalse) continue;
    const slot = cx.slotOf(tested.variable);
    const position = fn.start[tested.testNode];
    const value = fn.read(slot, position, position);
    const polarity = outcome === tested.polarity;
    fn.refine(
      slot,
      fn.guard(value, tested.testNode, tested.test, polarity, tested.path, tested.argument, tested.constant, asserting),
    );
    if (tested.path.length > 0) continue;
    for (const derived of tested.variable.derived ?? []) {
      const now = fn.peek(cx.slotOf(derived.variable));
      if (now === NONE || fn.unguarded(now) !== derived.value) continue;
      fn.refine(
        cx.slotOf(derived.variable),
        fn.guard(now, tested.testNode, tested.test, polarity, [], tested.argument, tested.constant, asserting),
      );
    }
  }
}

/**
 * What follows from a call that came back and whose result nobody wants: it may throw unless its arguments are as they should be
 * (`assertSlug(x)`), or unless the condition it is given holds (`assert(isSlug(x))`).
 */
export function applyReturned(cx: Lowering, statement: ts.Expression, value: NodeId): void {
  let node = withoutWrappers(statement);
  const isAwaited = isAwaitExpression(node);
  if (isAwaitExpression(node)) node = withoutWrappers(node.expression);
  if (!isCallExpression(node) || node.arguments.length === 0) return;
  const { fn } = cx;
  let call = value;
  while (fn.op[call] === Op.Await || fn.op[call] === Op.Typed) call = fn.operand(call, 0);
  if (fn.op[call] !== Op.Call) return;
  const list = checkedList(cx, node);
  if (list !== undefined) {
    const slot = cx.slotOf(list);
    fn.refine(
      slot,
      fn.guard(cx.read(list, fn.start[call], fn.end[call]), call, Test.Returned, isAwaited, [], RECEIVER, NONE),
    );
    return;
  }
  if (!mayCheck(cx, node)) return;
  const found: TestedVariable[] = [];
  const [first] = node.arguments;
  const condition = withoutWrappers(first);
  if (fn.operandCount(call) > 2 && isCondition(condition)) {
    collectTests(cx, condition, fn.operand(call, 2), true, found);
    applyTests(cx, found, true, call);
    found.length = 0;
  }
  new TestCollector(cx, true, found).returned(node, call, isAwaited);
  applyTests(cx, found, true);
}

function isCondition(node: ts.Expression): boolean {
  return (
    node.kind === Kind.BinaryExpression || node.kind === Kind.CallExpression || node.kind === Kind.PrefixUnaryExpression
  );
}

/** Functions by name, methods of this and of what the module holds. What local values do with their arguments is no check. */
function mayCheck(cx: Lowering, call: ts.CallExpression): boolean {
  let callee = withoutWrappers(call.expression);
  if (callee.kind === Kind.Identifier) return true;
  while (isPropertyAccessExpression(callee)) callee = withoutWrappers(callee.expression);
  if (callee.kind === Kind.ThisKeyword) return true;
  if (callee.kind !== Kind.Identifier) return false;
  const variable = cx.lookupAt(callee as ts.Identifier);
  return variable !== undefined && (variable.importIndex !== NONE || variable.owner === 0);
}

/** The constant an expression is, as its text; undefined when it is none. */
export function constantText(expression: ts.Expression): string | undefined {
  const node = withoutWrappers(expression);
  switch (node.kind) {
    case Kind.StringLiteral:
    case Kind.NoSubstitutionTemplateLiteral:
    case Kind.NumericLiteral:
    case Kind.BigIntLiteral:
      return (node as ts.LiteralExpression).text;
    case Kind.NullKeyword:
      return 'null';
    case Kind.TrueKeyword:
      return 'true';
    case Kind.FalseKeyword:
      return 'false';
    case Kind.VoidExpression:
      return 'undefined';
    case Kind.Identifier:
      return (node as ts.Identifier).escapedText === 'undefined' ? 'undefined' : undefined;
    case Kind.PrefixUnaryExpression: {
      const { operator, operand } = node as ts.PrefixUnaryExpression;
      if (operator !== Kind.MinusToken || !isNumericLiteral(operand)) return undefined;
      return `-${operand.text}`;
    }
    default:
      return undefined;
  }
}

class TestCollector {
  private path: readonly StringId[] = NO_PATH;

  constructor(
    private readonly cx: Lowering,
    private readonly deferred: boolean,
    private readonly out: TestedVariable[],
  ) {}

  collect(node: ts.Expression, value: NodeId, sense: boolean): void {
    const { fn } = this.cx;
    switch (node.kind) {
      case Kind.BinaryExpression:
        this.binary(node as ts.BinaryExpression, value, sense);
        break;
      case Kind.CallExpression:
        this.call(node as ts.CallExpression, value, sense, true, true);
        break;
      case Kind.ElementAccessExpression:
        this.table(node as ts.ElementAccessExpression, value, sense);
        break;
      case Kind.AwaitExpression: {
        const inner = withoutWrappers((node as ts.AwaitExpression).expression);
        if (isCallExpression(inner)) this.call(inner, value, sense, true, true);
        break;
      }
      case Kind.PrefixUnaryExpression: {
        const { operator, operand } = node as ts.PrefixUnaryExpression;
        const inner = withoutWrappers(operand);
        if (fn.op[value] !== Op.Unary) break;
        if (operator === Kind.ExclamationToken) this.collect(inner, fn.operand(value, 0), !sense);
        // `~list.indexOf(x)` is 0 only where nothing was found.
        else if (operator === Kind.TildeToken && isCallExpression(inner) && isPositionCall(inner)) {
          this.call(inner, fn.operand(value, 0), sense, true, true);
        }
        break;
      }
      case Kind.PropertyAccessExpression:
        this.behind(node, value, value, NONE, sense, true, true);
        this.method(node as ts.PropertyAccessExpression, value, sense);
        break;
      case Kind.Identifier: {
        const facts = this.cx.lookupAt(node as ts.Identifier)?.tests;
        if (facts?.isProperty === true) this.behind(node, value, value, NONE, sense, true, true);
        else if (facts !== undefined && !this.deferred && this.belongsHere(node as ts.Identifier)) {
          const inner = new TestCollector(this.cx, true, this.out);
          inner.collect(facts.node, facts.value, sense);
        }
        break;
      }
      default:
        break;
    }
  }

  /** `text.trim ? text.trim() : …`: what lacks a method that every text has is none. */
  private method({ expression, name }: ts.PropertyAccessExpression, value: NodeId, sense: boolean): void {
    const { cx, out } = this;
    if (!methodsOfTexts.has(textOf(name)) || cx.fn.op[value] !== Op.Load) return;
    const from = out.length;
    const owner = withoutWrappers(expression);
    this.add(owner, cx.fn.operand(value, 0), Test.Typeof, value, 0, cx.intern(TEXT), sense, BOTH);
    for (let i = from; i < out.length; i++) out[i] = { ...out[i], onTrue: !sense, onFalse: sense };
  }

  /** The comparison of a `switch` with one of its labels. */
  compare(tested: ts.Expression, label: ts.Expression, value: NodeId): void {
    const { fn } = this.cx;
    if (fn.op[value] === Op.Binary) {
      this.equality(tested, fn.operand(value, 0), label, fn.operand(value, 1), value, true);
    }
  }

  private belongsHere(name: ts.Identifier): boolean {
    return this.cx.lookupAt(name)?.owner === this.cx.fn.index;
  }

  private binary(node: ts.BinaryExpression, value: NodeId, sense: boolean): void {
    const operator = node.operatorToken.kind;
    const left = withoutWrappers(node.left);
    const right = withoutWrappers(node.right);
    switch (operator) {
      case Kind.EqualsToken:
        // `if ((m = pattern.exec(x)))` tests the assigned value.
        this.collect(right, value, sense);
        return;
      case Kind.AmpersandAmpersandToken: {
        // Of a remembered `a && b` only the last part's node is known; it held where the whole did.
        if (!this.deferred || !sense) return;
        const from = this.out.length;
        this.collect(right, value, sense);
        for (let i = from; i < this.out.length; i++) this.out[i] = { ...this.out[i], onFalse: false };
        return;
      }
      default:
        break;
    }
    const { fn } = this.cx;
    if (fn.op[value] !== Op.Binary) return;
    const leftNode = fn.operand(value, 0);
    const rightNode = fn.operand(value, 1);
    switch (operator) {
      case Kind.EqualsEqualsToken:
      case Kind.EqualsEqualsEqualsToken:
        this.equality(left, leftNode, right, rightNode, value, sense);
        break;
      case Kind.ExclamationEqualsToken:
      case Kind.ExclamationEqualsEqualsToken:
        this.equality(left, leftNode, right, rightNode, value, !sense);
        break;
      case Kind.LessThanToken:
      case Kind.LessThanEqualsToken:
      case Kind.GreaterThanToken:
      case Kind.GreaterThanEqualsToken:
        if (this.position(left, leftNode, operator, right, sense)) return;
        this.add(left, leftNode, Test.Compare, value, 0, NONE, sense, BOTH);
        this.add(right, rightNode, Test.Compare, value, 0, NONE, sense, BOTH);
        break;
      case Kind.InKeyword:
        this.add(left, leftNode, Test.In, value, 0, NONE, sense, BOTH);
        break;
      case Kind.InstanceOfKeyword:
        this.add(left, leftNode, Test.Instanceof, value, 0, this.globalName(rightNode), sense, BOTH);
        break;
      default:
        break;
    }
  }

  /** The name of a global, such as a class of the language. */
  private globalName(node: NodeId): StringId {
    const { fn } = this.cx;
    return fn.op[node] === Op.Global ? fn.aux[node] : NONE;
  }

  private equality(
    left: ts.Expression,
    leftNode: NodeId,
    right: ts.Expression,
    rightNode: NodeId,
    value: NodeId,
    sense: boolean,
  ): void {
    const rightConstant = constantText(right);
    if (rightConstant !== undefined) {
      this.equalsConstant(left, leftNode, right, rightConstant, value, sense);
      return;
    }
    const leftConstant = constantText(left);
    if (leftConstant !== undefined) {
      this.equalsConstant(right, rightNode, left, leftConstant, value, sense);
      return;
    }
    this.add(left, leftNode, Test.EqualsValue, value, 0, NONE, sense, BOTH);
    this.add(right, rightNode, Test.EqualsValue, value, 0, NONE, sense, BOTH);
    // Where a path leads is a folder: that of the path itself.
    if (left.kind === Kind.Identifier) this.behind(left, leftNode, value, NONE, sense, sense, !sense);
    if (right.kind === Kind.Identifier) this.behind(right, rightNode, value, NONE, sense, sense, !sense);
    const leftCall = callOf(left);
    if (leftCall !== undefined) this.found(leftCall, leftNode, sense, EQUAL, value);
    const rightCall = callOf(right);
    if (rightCall !== undefined) this.found(rightCall, rightNode, sense, EQUAL, value);
  }

  /** A call whose result is 0, or equal to something: that it isn't says nothing. `test` is what tells what it was compared with. */
  private found(call: ts.CallExpression, value: NodeId, sense: boolean, constant: string, test = NONE): void {
    const from = this.out.length;
    this.call(call, value, sense, sense, !sense);
    for (let i = from; i < this.out.length; i++) {
      const found = this.out[i];
      this.out[i] = {
        ...found,
        constant: this.cx.intern(constant),
        testNode: test === NONE ? found.testNode : test,
      };
    }
  }

  /** The arguments of a call that did not throw. */
  returned(node: ts.CallExpression, call: NodeId, isAwaited: boolean): void {
    const from = this.out.length;
    this.call(node, call, isAwaited, true, false);
    for (let i = from; i < this.out.length; i++)
      if (this.out[i].test === Test.Call) this.out[i] = { ...this.out[i], test: Test.Returned };
  }

  private equalsConstant(
    tested: ts.Expression,
    testedNode: NodeId,
    constantNode: ts.Expression,
    constant: string,
    value: NodeId,
    sense: boolean,
  ): void {
    const { cx } = this;
    if (tested.kind === Kind.TypeOfExpression && cx.fn.op[testedNode] === Op.Unary) {
      const inner = withoutWrappers((tested as ts.TypeOfExpression).expression);
      this.add(inner, cx.fn.operand(testedNode, 0), Test.Typeof, value, 0, cx.intern(constant), sense, BOTH);
      return;
    }
    const call = callOf(tested);
    if (call !== undefined) {
      const isString = constantNode.kind === Kind.StringLiteral;
      if (isString && !isPositionCall(call)) this.behind(tested, testedNode, value, NONE, sense, sense, !sense);
      if (constant === '-1' && isPositionCall(call)) this.call(call, testedNode, !sense, true, true);
      else if (constant === '0' && isPositionCall(call)) this.found(call, testedNode, sense, FIRST);
      else if (constant === 'null' || constant === 'undefined') this.call(call, testedNode, !sense, true, true);
      else if (!isString && constant === 'true') this.call(call, testedNode, sense, true, true);
      else if (!isString && constant === 'false') this.call(call, testedNode, !sense, true, true);
      return;
    }
    const isNothing = constant === 'null' || constant === 'undefined';
    const isText = isStringLiteralLike(constantNode);
    // A property of what a call gave, as a condition: `if (result.error !== undefined)`, `if (result.success === false)`.
    if (isNothing || (!isText && constant === 'false'))
      this.behind(tested, testedNode, testedNode, NONE, !sense, true, true);
    else if (!isText && constant === 'true') this.behind(tested, testedNode, testedNode, NONE, sense, true, true);
    else this.behind(tested, testedNode, value, NONE, sense, sense, !sense);
    // What a call gave, kept under a name: `const found = x.match(p); if (found === null)`.
    if (isNothing && tested.kind === Kind.Identifier && !this.deferred) {
      const facts = cx.lookupAt(tested as ts.Identifier)?.tests;
      if (facts?.isProperty === false && callOf(facts.node) !== undefined && this.belongsHere(tested as ts.Identifier))
        new TestCollector(cx, true, this.out).collect(facts.node, facts.value, !sense);
    }
    // That something is not null, or not 5, makes nothing safe; that a key is not "__proto__" may.
    const sides = isText ? BOTH : EQUAL_SIDE_ONLY;
    this.add(tested, testedNode, Test.Equals, value, 0, cx.intern(constant), sense, sides);
  }

  /** `table[key]` as a condition, where the table is a constant around the function: as good as `key in table`. */
  private table(node: ts.ElementAccessExpression, value: NodeId, sense: boolean): void {
    const { cx } = this;
    const table = withoutWrappers(node.expression);
    const key = withoutWrappers(node.argumentExpression);
    if (table.kind !== Kind.Identifier || key.kind !== Kind.Identifier || cx.fn.op[value] !== Op.LoadElement) return;
    const variable = cx.lookupAt(table as ts.Identifier);
    if (variable === undefined || variable.owner === cx.fn.index || (variable.flags & WRITTEN) !== 0) return;
    this.add(key, cx.fn.operand(value, 1), Test.In, value, 0, NONE, sense, BOTH);
  }

  /** `list.indexOf(x) >= 0` and its like. True when it was one. */
  private position(
    left: ts.Expression,
    leftNode: NodeId,
    operator: ts.SyntaxKind,
    right: ts.Expression,
    sense: boolean,
  ): boolean {
    const call = callOf(left);
    if (call === undefined || !isPositionCall(call)) return false;
    const limit = constantText(right);
    if (
      (operator === Kind.GreaterThanEqualsToken && limit === '0') ||
      (operator === Kind.GreaterThanToken && limit === '-1')
    ) {
      this.call(call, leftNode, sense, true, true);
    } else if (
      (operator === Kind.LessThanToken && limit === '0') ||
      (operator === Kind.LessThanEqualsToken && limit === '-1')
    ) {
      this.call(call, leftNode, !sense, true, true);
    } else if (operator === Kind.GreaterThanToken && limit === '0') {
      this.call(call, leftNode, sense, sense, !sense);
    }
    return true;
  }

  private call(node: ts.CallExpression, value: NodeId, sense: boolean, onTrue: boolean, onFalse: boolean): void {
    const { fn } = this.cx;
    let testNode = value;
    while (fn.op[testNode] === Op.Await || fn.op[testNode] === Op.Typed) testNode = fn.operand(testNode, 0);
    if (fn.op[testNode] !== Op.Call) return;
    const count = Math.min(node.arguments.length, fn.operandCount(testNode) - 2);
    for (let i = 0; i < count; i++) {
      const argument = withoutWrappers(node.arguments[i]);
      if (argument.kind === Kind.SpreadElement) break;
      this.addCall(argument, fn.operand(testNode, i + 2), testNode, i, sense, onTrue, onFalse);
    }
    const callee = withoutWrappers(node.expression);
    if (callee.kind !== Kind.PropertyAccessExpression) return;
    const receiver = withoutWrappers((callee as ts.PropertyAccessExpression).expression);
    if (receiver.kind === Kind.ThisKeyword) return;
    this.addCall(receiver, fn.operand(testNode, 1), testNode, RECEIVER, sense, onTrue, onFalse);
  }

  private addCall(
    node: ts.Expression,
    valueNode: NodeId,
    testNode: NodeId,
    argument: number,
    polarity: boolean,
    onTrue: boolean,
    onFalse: boolean,
  ): void {
    this.behind(node, valueNode, testNode, NONE, polarity, onTrue, onFalse);
    const variable = this.reference(node, valueNode);
    if (variable === undefined) return;
    const { path } = this;
    this.out.push({
      variable,
      path,
      test: Test.Call,
      testNode,
      argument,
      constant: NONE,
      polarity,
      onTrue,
      onFalse,
    });
  }

  private add(
    node: ts.Expression,
    valueNode: NodeId,
    test: Test,
    testNode: NodeId,
    argument: number,
    constant: StringId,
    polarity: boolean,
    sides: number,
  ): void {
    const variable = this.reference(node, valueNode);
    if (variable === undefined) return;
    const { path } = this;
    if (path.length > 0 && node.kind === Kind.ElementAccessExpression && !this.isWorthKeeping(path, test, constant))
      return;
    const onTrue = sides === BOTH || polarity;
    const onFalse = sides === BOTH || !polarity;
    this.out.push({ variable, path, test, testNode, argument, constant, polarity, onTrue, onFalse });
  }

  /** Of an element at a position that varies: what is compared with a word, looked up, or found to be an object or a function. Parsers ask for single characters all the time. */
  private isWorthKeeping(path: readonly StringId[], test: Test, constant: StringId): boolean {
    const { cx } = this;
    if (path[path.length - 1] !== cx.intern(TESTED_ELEMENT)) return true;
    if (test === Test.In) return true;
    if (constant === NONE) return false;
    const text = cx.stringOf(constant);
    return test === Test.Typeof ? text === OBJECT || text === FUNCTION : test === Test.Equals && text.length > 1;
  }

  /**
   * What the tested value was made of: `new URL(address).host === 'a.example'` says something of the address, and
   * `path.relative(root, file).startsWith('..')` of the file.
   */
  private behind(
    tested: ts.Expression,
    testedNode: NodeId,
    testNode: NodeId,
    constant: StringId,
    polarity: boolean,
    onTrue: boolean,
    onFalse: boolean,
  ): void {
    const made = madeBy(this.cx, tested, testedNode);
    if (made === undefined) return;
    const { fn } = this.cx;
    const { node, value } = made;
    const inner = new TestCollector(this.cx, true, this.out);
    const push = (expression: ts.Expression, operand: NodeId): void => {
      const variable = inner.reference(withoutWrappers(expression), operand);
      if (variable === undefined) return;
      const { path } = inner;
      this.out.push({ variable, path, test: Test.Behind, testNode, argument: 0, constant, polarity, onTrue, onFalse });
    };
    const given = node.arguments ?? [];
    for (let i = 0; i < Math.min(given.length, MAX_MADE_OF, fn.operandCount(value) - 2); i++)
      push(given[i], fn.operand(value, i + 2));
    const callee = withoutWrappers(node.expression);
    if (!isPropertyAccessExpression(callee) || fn.operand(value, 1) === NONE) return;
    push(callee.expression, fn.operand(value, 1));
  }

  /** The variable at the root of `a.b.c`, its path in `this.path`; undefined for anything else, for imports and globals. */
  private reference(expression: ts.Expression, valueNode: NodeId): Variable | undefined {
    let node = expression;
    let names: StringId[] | undefined;
    let depth = 0;
    for (;;) {
      if (node.kind === Kind.PropertyAccessExpression) {
        const { name } = node as ts.PropertyAccessExpression;
        (names ??= []).push(this.cx.intern(textOf(name)));
      } else if (node.kind === Kind.ElementAccessExpression) {
        const { argumentExpression } = node as ts.ElementAccessExpression;
        const key = constantKey(argumentExpression);
        if (key !== undefined) (names ??= []).push(this.cx.intern(key));
        // `keys[i]`: which element it is, the node of the test tells.
        else if (this.mayNameElement(names) && withoutWrappers(argumentExpression).kind === Kind.Identifier)
          (names ??= []).push(this.cx.intern(TESTED_ELEMENT));
        else return undefined;
      } else break;
      if (++depth > MAX_PATH) return undefined;
      node = withoutWrappers((node as ts.PropertyAccessExpression).expression);
    }
    let variable: Variable | undefined;
    if (node.kind === Kind.Identifier) variable = this.cx.lookupAt(node as ts.Identifier);
    else if (node.kind === Kind.ThisKeyword) variable = this.cx.lookup(THIS);
    if (variable === undefined || variable.owner === NONE || variable.importIndex !== NONE) return undefined;
    if (this.deferred && !this.stillHolds(variable, valueNode, depth)) return undefined;
    this.path = names === undefined ? NO_PATH : names.reverse();
    return variable;
  }

  /** Properties of elements at a position that varies are not followed, but for what tells the class of one: `table[key].constructor`. */
  private mayNameElement(below: readonly StringId[] | undefined): boolean {
    return below === undefined || (below.length === 1 && this.cx.stringOf(below[0]) === CONSTRUCTOR);
  }

  /** The variable still has the value that was tested, perhaps under guards. */
  private stillHolds(variable: Variable, valueNode: NodeId, depth: number): boolean {
    const { fn } = this.cx;
    let tested = valueNode;
    for (let i = 0; i < depth; i++) {
      if (fn.op[tested] !== Op.Load && fn.op[tested] !== Op.LoadElement) return false;
      tested = fn.operand(tested, 0);
    }
    const now = fn.peek(this.cx.slotOf(variable));
    return now !== NONE && fn.unguarded(now) === fn.unguarded(tested);
  }
}

/** The call a tested expression is, also behind `await` and an assignment. */
function callOf(expression: ts.Expression): ts.CallExpression | undefined {
  let node = withoutWrappers(expression);
  for (;;) {
    if (isAwaitExpression(node)) node = withoutWrappers(node.expression);
    else if (isBinaryExpression(node) && node.operatorToken.kind === Kind.EqualsToken) {
      node = withoutWrappers(node.right);
    } else return isCallExpression(node) ? node : undefined;
  }
}

function isPositionCall(call: ts.CallExpression): boolean {
  const callee = withoutWrappers(call.expression);
  return isPropertyAccessExpression(callee) && POSITION_METHODS.has(textOf(callee.name));
}

/** What a `case` says: of the switched value (`tested`), or as a condition when there is none. */
export function collectCaseTests(
  cx: Lowering,
  tested: ts.Expression | undefined,
  label: ts.Expression,
  value: NodeId,
  out: TestedVariable[],
): void {
  const collector = new TestCollector(cx, false, out);
  if (tested === undefined) collector.collect(withoutWrappers(label), value, true);
  else collector.compare(tested, withoutWrappers(label), value);
}
