/**
 * A backtracking matcher that does what JavaScript's engines do, and counts its steps: so an attack string is tried
 * out before anybody is told of it, and an expression of which the automaton alone would say too much (look-arounds,
 * back references, anchors) is judged by what happens. It stops at a number of steps; the engine itself could not be stopped.
 */
import { contains, inBothCases, LINE_ENDS } from './charSet';
import { isWordBoundary, type Expression, type ParsedExpression } from './expression';

type Continuation = (at: number) => boolean;
type Matcher = (at: number, next: Continuation) => boolean;

/** Before the first and behind the last character. */
const OUTSIDE = -1;

class OutOfSteps extends Error {}

/** Frames of the call stack; deeper texts count as too long to be tried. */
const MAX_DEPTH = 2_500;

export class StepCounter {
  private text: readonly number[] = [];
  private steps = 0;
  private limit = 0;
  private depth = 0;
  /** Start and end of what each group matched; -1 for nothing. */
  private readonly captures: Int32Array;
  private readonly matcher: Matcher;

  constructor(private readonly expression: ParsedExpression) {
    this.captures = new Int32Array(expression.groupCount * 2);
    this.matcher = this.compile(expression.body, false);
  }

  /**
   * Steps that it takes to search a text: for the first match, or with the `g` flag for all. Infinity when they are more
   * than `limit`.
   */
  count(text: readonly number[], limit: number): number {
    this.text = text;
    this.steps = 0;
    this.limit = limit;
    const { isGlobal, isSticky } = this.expression.flags;
    try {
      for (let start = 0; start <= text.length; start++) {
        this.depth = 0;
        this.captures.fill(-1);
        let end = -1;
        const isFound = this.matcher(start, (at) => {
          end = at;
          return true;
        });
        if (isFound && !isGlobal) break;
        if (isFound) start = Math.max(start, end - 1);
        else if (isSticky) break;
        this.step();
      }
    } catch (error) {
      if (error instanceof OutOfSteps) return Infinity;
      throw error;
    }
    return this.steps;
  }

  private step(): void {
    if (++this.steps > this.limit) throw new OutOfSteps();
  }

  private compile(expression: Expression, isBackward: boolean): Matcher {
    switch (expression.kind) {
      case 'character': {
        const { set } = expression;
        return (at, next) => {
          this.step();
          const character = this.text[isBackward ? at - 1 : at] as number | undefined;
          return character !== undefined && contains(set, character) && next(isBackward ? at - 1 : at + 1);
        };
      }
      case 'sequence':
        return this.sequence(expression.items, isBackward);
      case 'choice': {
        const choices = expression.items.map((item) => this.compile(item, isBackward));
        return (at, next) => {
          for (const choice of choices) {
            this.step();
            if (choice(at, next)) return true;
          }
          return false;
        };
      }
      case 'group':
        return this.group(this.compile(expression.body, isBackward), expression.number, isBackward);
      case 'repetition':
        return this.repetition(expression, isBackward);
      case 'look': {
        const body = this.compile(expression.body, expression.isBehind);
        const { isNegated } = expression;
        return (at, next) => {
          const before = isNegated ? this.captures.slice() : undefined;
          const holds = body(at, () => true) !== isNegated;
          if (before !== undefined) this.captures.set(before);
          return holds && next(at);
        };
      }
      case 'assertion':
        return this.assertion(expression.at);
      case 'reference':
        return this.reference(expression.groups, isBackward);
    }
  }

  private sequence(items: readonly Expression[], isBackward: boolean): Matcher {
    const matchers = items.map((item) => this.compile(item, isBackward));
    if (isBackward) matchers.reverse();
    let whole: Matcher = (at, next) => next(at);
    for (const matcher of matchers.reverse()) {
      const rest = whole;
      whole = (at, next) => matcher(at, (middle) => rest(middle, next));
    }
    return whole;
  }

  private group(body: Matcher, number: number, isBackward: boolean): Matcher {
    const { captures } = this;
    return (at, next) => {
      const from = captures[number * 2];
      const to = captures[number * 2 + 1];
      const isFound = body(at, (end) => {
        captures[number * 2] = isBackward ? end : at;
        captures[number * 2 + 1] = isBackward ? at : end;
        return next(end);
      });
      if (!isFound) {
        captures[number * 2] = from;
        captures[number * 2 + 1] = to;
      }
      return isFound;
    };
  }

  private repetition(
    { body, min, max, isGreedy }: Extract<Expression, { kind: 'repetition' }>,
    isBackward: boolean,
  ): Matcher {
    if (body.kind === 'character' && !isBackward)
      return isGreedy ? this.run(body.set, min, max) : this.lazyRun(body.set, min, max);
    const matcher = this.compile(body, isBackward);
    return (start, next) => {
      const loop = (count: number, at: number): boolean => {
        this.step();
        const again = (): boolean =>
          count < max && matcher(at, (end) => (end !== at || count < min) && loop(count + 1, end));
        if (++this.depth > MAX_DEPTH) throw new OutOfSteps();
        const isFound = count < min ? again() : isGreedy ? again() || next(at) : next(at) || again();
        this.depth--;
        return isFound;
      };
      return loop(0, start);
    };
  }

  /** A repetition of single characters takes no frames. */
  private run(set: readonly number[], min: number, max: number): Matcher {
    return (start, next) => {
      const { text } = this;
      let at = start;
      this.step();
      while (at - start < max && at < text.length && contains(set, text[at])) {
        this.step();
        at++;
      }
      for (; at - start >= min; at--) {
        this.step();
        if (next(at)) return true;
      }
      return false;
    };
  }

  /**
   * The same, as few as possible: nothing has to be remembered to go back to, so that an engine takes a third of the time. What comes behind
   * is counted alone, if that counts anything.
   */
  private lazyRun(set: readonly number[], min: number, max: number): Matcher {
    return (start, next) => {
      const { text } = this;
      for (let at = start; ; at++) {
        const { steps } = this;
        if (at - start >= min && next(at)) return true;
        if (this.steps === steps) this.step();
        if (at - start >= max || at >= text.length || !contains(set, text[at])) return false;
      }
    };
  }

  private assertion(at: 'start' | 'end' | 'word' | 'notWord'): Matcher {
    const { isMultiline } = this.expression.flags;
    const character = (place: number): number => this.text[place] ?? OUTSIDE;
    switch (at) {
      case 'start':
        return (place, next) =>
          (place === 0 || (isMultiline && contains(LINE_ENDS, this.text[place - 1]))) && next(place);
      case 'end':
        return (place, next) =>
          (place === this.text.length || (isMultiline && contains(LINE_ENDS, this.text[place]))) && next(place);
      case 'word':
        return (place, next) => isWordBoundary(character(place - 1), character(place)) && next(place);
      case 'notWord':
        return (place, next) => !isWordBoundary(character(place - 1), character(place)) && next(place);
    }
  }

  private reference(groups: readonly number[], isBackward: boolean): Matcher {
    const { captures } = this;
    const { ignoresCase } = this.expression.flags;
    return (at, next) => {
      const group = groups.find((number) => captures[number * 2] >= 0);
      if (group === undefined) return next(at);
      const from = captures[group * 2];
      const length = captures[group * 2 + 1] - from;
      const start = isBackward ? at - length : at;
      if (start < 0 || start + length > this.text.length) return false;
      for (let i = 0; i < length; i++) {
        this.step();
        const [a, b] = [this.text[from + i], this.text[start + i]];
        if (a !== b && !(ignoresCase && contains(inBothCases([a, a]), b))) return false;
      }
      return next(isBackward ? start : start + length);
    };
  }
}
