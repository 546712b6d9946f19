/**
 * What module resolution may ask of the file system. `documents/` implements it over disk and overlays; answers must
 * stay the same within one generation. Paths are absolute, with forward slashes.
 */
export interface ResolutionHost {
  isFile(path: string): boolean;
  isDirectory(path: string): boolean;
  /** Parsed JSON with comments and trailing commas allowed; undefined when the file is missing or not JSON. */
  readJson(path: string): unknown;
  /** The path with links resolved; the path itself when there is nothing to resolve. */
  realpath(path: string): string;
}

/** Where a module specifier leads. */
export type Resolution =
  | { readonly kind: 'file'; readonly path: string }
  /** A package whose source is not in the workspace, or a module of the platform. `name` without `node:`; `subpath` without leading slash, may be empty. */
  | { readonly kind: 'package'; readonly name: string; readonly subpath: string }
  | { readonly kind: 'unresolved' };

export interface Resolved {
  readonly resolution: Resolution;
  /** Paths whose appearing, vanishing or changing may change the answer, found or not. */
  readonly probes: readonly string[];
}

/** Module resolution of one language. Answers are pure functions of the host's file system and of which files are indexed. */
export interface ModuleResolver {
  /** `from` is the importing file. `kind` says how it is imported: 'require' uses the conditions of CommonJS. */
  resolve(from: string, specifier: string, kind: 'import' | 'require'): Resolved;
  /** Files that the package of a file offers to the outside, as far as they are indexed. */
  packageEntries(file: string): PackageEntries;
  /** The package of a file, and what it and the packages around it depend on. The same object again for files of one folder, until `reset`. */
  packageOf?(file: string): PackageOfFile;
  /** Forgets what was cached, because files came, went or changed. */
  reset(): void;
}

export interface PackageOfFile {
  /** Folder of the innermost package; undefined when there is none. */
  readonly directory: string | undefined;
  /** Names of packages that it, or one around it, names as dependencies. */
  readonly dependencies: ReadonlySet<string>;
  /** Paths whose appearing, vanishing or changing may change the answer. */
  readonly probes: readonly string[];
}

export interface PackageEntries {
  /** Indexed files; empty when nothing says which, then every file counts. */
  readonly entries: readonly string[];
  /** True when no other file of the package can be reached from outside. */
  readonly isClosed: boolean;
}
