/**
 * From the places the analysis names to the places an editor understands: URIs, links that open at a position, short
 * names for people. A `PlaceView` says how ranges of a file appear to the client at this moment, because an open
 * document may have moved on since it was analysed and the client may count characters in another encoding.
 */
import * as nodePath from 'node:path';
import { URI } from 'vscode-uri';
import type { Location, Range } from '../model/finding';

export interface PlaceView {
  /** The range as the client should see it now. */
  range(path: string, range: Range): Range;
  /** A short name of the file, relative to the root it is in. */
  shortName(path: string): string;
}

export function uriOf(path: string): string {
  return URI.file(path).toString();
}

/** With `/` on every platform and none at the end, as the analysis names files. Undefined for anything that is not a file on this machine. */
export function pathOf(uri: string): string | undefined {
  const parsed = URI.parse(uri);
  if (parsed.scheme !== 'file') return undefined;
  const path = nodePath.normalize(parsed.fsPath).replaceAll(nodePath.sep, '/');
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** A link that VS Code (and several others) open at the position: `file:///a/b.ts#L3,5`, counted from 1. */
export function linkTo(view: PlaceView, location: Location): string {
  const { start } = view.range(location.path, location.range);
  return `${uriOf(location.path)}#L${String(start.line + 1)},${String(start.character + 1)}`;
}

/** `src/a.ts:3`. */
export function placeName(view: PlaceView, location: Location): string {
  const { start } = view.range(location.path, location.range);
  return `${view.shortName(location.path)}:${String(start.line + 1)}`;
}

/** The path relative to the innermost root that holds it, with `/`; with several roots, the root's name comes first. */
export function shortNameIn(roots: readonly string[], path: string): string {
  let innermost: string | undefined;
  for (const root of roots) {
    const inside = path === root || path.startsWith(root.endsWith('/') ? root : `${root}/`);
    if (inside && (innermost === undefined || root.length > innermost.length)) innermost = root;
  }
  if (innermost === undefined) return path;
  const relative = path.slice(innermost.endsWith('/') ? innermost.length : innermost.length + 1);
  return roots.length > 1 ? `${nodePath.posix.basename(innermost)}/${relative}` : relative;
}

/** Nothing has moved, UTF-16 throughout. */
export function plainView(roots: readonly string[]): PlaceView {
  return { range: (_path, range) => range, shortName: (path) => shortNameIn(roots, path) };
}

/** True when the position lies in the range, both ends included (a caret stands between characters). */
export function contains(range: Range, line: number, character: number): boolean {
  const { start, end } = range;
  if (line < start.line || line > end.line) return false;
  if (line === start.line && character < start.character) return false;
  return line !== end.line || character <= end.character;
}

export function compareRanges(a: Range, b: Range): number {
  return (
    a.start.line - b.start.line ||
    a.start.character - b.start.character ||
    a.end.line - b.end.line ||
    a.end.character - b.end.character
  );
}
