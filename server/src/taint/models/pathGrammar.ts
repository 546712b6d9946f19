/**
 * The path grammar of models: `Member[get|post].Argument[1..].Parameter[0]`. A path leads from a root (a package, the
 * global object, a type, any value) to places in its API. Parsing gives plain steps; errors say what stands there and what may.
 *
 *     Member[a]  Member[a|b]  Member[*]       a property, one of several, any
 *     Element                                 an element of an array or other collection
 *     Argument[0]  [1..]  [0..2]  [-1]        an argument of a call; -1 is the last
 *     Receiver                                what a method is called on; also Argument[receiver]
 *     Parameter[0]  [this]  [1 of 4]          a parameter of a function that is handed over; `of` counts its parameters
 *     ReturnValue  Instance  Awaited          result of a call, of `new`, of `await`
 *     Anything                                the value and all that lies in it (last only)
 *     Prototype                               the value, where a key that came from outside selected it (last only)
 *     Self                                    the root itself (alone only)
 */
import { RECEIVER } from '../../model/graph';
import { PROTOTYPE } from '../../model/summary';
import { closest } from './document';

/** An inclusive range; negative numbers count from the end, `to` is Infinity for an open one. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export type PathStep =
  | { readonly kind: 'member'; readonly names: readonly string[] }
  | { readonly kind: 'anyMember' }
  | { readonly kind: 'element' }
  | { readonly kind: 'argument'; readonly span: Span }
  | { readonly kind: 'receiver' }
  | { readonly kind: 'parameter'; readonly span: Span; readonly count: Span }
  | { readonly kind: 'return' }
  | { readonly kind: 'instance' }
  | { readonly kind: 'awaited' }
  | { readonly kind: 'anything' };

/** A path that can't be read. `message` says what is wrong, `hint` what is allowed. */
export class PathSyntaxError extends Error {
  override readonly name = 'PathSyntaxError';
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

const WORDS = [
  'Member',
  'Element',
  'Argument',
  'Receiver',
  'Parameter',
  'ReturnValue',
  'Instance',
  'Awaited',
  'Anything',
  'Prototype',
  'Self',
] as const;
type Word = (typeof WORDS)[number];
const ALLOWED = `Allowed are Member[name|name], Member[*], Element, Argument[n], Argument[n..], Argument[-1], Receiver, Parameter[n], Parameter[this], ReturnValue, Instance, Awaited, Anything, Prototype and Self.`;
const ANY_COUNT: Span = { from: 0, to: Infinity };

/** Throws `PathSyntaxError`. `Self` gives no steps. */
export function parsePath(text: string): readonly PathStep[] {
  const components = splitComponents(text);
  if (components.length === 1 && components[0] === 'Self') return [];
  const steps = components.map(parseComponent);
  const deep = steps.findIndex((step) => step.kind === 'anything');
  if (deep >= 0 && deep < steps.length - 1) {
    throw new PathSyntaxError(
      `"Anything" stands in the middle of "${text}".`,
      'It stands for all that is below, so it can only be the last component.',
    );
  }
  return steps;
}

/** Splits at the dots outside brackets. */
function splitComponents(text: string): string[] {
  const components: string[] = [];
  let start = 0;
  let isInside = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '[') {
      if (isInside) throw new PathSyntaxError(`"${text}" has a "[" inside brackets.`, ALLOWED);
      isInside = true;
    } else if (char === ']') {
      if (!isInside) throw new PathSyntaxError(`"${text}" has a "]" without its "[".`, ALLOWED);
      isInside = false;
    } else if (char === '.' && !isInside) {
      components.push(text.slice(start, i));
      start = i + 1;
    }
  }
  if (isInside) throw new PathSyntaxError(`"${text}" has a "[" that is not closed.`, 'Close it with "]".');
  components.push(text.slice(start));
  return components.map((component) => component.trim());
}

