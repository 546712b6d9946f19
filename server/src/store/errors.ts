/**
 * What goes wrong in the index, in words for the person who reads it. The cause keeps the technical error.
 */

/** A change of the index failed and was rolled back, or a row can't be read. `file` is the one concerned, where there is one. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly file: string | undefined;

  constructor(message: string, options: { readonly file?: string | undefined; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.file = options.file;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `ENOSPC`, `EACCES`, …; empty for other errors. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
