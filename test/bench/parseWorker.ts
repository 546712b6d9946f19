/** A worker that reads and parses, and produces nothing: the yardstick. The same parser and protocol as the product's worker. */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { parseJavaScript } from '../../server/src/parse/javascript';
import { serveExtraction, type ExtractionWorkerData } from '../../server/src/pipeline/extractionMessages';

if (parentPort !== null) {
  serveExtraction(parentPort, workerData as ExtractionWorkerData, ({ id, path, dialect }) => {
    parseJavaScript(readFileSync(path, 'utf8'), dialect);
    return { id, state: 'missing' };
  });
}
