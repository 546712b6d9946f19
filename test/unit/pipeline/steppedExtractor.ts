/** Stands in for the pool of workers: extracts in the calling thread, a few files at a time, and calls back between. */
import type { ExtractionOptions, ExtractionRequest, Extractor } from '../../../server/src/pipeline/extraction';
import { extractText } from '../../../server/src/pipeline/extractText';
import { fileExtractor } from '../../../server/src/pipeline/extractFile';
import { readRequest } from '../../../server/src/pipeline/readRequest';

export class SteppedExtractor implements Extractor {
  readonly parallelism = 1;
  batchSize = 3;
  between: (batch: number) => void | Promise<void> = () => undefined;
  readonly #extractFile = fileExtractor(readRequest, extractText);

  warmUp(): void {
    // Nothing takes time to start.
  }

  async *extract(
    requests: readonly ExtractionRequest[],
    { token }: ExtractionOptions = {},
  ): ReturnType<Extractor['extract']> {
    for (let from = 0; from < requests.length; from += this.batchSize) {
      await this.between(from / this.batchSize);
      if (token?.isCancelled === true) return;
      yield requests.slice(from, from + this.batchSize).map((request) => this.#extractFile(request));
    }
  }

  async close(): Promise<void> {
    // Nothing to release.
  }
}
