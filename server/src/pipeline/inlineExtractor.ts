/**
 * Extraction in the calling thread: for the open document of an edit, where handing the text to a worker would cost
 * more than it saves, and for tests.
 */
import type { ExtractFile } from './extractFile';
import type { ExtractionOptions, ExtractionRequest, ExtractionResult, Extractor } from './extraction';

/** Files extracted between two looks at the cancellation token and the event loop. */
const FILES_PER_BATCH = 8;

export class InlineExtractor implements Extractor {
  readonly parallelism = 1;

  constructor(private readonly extractFile: ExtractFile) {}

  warmUp(): void {
    // Nothing takes time to start.
  }

  /** One file, at once. */
  extractNow(request: ExtractionRequest): ExtractionResult {
    return this.extractFile(request);
  }

  async *extract(
    requests: readonly ExtractionRequest[],
    { token }: ExtractionOptions = {},
  ): AsyncGenerator<readonly ExtractionResult[]> {
    for (let from = 0; from < requests.length; from += FILES_PER_BATCH) {
      if (token?.isCancelled) return;
      yield requests.slice(from, from + FILES_PER_BATCH).map(this.extractFile);
      await new Promise(setImmediate);
    }
  }

  async close(): Promise<void> {
    // Nothing to release.
  }
}
