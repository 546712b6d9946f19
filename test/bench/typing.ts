/**
 * What is typed in the latency measurement: real positions in a real file, the same keys every time. One edit in four
 * adds or removes a `return` of a parameter's property at the top of a function, which changes what the function's
 * callers see; the others type a statement, key by key, through states that do not parse.
 */
import * as ts from 'typescript';
import type { Position } from 'vscode-languageserver/node';

export interface Edit {
  readonly start: Position;
  readonly end: Position;
  readonly text: string;
  readonly changesSummary: boolean;
  /** Milliseconds before it. */
  readonly pause: number;
}

/** Functions that are edited in turn. */
const FUNCTIONS = 12;
/** Typists press five to eight keys a second. */
const SHORTEST_PAUSE = 120;
const LONGEST_PAUSE = 210;
const KEYS_PER_TOGGLE = 3;

/** Throws when the text has no function that can be edited in this way. */
export function editsFor(text: string, count: number): readonly Edit[] {
  const places = editablePlaces(text);
  if (places.length === 0)
    throw new Error('the file to edit has no function with a parameter and a body of several lines');
  const random = generator();
  const edits: Edit[] = [];
  const edit = (start: Position, end: Position, typed: string, changesSummary: boolean): void => {
    const pause = SHORTEST_PAUSE + Math.floor(random() * (LONGEST_PAUSE - SHORTEST_PAUSE));
    edits.push({ start, end, text: typed, changesSummary, pause });
  };
  const added: number[] = [];
  for (let burst = 0; edits.length < count; burst++) {
    const { line: original, parameter } = places[burst % places.length];
    // Each earlier burst above left two lines behind.
    const line = original + 2 * added.filter((earlier) => earlier < original).length;
    added.push(original);
    const at = (onLine: number, character: number): Position => ({ line: onLine, character });
    edit(at(line, 0), at(line, 0), '\n\n', false);
    const returned = `return ${parameter}.probe${String(burst)};`;
    let isReturning = false;
    const toggle = (): void => {
      edit(at(line, 0), at(line, isReturning ? returned.length : 0), isReturning ? '' : returned, true);
      isReturning = !isReturning;
    };
    for (const [character, key] of Array.from(`var probe${String(burst)} = ${parameter};`).entries()) {
      edit(at(line + 1, character), at(line + 1, character), key, false);
      if (character % KEYS_PER_TOGGLE === KEYS_PER_TOGGLE - 1) toggle();
    }
    if (isReturning) toggle();
  }
  return edits.slice(0, count);
}

interface Place {
  /** First line of a function's body, from 0; nothing else stands before it on the line of the brace. */
  readonly line: number;
  readonly parameter: string;
}

/** Evenly spread over the file, in order. */
function editablePlaces(text: string): readonly Place[] {
  const file = ts.createSourceFile('file.js', text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const lineOf = (offset: number): number => file.getLineAndCharacterOfPosition(offset).line;
  const all: Place[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined && ts.isBlock(node.body)) {
      const [parameter] = node.parameters;
      const [first] = node.body.statements;
      const brace = lineOf(node.body.getStart(file));
      const isOpen = first !== undefined && lineOf(first.getStart(file)) > brace;
      if (isOpen && parameter !== undefined && ts.isIdentifier(parameter.name)) {
        all.push({ line: brace + 1, parameter: parameter.name.text });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  const unique = all.filter((place, index) => all.findIndex(({ line }) => line === place.line) === index);
  const step = Math.max(1, unique.length / FUNCTIONS);
  return Array.from({ length: Math.min(FUNCTIONS, unique.length) }, (_, index) => unique[Math.floor(index * step)]);
}

/** Numbers from 0 to 1, the same sequence in every run (Lehmer's generator). */
function generator(): () => number {
  let state = 48_271;
  return () => {
    state = (state * 48_271) % 0x7fffffff;
    return state / 0x7fffffff;
  };
}
