/** An extraction worker like the product's, except that a text may say what happens to its worker: `// exit`, `// hang` or `// exhaust` in the first line. */
import { parentPort, workerData } from 'node:worker_threads';
import { fileExtractor } from '../../../server/src/pipeline/extractFile';
import { extractText } from '../../../server/src/pipeline/extractText';
import { serveExtraction, type ExtractionWorkerData } from '../../../server/src/pipeline/extractionMessages';
import { readRequest } from '../../../server/src/pipeline/readRequest';

const extractFile = fileExtractor(readRequest, (text, dialect) => {
  if (text.startsWith('// exit')) process.exit(3);
  if (text.startsWith('// hang')) for (;;);
  if (text.startsWith('// exhaust')) {
    const kept: string[][] = [];
    for (let i = 0; ; i++) kept.push(Array.from({ length: 1000 }, (_, n) => `${String(i)}.${String(n)}`));
  }
  return extractText(text, dialect);
});

if (parentPort !== null) serveExtraction(parentPort, workerData as ExtractionWorkerData, extractFile);