function parseComponent(text: string): PathStep {
  const match = /^([A-Za-z]+)(?:\[(.*)\])?$/.exec(text);
  if (match === null) {
    throw new PathSyntaxError(
      text === '' ? 'A path component is empty.' : `"${text}" is not a path component.`,
      ALLOWED,
    );
  }
  const word = WORDS.find((known) => known === match[1]);
  if (word === undefined) {
    const near = closest(match[1], WORDS);
    throw new PathSyntaxError(
      `"${text}" is not a path component.`,
      near === undefined
        ? `To read a property, write Member[${match[1]}]. ${ALLOWED}`
        : `Did you mean ${near}? ${ALLOWED}`,
    );
  }
  return makeStep(word, match[2], text);
}

function makeStep(word: Word, content: string | undefined, text: string): PathStep {
  switch (word) {
    case 'Member':
      return memberStep(needed(content, text, 'Member[name]'));
    case 'Argument': {
      const inside = needed(content, text, 'Argument[0]');
      return inside === 'receiver' ? { kind: 'receiver' } : { kind: 'argument', span: parseSpan(inside, text) };
    }
    case 'Parameter':
      return parameterStep(needed(content, text, 'Parameter[0]'), text);
    case 'Element':
      return bare(content, text, { kind: 'element' });
    case 'Receiver':
      return bare(content, text, { kind: 'receiver' });
    case 'ReturnValue':
      return bare(content, text, { kind: 'return' });
    case 'Instance':
      return bare(content, text, { kind: 'instance' });
    case 'Awaited':
      return bare(content, text, { kind: 'awaited' });
    case 'Anything':
      return bare(content, text, { kind: 'anything' });
    case 'Prototype':
      return bare(content, text, { kind: 'member', names: [PROTOTYPE] });
    case 'Self':
      throw new PathSyntaxError(
        '"Self" has to stand alone.',
        'It names the root itself; leave it out of longer paths.',
      );
  }
}

function needed(content: string | undefined, text: string, example: string): string {
  if (content === undefined || content.trim() === '')
    throw new PathSyntaxError(`"${text}" needs brackets.`, `Write for example ${example}.`);
  return content.trim();
}

function bare(content: string | undefined, text: string, step: PathStep): PathStep {
  if (content !== undefined)
    throw new PathSyntaxError(`"${text}" takes no brackets.`, `Write ${text.slice(0, text.indexOf('['))}.`);
  return step;
}

function memberStep(content: string): PathStep {
  if (content === '*') return { kind: 'anyMember' };
  const names = content.split('|').map((name) => name.trim());
  if (names.includes(''))
    throw new PathSyntaxError(`"Member[${content}]" has an empty name.`, 'Separate names with one "|".');
  return { kind: 'member', names };
}

function parameterStep(content: string, text: string): PathStep {
  const [position, count, ...more] = content.split(/\s+of\s+/);
  if (more.length > 0)
    throw new PathSyntaxError(`"${text}" has more than one "of".`, 'Write for example Parameter[1 of 4].');
  const span = position === 'this' ? { from: RECEIVER, to: RECEIVER } : parseSpan(position, text);
  if (position !== 'this' && span.from < 0)
    throw new PathSyntaxError(`"${text}" counts from the end.`, 'Parameters are counted from 0.');
  return { kind: 'parameter', span, count: count === undefined ? ANY_COUNT : parseSpan(count, text) };
}

/** `2`, `1..`, `0..3`, `..3`, `-1`. */
function parseSpan(content: string, text: string): Span {
  const match = /^(?:(-?\d+)|(\d*)\.\.(\d*))$/.exec(content);
  if (match === null || content === '..') {
    throw new PathSyntaxError(
      `"${content}" in "${text}" is not a position.`,
      'Positions are 0, 1, …; 1.. for "and all that follow"; 0..2 for a range; -1 for the last argument.',
    );
  }
  if (match[1] !== undefined) return { from: Number(match[1]), to: Number(match[1]) };
  const from = match[2] === '' ? 0 : Number(match[2]);
  const to = match[3] === '' ? Infinity : Number(match[3]);
  if (to < from)
    throw new PathSyntaxError(`The range "${content}" in "${text}" is empty.`, 'The smaller number stands first.');
  return { from, to };
}
