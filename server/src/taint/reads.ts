/** What one analysis asked of others on its way: which answers it got, by their hash, and where nobody had anything to tell. */
import type { FunctionId } from '../model/ids';
import type { QuestionId } from './questions';
import type { Root } from './references';

export class Reads {
  /** Hashes of answers as they were first read; empty where there was none yet. */
  readonly hashes = new Map<QuestionId, string>();
  /** Captured variables that something comes to. */
  readonly activated = new Set<Root>();
  /** By root those who were asked about it and had never been asked before. */
  private readonly inVain = new Map<Root, FunctionId[]>();

  /** Takes over what is known to have been asked, whatever the answers were. */
  static of(questions: Iterable<QuestionId>, activated: Iterable<Root>): Reads {
    const reads = new Reads();
    for (const cell of activated) reads.activated.add(cell);
    for (const question of questions) reads.hashes.set(question, '');
    return reads;
  }

  noteInVain(callee: FunctionId, root: Root): void {
    const callees = this.inVain.get(root);
    if (callees === undefined) this.inVain.set(root, [callee]);
    else callees.push(callee);
  }

  isInVain(callee: FunctionId, root: Root): boolean {
    return this.inVain.get(root)?.includes(callee) === true;
  }
}
