/**
 * Where reports go: standard output, waiting for slow readers, or a file that appears at once and whole.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import * as nodePath from 'node:path';

/** The part of a stream that is used here. */
export interface TextStream {
  write(text: string, done: (error?: Error | null) => void): boolean;
}

/** Text handed to the stream at once; a report may be larger than what a single write takes well. */
const CHUNK = 1 << 20;

/** Resolves to false when whoever read the stream has gone. Rejects for any other failure. */
export async function writeToStream(stream: TextStream, text: string): Promise<boolean> {
  for (let from = 0; from < text.length;) {
    let to = Math.min(text.length, from + CHUNK);
    // Not between the two halves of a character.
    if (to < text.length && (text.charCodeAt(to - 1) & 0xfc00) === 0xd800) to++;
    const chunk = text.slice(from, to);
    from = to;
    const error = await new Promise<Error | undefined>((resolve) => {
      stream.write(chunk, (problem) => resolve(problem ?? undefined));
    });
    if (error !== undefined) {
      if (isBrokenPipe(error)) return false;
      throw error;
    }
  }
  return true;
}

export function isBrokenPipe(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED';
}

/** A sentence saying why nothing could be written to the file, or undefined. Checked before the work starts. */
export function outputProblem(file: string): string | undefined {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) return `--output ${file} is a folder`;
  const folder = nodePath.dirname(file);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    return `--output: the folder ${folder} does not exist`;
  return undefined;
}

/** Readers see the old file or the new one, never a part. Throws what the file system says. */
export function writeFileAtomically(file: string, text: string): void {
  const temporary = `${file}.${String(process.pid)}.tmp`;
  try {
    const descriptor = openSync(temporary, 'w');
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
