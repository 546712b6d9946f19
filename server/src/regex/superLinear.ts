/**
 * Decides whether matching a regular expression can take more than linear time, and shows a text with which it does. A
 * pure function of the expression: ambiguity of its automaton proposes attack strings (`ambiguity.ts`), a matcher that
 * counts its steps confirms or rejects them (`matcher.ts`). Everything is bounded by numbers of states and steps.
 */
import { Ambiguity, type Attack } from './ambiguity';
import { automatonOf, deadEnd, isCounted, type Automaton } from './automaton';
import { LINE_ENDS, SPACES, contains } from './charSet';
import { parseExpression, type Expression, type ParsedExpression } from './expression';
import { StepCounter } from './matcher';

export interface Growth {
  readonly kind: 'exponential' | 'polynomial';
  /** The text `prefix`, `pump` again and again, `suffix` takes that long. */
  readonly prefix: string;
  readonly pump: string;
  readonly suffix: string;
}

/**
 * `linear`: no text was found with which it takes longer. `undecided`: the expression is too large to look at
 * everything, or is none.
 */
export type Verdict = Growth | { readonly kind: 'linear' | 'undecided' };

/** Attacks of each sort that are tried out. */
const MAX_TRIED = 14;
/** Steps of trying one text, and of trying out all of one expression. */
const MAX_STEPS = 30_000;
const MAX_ALL_STEPS = 200_000;
/**
 * Steps, and repetitions of the attack, from which a counted repetition takes too long: its limit comes too late to be of
 * use. The steps are a tenth of a second's; they still grow.
 */
const BOUNDED_STEPS = 4_000_000;
const BOUNDED_PUMPS = 48;
const MAX_BOUNDED_TRIED = 3;
/** Texts so many times longer than what a counted repetition takes at most tell what it is when that is used up; and steps for one of them. */
const BEYOND_COUNT = 3;
const MAX_LONG_STEPS = 4_000_000;
/** Expressions longer than this are left undecided. */
const MAX_LENGTH = 20_000;

const LINEAR: Verdict = { kind: 'linear' };
const UNDECIDED: Verdict = { kind: 'undecided' };

/** Sets by which texts with several blanks in a row, or with line breaks, are told from others. */
const BLANKS = [SPACES, LINE_ENDS];

/**
 * `source` and `flags` as in `new RegExp(source, flags)`. With `isTidy`, only texts are tried in which no two blanks follow one another, and that hold no
 * line breaks: what `text.replace(/\s+/g, ' ')` gives.
 */
export function superLinearity(source: string, flags: string, isTidy = false): Verdict {
  if (!mayRepeat(source)) return LINEAR;
  if (source.length > MAX_LENGTH) return UNDECIDED;
  const parsed = parseExpression(source, flags);
  if (parsed === undefined) return UNDECIDED;
  const automaton = automatonOf(parsed, false, isTidy ? BLANKS : []);
  if (automaton === undefined) return UNDECIDED;
  const ambiguity = new Ambiguity(automaton);
  const verdict = ambiguity.hasNoLoops ? LINEAR : unboundedGrowth(parsed, automaton, ambiguity, isTidy);
  return verdict.kind === 'linear' && mayCount(source) ? boundedGrowth(parsed) : verdict;
}

/** Growth without end, as the text gets longer. */
function unboundedGrowth(
  parsed: ParsedExpression,
  automaton: Automaton,
  ambiguity: Ambiguity,
  isTidy: boolean,
): Verdict {
  const trial = new Trial(parsed, automaton, isTidy);
  let tried = 0;
  let slow: Growth | undefined;
  for (const attack of ambiguity.attacks()) {
    if (trial.isSpent) return slow ?? UNDECIDED;
    if (isTidy && !isTidyText([...attack.prefix, ...attack.pump, ...attack.pump])) continue;
    if (attack.isExponential) {
      if (tried++ < MAX_TRIED) {
        const growth = trial.exponential(attack);
        if (growth !== undefined) return growth;
        slow ??= trial.polynomial(attack);
      }
      continue;
    }
    if (slow !== undefined) return slow;
    if (tried++ >= MAX_TRIED * 2) return UNDECIDED;
    slow = trial.polynomial(attack);
  }
  return slow ?? (ambiguity.isCut ? UNDECIDED : LINEAR);
}

