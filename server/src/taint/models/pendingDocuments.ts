/**
 * Documents that are not compiled before somebody comes to what they describe: most programs use few of the packages that there are models of. What a document says of
 * its packages and types is reached through a package's name or through another document that names one of the types. All documents that have a say in one type, or
 * speak of one package, are compiled together and in their order, so that when that happens never shows.
 */
export class PendingDocuments {
  /** By what leads to them. */
  private readonly byKey = new Map<string, Pending[]>();
  private queue: Pending[] = [];

  /** `compile` may say that it wants others. */
  constructor(private readonly compile: (index: number) => void) {}

  /** The document with this number is compiled when one of the keys is wanted. */
  wait(index: number, keys: readonly string[]): void {
    const pending: Pending = { index, keys, isWanted: false };
    for (const key of keys) {
      const others = this.byKey.get(key);
      if (others === undefined) this.byKey.set(key, [pending]);
      else others.push(pending);
    }
  }

  /** They are compiled by the next `settle`, and whatever they want themselves. */
  want(key: string): void {
    const found = this.byKey.get(key);
    if (found === undefined) return;
    this.byKey.delete(key);
    for (const pending of found) {
      if (pending.isWanted) continue;
      pending.isWanted = true;
      this.queue.push(pending);
      for (const other of pending.keys) this.want(other);
    }
  }

  settle(): void {
    while (this.queue.length > 0) {
      const wanted = this.queue.sort((a, b) => a.index - b.index);
      this.queue = [];
      for (const { index } of wanted) this.compile(index);
    }
  }
}

interface Pending {
  readonly index: number;
  readonly keys: readonly string[];
  isWanted: boolean;
}
