/**
 * An extraction worker: reads files, parses and walks them, and sends packed facts back. Started by `ExtractionPool`;
 * several of them run side by side and share nothing.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { fileExtractor } from './pipeline/extractFile';
import { extractText } from './pipeline/extractText';
import { serveExtraction, type ExtractionWorkerData } from './pipeline/extractionMessages';
import { readRequest } from './pipeline/readRequest';
import { Rehearsal } from './pipeline/rehearsal';

if (parentPort === null) throw new Error('extractWorker.js is a worker thread; the extraction pool starts it');
const extractFile = fileExtractor(readRequest, extractText);
serveExtraction(parentPort, workerData as ExtractionWorkerData, extractFile, new Rehearsal(extractFile));
