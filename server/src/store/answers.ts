/**
 * What module resolution was told about the disk, beside the list of files, when the links were made. Kept with the checkpoint and not in the
 * journal, like the links.
 */
import type { Connection } from './connection';

export class AnswerRows {
  constructor(private readonly db: Connection) {}

  all(): readonly (readonly [path: string, answer: string])[] {
    return this.db.all('SELECT path, told FROM answer ORDER BY path', [], (row) => [
      row[0] as string,
      row[1] as string,
    ]);
  }

  /** Inside a batch. Without an answer, the row goes. */
  set(path: string, answer: string | undefined): void {
    this.db.writing(path);
    if (answer === undefined) this.db.run('DELETE FROM answer WHERE path = ?', [path]);
    else this.db.run('INSERT OR REPLACE INTO answer (path, told) VALUES (?, ?)', [path, answer]);
  }

  removeAll(): void {
    this.db.writing('answer');
    this.db.run('DELETE FROM answer');
  }
}
