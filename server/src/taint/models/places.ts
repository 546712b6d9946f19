/**
 * Places in one call, as models write them: `Argument[0].Element`, `Receiver`, `ReturnValue.Member[data]`, and flows
 * between two of them. The same grammar as API paths, read relative to a call.
 */
import {
  ANYTHING,
  ELEMENT,
  RESULT,
  argumentComponent,
  type Component,
  type ModelCondition,
  type ModelPlace,
} from '../../model/summary';
import type { ConditionDocument } from './document';
import { PathSyntaxError, parsePath, type PathStep } from './pathGrammar';

/** A place, and whether it is only there when the API is called with `new`. */
export interface CallPlace {
  readonly place: ModelPlace;
  readonly constructOnly: boolean;
}

export const FROM_THE_END =
  'Argument[-1] only finds callbacks (Argument[-1].Parameter[1]); elsewhere give a range such as Argument[1..2].';
const PLACES = 'A place starts with Argument[n], Receiver, ReturnValue or Instance.';

/** Texts that were parsed: some hundred distinct ones stand in all models, each many times. */
const parsed = new Map<string, readonly CallPlace[]>();
/** Of these; then it begins anew. */
const MAX_PARSED = 2_000;

/** Alternatives such as `Argument[0].Member[a|b]` give several places. Throws `PathSyntaxError`. */
export function parsePlaces(text: string): readonly CallPlace[] {
  let places = parsed.get(text);
  if (places === undefined) {
    places = placesOf(text);
    if (parsed.size >= MAX_PARSED) parsed.clear();
    parsed.set(text, places);
  }
  return places;
}

function placesOf(text: string): readonly CallPlace[] {
  const steps = parsePath(text);
  if (steps.length === 0) throw new PathSyntaxError(`"${text}" is not a place in a call.`, PLACES);
  const [first, ...rest] = steps;
  return componentPaths(rest, text).map((path) => placeOf(first, path, text));
}

function placeOf(first: PathStep, path: readonly Component[], text: string): CallPlace {
  switch (first.kind) {
    case 'argument':
      if (first.span.from < 0) throw new PathSyntaxError(`"${text}" counts from the end.`, FROM_THE_END);
      return { place: { root: 'argument', from: first.span.from, to: first.span.to, path }, constructOnly: false };
    case 'receiver':
      return { place: { root: 'receiver', path }, constructOnly: false };
    case 'return':
      return { place: { root: 'return', path }, constructOnly: false };
    case 'instance':
      return { place: { root: 'return', path }, constructOnly: true };
    case 'member':
    case 'anyMember':
    case 'element':
    case 'parameter':
    case 'awaited':
    case 'anything':
      throw new PathSyntaxError(`"${text}" is not a place in a call.`, PLACES);
  }
}

/** All component paths that steps stand for. */
export function componentPaths(steps: readonly PathStep[], text: string): readonly (readonly Component[])[] {
  let paths: Component[][] = [[]];
  for (const step of steps) {
    const components = componentsOf(step, text);
    if (components.length > 0) paths = paths.flatMap((path) => components.map((component) => [...path, component]));
  }
  return paths;
}

/** The components one step stands for; none where it leaves the value as it is. */
function componentsOf(step: PathStep, text: string): readonly Component[] {
  switch (step.kind) {
    case 'member':
      return step.names;
    case 'anyMember':
    case 'element':
      return [ELEMENT];
    case 'parameter': {
      const components: Component[] = [];
      for (let i = step.span.from; i <= Math.min(step.span.to, step.span.from + 3); i++)
        components.push(argumentComponent(i));
      return components;
    }
    case 'return':
      return [RESULT];
    case 'awaited':
      return [];
    case 'anything':
      return [ANYTHING];
    case 'argument':
    case 'receiver':
    case 'instance':
      throw new PathSyntaxError(
        `"${text}" goes through a second call.`,
        'A place stays within one call: give the inner call its own entry in "apis".',
      );
  }
}

export interface ParsedFlow {
  readonly from: readonly CallPlace[];
  readonly to: readonly CallPlace[];
  readonly derives: boolean;
}

/** `Argument[0] -> ReturnValue`. Throws `PathSyntaxError`. */
export function parseFlow(text: string): ParsedFlow {
  const match = /^(.*?)\s*(->|=>)\s*(.*)$/.exec(text.trim());
  if (match === null) {
    throw new PathSyntaxError(
      `"${text}" is not a flow.`,
      'Write "Argument[0] -> ReturnValue" where the result is made from the argument, "Argument[0] => ReturnValue" where it is the very same value, or "none".',
    );
  }
  return { from: parseList(match[1]), to: parseList(match[3]), derives: match[2] === '->' };
}

const parseList = (text: string): readonly CallPlace[] => text.split(/\s*,\s*/).flatMap(parsePlaces);

/** `typeName` makes the full name of a type. Throws `PathSyntaxError`, what `typeName` throws, and `SyntaxError` for a pattern that is none. */
export function parseCondition(
  document: ConditionDocument,
  typeName: (name: string) => string,
): readonly ModelCondition[] {
  const { at, is, isNot, may, matches, matchesNot, begins, type, ends } = document;
  const tests = [is, isNot, may, matches, matchesNot, begins, type].filter((test) => test !== undefined).length;
  // How a text ends can be asked beside what it is not.
  if (tests > 1 || (tests === 0 && ends === undefined)) {
    throw new PathSyntaxError(
      'A condition needs one of "is", "isNot", "may", "matches", "matchesNot", "begins", "ends" and "type".',
      'List the constants: is: [true], or isNot: [false, absent].',
    );
  }
  const pattern = matches ?? matchesNot;
  const test = {
    oneOf: (is ?? isNot ?? may ?? []).map(String),
    negated: isNot !== undefined || matchesNot !== undefined || tests === 0,
    ...(may === undefined ? {} : { isPossible: true }),
    ...(ends === undefined ? {} : { ends }),
    ...(pattern === undefined ? {} : { pattern: new RegExp(pattern) }),
    ...(begins === undefined ? {} : { beginning: new RegExp(begins) }),
    ...(type === undefined ? {} : { type: typeName(type) }),
  };
  return parsePlaces(at).map(({ place }) => ({ at: place, ...test }));
}
