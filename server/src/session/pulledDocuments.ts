/**
 * Which open documents a pulling client has asked about, and what it was given: tells when it has to be asked to pull
 * again because another file's edit changed them.
 */
export class PulledDocuments {
  readonly #served = new Map<string, string>();
  readonly #held = new Map<string, number>();

  /** A request for the document waits for the analysis; it will get the new result by itself. Returns the release. */
  hold(path: string): () => void {
    this.#held.set(path, (this.#held.get(path) ?? 0) + 1);
    return () => {
      const left = (this.#held.get(path) ?? 1) - 1;
      if (left > 0) this.#held.set(path, left);
      else this.#held.delete(path);
    };
  }

  served(path: string, resultId: string): void {
    this.#served.set(path, resultId);
  }

  forget(path: string): void {
    this.#served.delete(path);
  }

  /**
   * True when some document was served something else than `current` gives and nobody waits for it. Says so once for
   * each new result: a document without a tab is not asked about again.
   */
  isOutdated(current: (path: string) => string): boolean {
    let isOutdated = false;
    for (const [path, resultId] of this.#served) {
      if (this.#held.has(path)) continue;
      const now = current(path);
      if (now === resultId) continue;
      this.#served.set(path, now);
      isOutdated = true;
    }
    return isOutdated;
  }
}
