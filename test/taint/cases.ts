/**
 * Finds the fixture cases on disk and reads their expectations. A case is a folder `<theme>/<case>` below
 * `test/fixtures`, or a workspace that carries markers.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FileMarkers, type LabelReference, MarkerError, readMarkers } from './markers';

/** What `case.json` may say. */
export interface CaseSettings {
  readonly threatModels: readonly string[];
  /** Files that must come out as partial because of syntax errors; all others must be whole. */
  readonly partial: readonly string[];
  /** Files that must be left out. */
  readonly skipped: readonly string[];
}

export interface FixtureCase {
  /** `theme/case`. */
  readonly name: string;
  /** Absolute path. */
  readonly root: string;
  readonly settings: CaseSettings;
  /** By path relative to the root, with forward slashes. */
  readonly files: ReadonlyMap<string, FileMarkers>;
}

const TEST_FOLDER = dirname(dirname(fileURLToPath(import.meta.url)));
export const REPOSITORY = dirname(TEST_FOLDER);
export const FIXTURES = join(TEST_FOLDER, 'fixtures');
export const WORKSPACES = join(TEST_FOLDER, 'workspaces');

const SOURCE_FILE = /\.(?:js|jsx|mjs|cjs|ts|tsx|mts|cts|vue|svelte|astro|html|htm)$/;
const DEFAULT_SETTINGS: CaseSettings = { threatModels: ['remote', 'local'], partial: [], skipped: [] };

/** All cases in the order of their names. Throws `MarkerError` for a marker that can't be read or names no label. */
export function findCases(): readonly FixtureCase[] {
  const cases: FixtureCase[] = [];
  for (const theme of foldersOf(FIXTURES)) {
    for (const name of foldersOf(join(FIXTURES, theme))) {
      cases.push(readCase(`${theme}/${name}`, join(FIXTURES, theme, name)));
    }
  }
  return cases;
}

/** The sample web shop, which carries the same markers. */
export function shopCase(): FixtureCase {
  return readCase('workspaces/shop', join(WORKSPACES, 'shop'));
}

/** Line, from 0, of a label. */
export function lineOfLabel(fixture: FixtureCase, reference: LabelReference): number {
  const line = fixture.files.get(reference.file)?.labels.get(reference.label);
  if (line === undefined) throw new MarkerError(`${fixture.name}: no label ${reference.label} in ${reference.file}`);
  return line;
}

export function readCase(name: string, root: string): FixtureCase {
  const files = new Map<string, FileMarkers>();
  for (const path of filesBelow(root)) {
    if (!SOURCE_FILE.test(path)) continue;
    const file = relative(root, path).split(sep).join('/');
    files.set(file, readMarkers(file, readFileSync(path, 'utf8')));
  }
  const fixture: FixtureCase = { name, root, settings: readSettings(join(root, 'case.json')), files };
  for (const { markers } of files.values()) {
    for (const marker of markers) for (const reference of marker.from) lineOfLabel(fixture, reference);
  }
  return fixture;
}

function readSettings(path: string): CaseSettings {
  if (!existsSync(path)) return DEFAULT_SETTINGS;
  return { ...DEFAULT_SETTINGS, ...(JSON.parse(readFileSync(path, 'utf8')) as Partial<CaseSettings>) };
}

function foldersOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
