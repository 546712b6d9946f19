/**
 * The ground truth: known vulnerabilities of published packages, with the file and line of the sink. Rows whose
 * package or file can't be had are left out of the score, and listed.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { packageFolder, type PackageVersion } from './packageCache';

export interface TableRow {
  /** Advisory, where there is one. */
  readonly id?: string;
  readonly class: string;
  /** `CWE-22`. */
  readonly cwe: string;
  readonly package: string;
  readonly version: string;
  /** As the table has it; sometimes only the end of the path, or with the package's name in front. */
  readonly file: string;
  /** Line of the sink, from 1. */
  readonly line: number;
  /** Column of the sink, from 1. */
  readonly column?: number;
  readonly source?: { readonly file: string; readonly line: number };
  /** The first version in which it was mended, where the table knows one. */
  readonly fixedVersion?: string;
  readonly from: string;
}

/** A row whose package and file are here. */
export interface LocatedRow {
  readonly row: TableRow;
  /** Folder of the package. */
  readonly folder: string;
  /** Absolute paths the row may mean: one, except where only a file name is known. */
  readonly files: readonly string[];
}

/** A row whose line holds no sink of its class, as a person found who read it, and what stands there instead. */
export interface WrongLabel extends Pick<TableRow, 'package' | 'version' | 'file' | 'line'> {
  readonly why: string;
}

export function readLabels(file: string): readonly WrongLabel[] {
  return JSON.parse(readFileSync(file, 'utf8')) as readonly WrongLabel[];
}

export const placeOf = ({ package: name, version, file, line }: Omit<WrongLabel, 'why'>): string =>
  `${name}@${version} ${file}:${String(line)}`;

export function readTable(file: string): readonly TableRow[] {
  return JSON.parse(readFileSync(file, 'utf8')) as readonly TableRow[];
}

export const specOf = (row: TableRow): string => `${row.package}@${row.version}`;

export function packagesOf(rows: readonly TableRow[]): readonly PackageVersion[] {
  const bySpec = new Map(rows.map((row) => [specOf(row), { name: row.package, version: row.version }]));
  return [...bySpec.values()];
}

/** Undefined when the package is not in the cache or has no such file. */
export function locate(row: TableRow): LocatedRow | undefined {
  const folder = packageFolder({ name: row.package, version: row.version });
  if (!existsSync(folder)) return undefined;
  const exact = join(folder, row.file);
  if (isFile(exact)) return { row, folder, files: [exact] };
  const shortName = row.package.slice(row.package.lastIndexOf('/') + 1);
  if (row.file.startsWith(`${shortName}/`)) {
    const inside = join(folder, row.file.slice(shortName.length + 1));
    if (isFile(inside)) return { row, folder, files: [inside] };
  }
  const files = filesEndingWith(folder, row.file);
  return files.length > 0 ? { row, folder, files } : undefined;
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function filesEndingWith(folder: string, end: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (file) =>
        file.split(sep).join('/').endsWith(`/${end}`) &&
        !file.slice(folder.length).includes(`${sep}node_modules${sep}`),
    )
    .sort();
}
