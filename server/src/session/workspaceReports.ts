/**
 * What a pulling client may be showing of files although its requests do not say so. Clients take the diagnostics of a
 * document they are asking about from that request alone: a workspace report on it that arrives meanwhile is dropped,
 * though its result id is kept. And when the tab goes, the answer to the last request and the result id go with it, but
 * what is shown stays. So an id that a client sends proves nothing of such files, and neither does a missing one.
 */
export class WorkspaceReports {
  /** Files that a report with diagnostics was sent of since the last workspace report without. */
  readonly #mayBeShown = new Set<string>();
  /** Documents that were asked about since the present workspace request came. */
  readonly #asked = new Set<string>();
  /** Files in the answer to the present workspace request. */
  readonly #reported = new Set<string>();

  readonly #waiting = new Set<() => void>();

  /** A document was closed: what is said only of open ones is to be taken back. */
  closed(): void {
    for (const listener of this.#waiting) listener();
  }

  /** Calls the listener at each close, until the returned function is called. */
  onClosed(listener: () => void): () => void {
    this.#waiting.add(listener);
    return () => this.#waiting.delete(listener);
  }

  /** A document request comes, or ends without an answer. */
  asked(path: string): void {
    this.#asked.add(path);
  }

  /** A document request is answered with so many diagnostics. The client may drop them. */
  answered(path: string, diagnostics: number): void {
    this.#asked.add(path);
    if (diagnostics > 0) this.#mayBeShown.add(path);
  }

  /** The next workspace request is here. Returns the files of the last answer that the client may have dropped. */
  begin(): ReadonlySet<string> {
    const dropped = new Set([...this.#reported].filter((path) => this.#asked.has(path)));
    this.#asked.clear();
    this.#reported.clear();
    return dropped;
  }

  reported(path: string, diagnostics: number): void {
    this.#reported.add(path);
    if (diagnostics > 0) this.#mayBeShown.add(path);
    else this.#mayBeShown.delete(path);
  }

  /** Files that something may be shown of. */
  get shown(): ReadonlySet<string> {
    return this.#mayBeShown;
  }
}
