/**
 * A regular expression matched the way engines that backtrack do it, with every step counted. How much work an attack string makes is told by this number,
 * which does not depend on the machine as a time does.
 */
import { RegExpParser, type AST } from '@eslint-community/regexpp';

type Next = (at: number) => boolean;

/** What has been tried in one go: `steps` counts the places at which one character or one assertion was looked at. */
export interface Search {
  readonly matches: number;
  readonly steps: number;
}

/** Looks for the matches that `text.match` finds: all of them with the flag `g`, otherwise the first. Back references throw. */
export function countSteps(literal: string, text: string): Search {
  const { pattern, flags } = new RegExpParser().parseLiteral(literal);
  const ofFlags = flags.raw.replace(/[gy]/gu, '');
  let steps = 0;

  const characters = new Map<string, RegExp>();
  const isCharacter = ({ raw }: AST.Node, at: number): boolean => {
    steps++;
    if (at >= text.length) return false;
    let one = characters.get(raw);
    if (one === undefined) characters.set(raw, (one = new RegExp(`^(?:${raw})$`, ofFlags.replace('m', ''))));
    return one.test(text[at]);
  };
  const holds = (raw: string, at: number): boolean => {
    steps++;
    const assertion = new RegExp(raw, `${ofFlags}y`);
    assertion.lastIndex = at;
    return assertion.test(text);
  };

  const anyOf = (alternatives: readonly AST.Alternative[], at: number, next: Next): boolean =>
    alternatives.some(({ elements }) => allOf(elements, 0, at, next));
  const allOf = (elements: readonly AST.Element[], index: number, at: number, next: Next): boolean =>
    index === elements.length
      ? next(at)
      : match(elements[index], at, (after) => allOf(elements, index + 1, after, next));
  const repeat = (quantifier: AST.Quantifier, count: number, at: number, next: Next): boolean => {
    const { min, max, greedy, element } = quantifier;
    const again = (): boolean =>
      count < max &&
      // A round that takes nothing is none, once there have been enough.
      match(element, at, (after) => (after !== at || count < min) && repeat(quantifier, count + 1, after, next));
    if (count < min) return again();
    return greedy ? again() || next(at) : next(at) || again();
  };
  const match = (element: AST.Element, at: number, next: Next): boolean => {
    switch (element.type) {
      case 'Group':
      case 'CapturingGroup':
        return anyOf(element.alternatives, at, next);
      case 'Quantifier':
        return repeat(element, 0, at, next);
      case 'Assertion':
        if (element.kind !== 'lookahead') return holds(element.raw, at) && next(at);
        return anyOf(element.alternatives, at, () => true) !== element.negate && next(at);
      case 'Character':
      case 'CharacterClass':
      case 'CharacterSet':
        return isCharacter(element, at) && next(at + 1);
      default:
        throw new Error(`${element.type} is not counted`);
    }
  };

  const most = flags.global ? Infinity : 1;
  let matches = 0;
  for (let at = 0; at <= text.length && matches < most;) {
    let end = -1;
    const found = anyOf(pattern.alternatives, at, (after) => {
      end = after;
      return true;
    });
    if (found) matches++;
    at = Math.max(at + 1, end);
  }
  return { matches, steps };
}