/** Growth that ends somewhere, where a counted repetition has its limit: `(?:\d{1,4}:?){0,8}`. Only what takes very long by then is told. */
function boundedGrowth(parsed: ParsedExpression): Verdict {
  const relaxed = automatonOf(parsed, true);
  if (relaxed === undefined) return LINEAR;
  const trial = new Trial(parsed, relaxed, false);
  let tried = 0;
  for (const attack of new Ambiguity(relaxed).attacks()) {
    if (!attack.isExponential) break;
    if (tried++ >= MAX_BOUNDED_TRIED) break;
    const growth = trial.bounded(attack);
    if (growth !== undefined) return growth;
  }
  return LINEAR;
}

/** Most expressions repeat nothing without end. */
const mayRepeat = (source: string): boolean =>
  source.includes('*') || source.includes('+') || /\{\d+,\}|\{\d+,\d{4,}\}/.test(source) || mayCount(source);

/** Groups that are repeated, and not always equally often. */
const mayCount = (source: string): boolean => /\)\{\d+,\d+\}/.test(source);

/** No two blanks follow one another, and there are no line breaks. */
const isTidyText = (text: readonly number[]): boolean =>
  text.every(
    (character, i) =>
      !contains(LINE_ENDS, character) && (i === 0 || !contains(SPACES, character) || !contains(SPACES, text[i - 1])),
  );

const repeated = (pump: readonly number[], times: number): number[] => {
  const text: number[] = [];
  for (let i = 0; i < times; i++) text.push(...pump);
  return text;
};

/** How often the pump is repeated, to tell exponential growth: so many times, and two more each time. */
const FIRST_PUMPS = 3;
const LAST_PUMPS = 27;
/** Growth from one text to the next. Polynomials of a degree that matters are below it when the steps run out. */
const EXPONENTIAL_RATIO = 1.4;
/** Characters of the shortest of three texts, to suspect polynomial growth, and to be sure. */
const SUSPICIOUS = 16;
const SURE = 40;
/** A quadratic part of the steps below this share of what a plain quadratic loop takes is none. */
const QUADRATIC_SHARE = 0.3;
/** Of a text of so many characters, steps that take an engine about a second; where each character begins another search, it always does. */
const LONG_TEXT = 100_000;
const LONG_STEPS = 1.65e9;
/** A text that is longer grows too slowly to be told. */
const MAX_PUMP = 40;

class Trial {
  private readonly counter: StepCounter;
  private readonly suffixes: readonly (readonly number[])[];
  /** Length of the text that is sure to use up all counted repetitions of characters. */
  private readonly beyondCounts: number;
  private steps = 0;

  constructor(
    expression: ParsedExpression,
    private readonly automaton: Automaton,
    private readonly isTidy: boolean,
  ) {
    const { characters, popularity } = automaton;
    this.counter = new StepCounter(expression);
    this.beyondCounts = largestCount(expression.body) * BEYOND_COUNT;
    // What nothing in the expression takes makes a match fail; where everything takes everything, the end of the text may.
    const rare = characters
      .map((character, atom) => ({ character, count: popularity[atom] }))
      .sort((a, b) => a.count - b.count || a.character - b.character)
      .slice(0, 2);
    const suffixes = [[rare[0].character], [], ...rare.slice(1).map(({ character }) => [character]), [10]];
    this.suffixes = suffixes.filter((suffix, i) => suffixes.findIndex((other) => other.join() === suffix.join()) === i);
  }

  get isSpent(): boolean {
    return this.steps > MAX_ALL_STEPS;
  }

  exponential(attack: Attack): Growth | undefined {
    if (attack.pump.length > MAX_PUMP) return undefined;
    for (const suffix of this.suffixesOf(attack)) {
      let before = 0;
      let ratio = 0;
      for (let pumps = FIRST_PUMPS; pumps <= LAST_PUMPS; pumps += 2) {
        const steps = this.count(attack, pumps, suffix);
        if (steps === Infinity) {
          // Before there is a ratio, next to nothing takes too long already.
          if (ratio >= EXPONENTIAL_RATIO || pumps <= FIRST_PUMPS + 2) return growth('exponential', attack, suffix);
          break;
        }
        ratio = before === 0 ? 0 : steps / before;
        before = steps;
      }
      if (this.isSpent) return undefined;
    }
    return undefined;
  }

  bounded(attack: Attack): Growth | undefined {
    if (attack.pump.length > MAX_PUMP) return undefined;
    for (const suffix of this.suffixesOf(attack)) {
      let before = 0;
      for (let pumps = BOUNDED_PUMPS / 4; pumps <= BOUNDED_PUMPS; pumps += 4) {
        const text = [...attack.prefix, ...repeated(attack.pump, pumps), ...suffix];
        const steps = this.counter.count(text, BOUNDED_STEPS);
        if (steps === Infinity) return growth('exponential', attack, suffix);
        // What grows no more has met its limit.
        if (steps < before * EXPONENTIAL_RATIO) break;
        before = steps;
      }
    }
    return undefined;
  }

