/**
 * Regular expressions: literals, and `new RegExp` of constants. One that can take more than linear time is declared to
 * be of a type of its own, so that linking follows it like any object and models can say what is done with it.
 */
import type ts from 'typescript';
import { NONE, Op, Test, type NodeId } from '../../model/graph';
import { isIdentifier, isPropertyAccessExpression } from '../../parse/javascript/syntax';
import { superLinearityOfLiteral } from '../../regex';
import type { Lowering, Variable } from './lowering';
import { textOf } from './names';
import { INNER_WRITTEN, WRITTEN } from './scopes';

/** The global that stands for the class of such expressions; models describe what its instances do. */
const SUPER_LINEAR = '@superlinear-regex';
/** The same for those that only take so long where there are line breaks, or several blanks in a row. */
const SLOW_ON_BLANKS = '@superlinear-on-blanks';
/** The same for texts of which such an expression would be made. Their member `EXPRESSION` is its class. */
const SUPER_LINEAR_PATTERN = '@superlinear-pattern';
const PATTERN_SLOW_ON_BLANKS = '@superlinear-pattern-on-blanks';
const EXPRESSION = '@expression';
/** Member of such expressions: the class of what is made of their source. */
const AGAIN = '@again';
const CONSTRUCTOR = 'RegExp';
const SOURCE = 'source';

/** Constants are joined up to this length, from so many parts. */
const MAX_TEXT = 10_000;
const MAX_PARTS = 600;
/** Writes to one table that are looked through for what stands under a name. */
const MAX_WRITES = 300;
/** Operations that give the same again, as far as expressions are concerned, and how many within one another are compared. */
const IS_REPEATED: ReadonlySet<number> = new Set([Op.Call, Op.Load, Op.Captured, Op.Global, Op.Param, Op.Typed]);
const MAX_WAY = 4;
/** From here on characters stand for parts of an expression that nobody knows: each for another character, which no class is likely to hold. */
const UNKNOWN_PART = 0xe000;

/** A regular expression as it is written: `/a+/g`. */
export function regularExpression(cx: Lowering, literal: string, start: number, end: number): NodeId {
  const { fn } = cx;
  return judged(cx, literal, fn.emit0(Op.Regex, cx.intern(literal), start, end));
}

/** `value`, the regular expression, declared to be a super-linear one if it is. */
function judged(cx: Lowering, literal: string, value: NodeId): NodeId {
  const { fn } = cx;
  if (!isSlow(literal)) return value;
  const start = fn.start[value];
  const end = fn.end[value];
  const type = cx.intern(isSlowOnBlanksOnly(literal) ? SLOW_ON_BLANKS : SUPER_LINEAR);
  return fn.emit2(Op.Typed, 0, value, fn.emit0(Op.Global, type, start, end), start, end);
}

function isSlow(literal: string): boolean {
  const { kind } = superLinearityOfLiteral(literal);
  return kind === 'exponential' || kind === 'polynomial';
}

/** Of a slow one: it is fast on texts without line breaks in which no two blanks follow one another. */
const isSlowOnBlanksOnly = (literal: string): boolean => superLinearityOfLiteral(literal, true).kind === 'linear';

