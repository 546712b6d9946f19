/** What a process that is going to be killed is told, and what it tells. */

/** Accesses to the storage folder in which the process may be told to die, and how many of them one process makes. */
export const TRAPS = [
  { kind: 'append', most: 60 },
  { kind: 'append', most: 8 },
  { kind: 'checkpoint', most: 3 },
  { kind: 'sync', most: 2 },
  { kind: 'rename', most: 2 },
  { kind: 'renamed', most: 2 },
  { kind: 'remove', most: 2 },
  { kind: 'truncate', most: 1 },
  { kind: 'lock', most: 1 },
] as const;

/** A file that is always there. */
export const KEPT = { path: 'kept.js', text: "module.exports = 'kept';\n" };

export interface CrashTask {
  readonly dist: string;
  /** Absolute: the project, and the index of it. */
  readonly folder: string;
  readonly storage: string;
  readonly seed: number;
  readonly files: number;
  /** Edits that earlier processes have done. */
  readonly skip: number;
  readonly edits: number;
  readonly trap: { readonly kind: (typeof TRAPS)[number]['kind']; readonly number: number } | undefined;
}

/** A line of what the process says. Files are by absolute path, with the hash of their content, or null where there is none. */
export type CrashReport =
  | { readonly kind: 'writing' | 'committed'; readonly files: Readonly<Record<string, string | null>> }
  | { readonly kind: 'extracted'; readonly done: number; readonly total: number }
  | { readonly kind: 'opened' | 'edited' | 'rebuilding' | 'idle' }
  | { readonly kind: 'problem'; readonly message: string };
