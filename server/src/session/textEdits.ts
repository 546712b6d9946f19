/**
 * Where a range of analysed text stands after edits that the analysis has not seen yet. Positions before an edit stay,
 * positions after it move with the text, and what lay inside collapses to the edit's start, as editors' own marks do.
 */
import type { Position, Range } from '../model/finding';

/** One replacement: `start`–`end` became text that ends at `newEnd`. */
export interface TextEdit {
  readonly start: Position;
  readonly end: Position;
  readonly newEnd: Position;
}

export function editOf(start: Position, end: Position, text: string): TextEdit {
  let lines = 0;
  let lastLine = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 13 && text.charCodeAt(i + 1) === 10) continue;
    if (unit !== 10 && unit !== 13) continue;
    lines++;
    lastLine = i + 1;
  }
  const tail = text.length - lastLine;
  const newEnd = { line: start.line + lines, character: lines === 0 ? start.character + tail : tail };
  return { start, end, newEnd };
}

export function moveRange(range: Range, edits: readonly TextEdit[]): Range {
  if (edits.length === 0) return range;
  let { start, end } = range;
  for (const edit of edits) {
    // Text inserted exactly at either end stays outside.
    start = movePosition(start, edit, true);
    end = movePosition(end, edit, false);
    if (isBefore(end, start)) end = start;
  }
  return { start, end };
}

function movePosition(position: Position, edit: TextEdit, isStart: boolean): Position {
  if (isBefore(position, edit.start)) return position;
  if (!isStart && !isBefore(edit.start, position)) return position;
  if (isBefore(position, edit.end)) return edit.start;
  const line = position.line + edit.newEnd.line - edit.end.line;
  const character =
    position.line === edit.end.line
      ? position.character + edit.newEnd.character - edit.end.character
      : position.character;
  return { line, character };
}

function isBefore(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}