  polynomial(attack: Attack): Growth | undefined {
    if (attack.pump.length > MAX_PUMP) return undefined;
    // Something else at the beginning keeps `^` from taking it all: `/^\s+|\s+$/g`.
    const attacks = [attack];
    if (attack.prefix.length === 0) {
      if (this.automaton.isSearch) attacks.push({ ...attack, prefix: this.suffixes[0] });
    } else {
      // The loop takes the last character of what is repeated, too. One that is found nowhere else in the attack may be taken by some other part of
      // the expression: a `@` on the way to the path of an address.
      const last = attack.pump[attack.pump.length - 1];
      if (attack.prefix[attack.prefix.length - 1] !== last)
        attacks.push({ ...attack, prefix: [...attack.prefix.slice(0, -1), last] });
    }
    for (const each of attacks) {
      for (const suffix of this.suffixesOf(each)) {
        const isSure =
          this.isQuadratic(each, suffix, SUSPICIOUS) &&
          this.isQuadratic(each, suffix, SURE) &&
          (this.beyondCounts <= SURE || this.isQuadratic(each, suffix, this.beyondCounts, MAX_LONG_STEPS)) &&
          this.takesLong(each, suffix);
        if (isSure) return growth('polynomial', each, suffix);
        if (this.isSpent) return undefined;
      }
    }
    return undefined;
  }

  /** What may make a match fail after an attack: what fits nowhere, the end, or a longer way out. */
  private suffixesOf({ prefix, pump }: Attack): readonly (readonly number[])[] {
    const end = deadEnd(this.automaton, [...prefix, ...pump, ...pump]);
    const suffixes = end === undefined || end.length < 2 ? this.suffixes : [...this.suffixes, end];
    return this.isTidy ? suffixes.filter((suffix) => isTidyText([...prefix, ...pump, ...suffix])) : suffixes;
  }

  /** Second differences: of steps that grow linearly they are nothing, whatever it takes at each place. */
  private isQuadratic(attack: Attack, suffix: readonly number[], length: number, limit = MAX_STEPS): boolean {
    const pumps = Math.max(4, Math.ceil(length / attack.pump.length));
    const [first, second, third] = [1, 2, 3].map((times) => this.count(attack, pumps * times, suffix, limit));
    if (first === Infinity || second === Infinity) return true;
    return third - 2 * second + first >= QUADRATIC_SHARE * pumps * pumps;
  }

  /**
   * Where only each `function(` begins another search, there are few of them even in a long text. Second differences tell what a quadratic
   * loop takes for one; third differences are those of a steeper one, which takes long in any case.
   */
  private takesLong(attack: Attack, suffix: readonly number[]): boolean {
    const { length } = attack.pump;
    if (length === 1) return true;
    const pumps = Math.max(4, Math.ceil(SURE / length));
    const [first, second, third, fourth] = [1, 2, 3, 4].map((times) => this.count(attack, pumps * times, suffix));
    if (fourth === Infinity || fourth - 3 * third + 3 * second - first > pumps) return true;
    const steps = ((third - 2 * second + first) / (2 * pumps * pumps)) * (LONG_TEXT / length) ** 2;
    return steps >= LONG_STEPS;
  }

  private count({ prefix, pump }: Attack, pumps: number, suffix: readonly number[], limit = MAX_STEPS): number {
    const steps = this.counter.count([...prefix, ...repeated(pump, pumps), ...suffix], limit);
    this.steps += Math.min(steps, MAX_STEPS);
    return steps;
  }
}

/** The most iterations of a counted repetition, 0 for none; what is repeated a few times only is found out anyway. */
function largestCount(expression: Expression): number {
  switch (expression.kind) {
    case 'sequence':
    case 'choice':
      return Math.max(0, ...expression.items.map(largestCount));
    case 'group':
    case 'look':
      return largestCount(expression.body);
    case 'repetition':
      return Math.max(isCounted(expression.max) ? expression.max : 0, largestCount(expression.body));
    case 'character':
    case 'assertion':
    case 'reference':
      return 0;
  }
}

function growth(kind: Growth['kind'], { prefix, pump }: Attack, suffix: readonly number[]): Growth {
  return { kind, prefix: textOf(prefix), pump: textOf(pump), suffix: textOf(suffix) };
}

const textOf = (characters: readonly number[]): string => String.fromCodePoint(...characters);
