/** What is at a path, links followed. */
import { statSync, type Stats } from 'node:fs';
import { codeOf } from './errors';

/**
 * Undefined where nothing is, and where nobody can tell: below what has become a file, at the end of links that form a circle, behind a closed door. Any of that
 * may come about while a folder is being looked at.
 */
export function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (codeOf(error) === '') throw error;
    return undefined;
  }
}
