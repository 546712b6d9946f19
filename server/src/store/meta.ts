/**
 * What is known of the index itself: versions of models and settings its results were computed with. Kept with the
 * checkpoint and not in the journal, like the results it speaks of.
 */
import type { Connection } from './connection';

export class MetaRows {
  constructor(private readonly db: Connection) {}

  get(key: string): string | undefined {
    const row = this.db.first('SELECT value FROM meta WHERE key = ?', [key]);
    return row === undefined ? undefined : (row[0] as string);
  }

  /** Inside a batch. */
  set(key: string, value: string): void {
    this.db.writing(key);
    this.db.run('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)', [key, value]);
  }
}
