/**
 * What is wrong with a place that was to be analysed, in words for the person who named it.
 */

/**
 * missing: there is nothing at the path. unreadable: there is, but it can't be read. unsupported: a file of a kind
 * that is not analysed. empty: a folder without any file to analyse.
 */
export type DocumentProblem = 'missing' | 'unreadable' | 'unsupported' | 'empty';

export class DocumentError extends Error {
  override readonly name = 'DocumentError';

  constructor(
    readonly problem: DocumentProblem,
    /** Absolute path. */
    readonly path: string,
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Why the file system refused, as the end of a sentence. */
export function explain(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'it does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'ELOOP':
      return 'its links form a circle';
    case 'ENAMETOOLONG':
      return 'its path is too long for this system';
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

export function isGone(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
}