/** Texts that nobody would take for an expression are not judged: something in brackets, a class or any character is to be repeated. */
const isPattern = (text: string): boolean => /[\])\w.}](?:[*+]|\{\d+,)/.test(text) && /[\\[(.]/.test(text);

/**
 * A text that is kept in a table. When it is the pattern of a super-linear expression it is declared to be one, because what
 * is made of a table's texts elsewhere (`table[i] = new RegExp(table[i])`) can't be seen here.
 */
export function keptText(cx: Lowering, value: NodeId): NodeId {
  const { fn } = cx;
  if (value === NONE || (fn.op[value] !== Op.StringConst && fn.op[value] !== Op.Concat)) return value;
  const text = new Parts(cx).text(value, false);
  if (text === undefined || text.length > MAX_TEXT || !isPattern(text) || !isSlow(`/${text}/`)) return value;
  const start = fn.start[value];
  const end = fn.end[value];
  const type = cx.intern(isSlowOnBlanksOnly(`/${text}/`) ? PATTERN_SLOW_ON_BLANKS : SUPER_LINEAR_PATTERN);
  return fn.emit2(Op.Typed, 0, value, fn.emit0(Op.Global, type, start, end), start, end);
}

/** A text that is handed to a function, which may make an expression of it: `token('NUMBER', '\\d+')`. What `RegExp` is given is judged with the call. */
export function handedText(cx: Lowering, value: NodeId, callee: ts.Expression): NodeId {
  return isIdentifier(callee) && textOf(callee) === CONSTRUCTOR ? value : keptText(cx, value);
}

/** `call`, which makes an expression of something that is not known here, declared to be what the pattern it is given stands for. */
function ofPattern(cx: Lowering, call: NodeId, pattern: NodeId): NodeId {
  const { fn } = cx;
  const { op } = fn;
  if (pattern === NONE || !MAY_BE_PATTERN.has(op[pattern])) return call;
  const start = fn.start[call];
  const end = fn.end[call];
  const typed = fn.emit2(Op.Typed, 0, call, fn.load(pattern, cx.intern(EXPRESSION), start, end), start, end);
  const copied = copiedExpression(cx, pattern);
  return copied === NONE
    ? typed
    : fn.emit2(Op.Typed, 0, typed, fn.load(copied, cx.intern(AGAIN), start, end), start, end);
}

/**
 * The parameter of whose source an expression is made: `new RegExp(pattern.source || pattern)`. Of what a variable of a function around this one holds nobody
 * knows which call it was handed to.
 */
function copiedExpression(cx: Lowering, pattern: NodeId): NodeId {
  const { fn } = cx;
  const { op } = fn;
  const count = op[pattern] === Op.Phi ? fn.operandCount(pattern) : 1;
  for (let i = 0; i < count; i++) {
    const text = op[pattern] === Op.Phi ? fn.operand(pattern, i) : pattern;
    if (text === NONE || op[text] !== Op.Load || cx.stringOf(fn.aux[text]) !== SOURCE) continue;
    const base = fn.operand(text, 0);
    if (base !== NONE && op[base] === Op.Param) return base;
  }
  return NONE;
}

const MAY_BE_PATTERN: ReadonlySet<number> = new Set([
  Op.Param,
  Op.Captured,
  Op.Load,
  Op.LoadElement,
  Op.Iterate,
  Op.Phi,
  Op.Guard,
  Op.Typed,
]);

/**
 * What `new RegExp(…)` or `RegExp(…)`, lowered to `call`, makes of constants; the call itself for all else. Where only
 * parts are constants, they are judged as if something stood between them that has nothing to do with them.
 */
export function constructedExpression(cx: Lowering, call: NodeId): NodeId {
  const { fn } = cx;
  const count = fn.operandCount(call) - 2;
  const callee = fn.operand(call, 0);
  if (count < 1 || count > 2 || callee === NONE) return call;
  if (fn.op[callee] !== Op.Global || cx.stringOf(fn.aux[callee]) !== CONSTRUCTOR) return call;
  const parts = new Parts(cx);
  const source = parts.text(fn.operand(call, 2), true);
  if (source === undefined || source.length > MAX_TEXT) return ofPattern(cx, call, fn.operand(call, 2));
  const flags = count === 2 ? new Parts(cx).text(fn.operand(call, 3), false) : '';
  const literal = `/${source}/${flags ?? ''}`;
  return parts.unknown > 0 ? judged(cx, literal, call) : regularExpression(cx, literal, fn.start[call], fn.end[call]);
}

/**
 * `RegExp(pattern.source, …)` and `new pattern.constructor(pattern.source, …)`: what has a source there is an expression itself, and its text
 * the program's own. The variable is one for what follows, such as flags that are read of that text.
 */
export function applySource(cx: Lowering, callee: ts.Expression, argument: ts.Expression, source: NodeId): void {
  if (!isPropertyAccessExpression(argument) || textOf(argument.name) !== SOURCE) return;
  const { expression } = argument;
  const isConstructor = isPropertyAccessExpression(callee)
    ? textOf(callee.name) === 'constructor'
    : isIdentifier(callee) && textOf(callee) === CONSTRUCTOR;
  if (!isConstructor || !isIdentifier(expression)) return;
  const variable = cx.lookupAt(expression);
  if (variable === undefined || variable.owner === NONE || variable.importIndex !== NONE) return;
  const { fn } = cx;
  const slot = cx.slotOf(variable);
  const value = fn.read(slot, fn.start[source], fn.end[source]);
  fn.refine(slot, fn.guard(value, source, Test.Instanceof, true, [], 0, cx.intern(CONSTRUCTOR)));
}

/** An inner function may make an expression of what a variable always holds. */
export function rememberConstant(cx: Lowering, variable: Variable, value: NodeId): void {
  if (variable.cell === NONE || (variable.flags & (WRITTEN | INNER_WRITTEN)) !== 0) return;
  const text = new Parts(cx).text(value, false);
  if (text !== undefined && text.length <= MAX_TEXT) cx.rememberConstant(variable, text);
}

/** The text that nodes in sight are: constants, joined ones, arrays of them, what tables of them hold, and the `source` of a literal. */
class Parts {
  /** Parts that are not known. */
  unknown = 0;
  private left = MAX_PARTS;
  private readonly known = new Map<NodeId, string>();
  private readonly placeholders = new Map<string, string>();

  constructor(private readonly cx: Lowering) {}

  /** With `mayLack`, what is not known of a text made of several parts has a character in its place. */
  text(node: NodeId, mayLack: boolean): string | undefined {
    const { cx } = this;
    const { fn } = cx;
    if (node === NONE || this.left-- <= 0) return undefined;
    const value = this.plain(node);
    switch (fn.op[value] as Op) {
      case Op.StringConst:
        return cx.stringOf(fn.aux[value]);
      case Op.Regex: {
        const literal = cx.stringOf(fn.aux[value]);
        return literal.slice(1, literal.lastIndexOf('/'));
      }
      case Op.Captured:
        return cx.capturedConstant(fn.aux[value]);
      case Op.Load: {
        if (cx.stringOf(fn.aux[value]) !== SOURCE) return undefined;
        const base = this.plain(fn.operand(value, 0));
        const isKnown = base !== NONE && (fn.op[base] === Op.Regex || fn.op[base] === Op.Captured);
        return isKnown ? this.text(base, false) : undefined;
      }
      case Op.ArrayLiteral:
      case Op.Store:
        return this.joined(value, ',');
      case Op.Call: {
        const callee = fn.operand(value, 0);
        if (callee === NONE || fn.op[callee] !== Op.Load || cx.stringOf(fn.aux[callee]) !== 'join') return undefined;
        const separator = fn.operandCount(value) > 2 ? this.text(fn.operand(value, 2), false) : ',';
        return separator === undefined ? undefined : this.joined(fn.operand(value, 1), separator);
      }
      case Op.Concat:
        return this.concatenated(value, mayLack);
      default:
        return undefined;
    }
  }

  private concatenated(node: NodeId, mayLack: boolean): string | undefined {
    const { fn } = this.cx;
    const known = this.known.get(node);
    if (known !== undefined) return known;
    const { unknown } = this;
    let text = '';
    for (let i = 0; i < fn.operandCount(node); i++) {
      const part =
        this.text(fn.operand(node, i), mayLack) ?? (mayLack ? this.placeholder(fn.operand(node, i)) : undefined);
      if (part === undefined || text.length > MAX_TEXT) return undefined;
      text += part;
    }
    if (this.unknown === unknown) this.known.set(node, text);
    return text;
  }

  /** What is made in the same way of the same values is the same: `escaped(quote) + '…' + escaped(quote)`. */
  private placeholder(node: NodeId): string {
    const way = this.wayTo(node, MAX_WAY);
    let character = this.placeholders.get(way);
    if (character === undefined) {
      character = String.fromCharCode(UNKNOWN_PART + this.unknown++);
      this.placeholders.set(way, character);
    }
    return character;
  }

  /** How a value comes about: the operations with their operands, down to some depth; below it, which nodes these are. */
  private wayTo(node: NodeId, depth: number): string {
    const { fn } = this.cx;
    if (node === NONE || depth === 0 || !IS_REPEATED.has(fn.op[node])) return String(node);
    const operands: string[] = [];
    for (let i = 0; i < fn.operandCount(node); i++) operands.push(this.wayTo(fn.operand(node, i), depth - 1));
    return `${String(fn.op[node])}:${String(fn.aux[node])}(${operands.join()})`;
  }

  /** The value itself, where it was declared or tested to be something, or read of a table in sight. */
  private plain(node: NodeId): NodeId {
    const { fn } = this.cx;
    let value = node;
    for (let step = 0; step < MAX_PARTS && value !== NONE; step++) {
      const op: Op = fn.op[value];
      if (op === Op.Typed || op === Op.Guard) value = fn.operand(value, 0);
      else if (op === Op.Load || op === Op.LoadElement) {
        const found = this.member(value);
        if (found === NONE) return value;
        value = found;
      } else return value;
    }
    return value;
  }

  /** What was written last, before it is read, under the name that a load reads; `NONE` when that is not certain. */
  private member(load: NodeId): NodeId {
    const { fn } = this.cx;
    const name = fn.op[load] === Op.Load ? this.cx.stringOf(fn.aux[load]) : this.name(fn.operand(load, 1));
    if (name === undefined || this.left-- <= 0) return NONE;
    let table = this.plain(fn.operand(load, 0));
    for (let step = 0; step < MAX_WRITES && table !== NONE; step++) {
      switch (fn.op[table] as Op) {
        case Op.Store:
          if (this.cx.stringOf(fn.aux[table]) === name) return fn.operand(table, 1);
          break;
        case Op.StoreElement: {
          const written = this.name(fn.operand(table, 1));
          if (written === undefined) return NONE;
          if (written === name) return fn.operand(table, 2);
          break;
        }
        default:
          return NONE;
      }
      table = fn.operand(table, 0);
    }
    return NONE;
  }

  /** A constant key: a text, a number, or a number counted up from one. */
  private name(key: NodeId): string | undefined {
    const { cx } = this;
    const { fn } = cx;
    let node = key;
    for (let count = 0; count < MAX_WRITES && node !== NONE; count++) {
      const text = cx.stringOf(fn.aux[node]);
      switch (fn.op[node] as Op) {
        case Op.StringConst:
          return count === 0 ? text : undefined;
        case Op.Const:
          return /^\d{1,9}$/.test(text) ? String(Number(text) + count) : undefined;
        case Op.Unary:
          if (text !== '++') return undefined;
          node = fn.operand(node, 0);
          break;
        default:
          return undefined;
      }
    }
    return undefined;
  }

  /** The elements of an array of constants. */
  private joined(array: NodeId, separator: string): string | undefined {
    const { fn } = this.cx;
    const last = this.plain(array);
    let literal = last;
    for (let step = 0; step < MAX_PARTS && literal !== NONE && fn.op[literal] === Op.Store; step++)
      literal = fn.operand(literal, 0);
    if (literal === NONE || fn.op[literal] !== Op.ArrayLiteral) return undefined;
    const elements: string[] = [];
    let position = fn.aux[literal];
    for (let node = last; node !== literal; node = fn.operand(node, 0)) {
      const element = this.text(fn.operand(node, 1), false);
      if (element === undefined || this.cx.stringOf(fn.aux[node]) !== String(--position)) return undefined;
      elements.push(element);
    }
    return position === 0 ? elements.reverse().join(separator) : undefined;
  }
}
