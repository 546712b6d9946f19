/** A checksum worker: compares a stored index with its checksums while the thread that opens it does something else, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { verifyChunks, type StoredChunks } from './store/checkpoint';

const port = parentPort;
if (port === null) throw new Error('checksumWorker.js is a worker thread; who opens an index starts it');
void verifyChunks(workerData as StoredChunks).then((isEqual) => {
  port.postMessage(isEqual);
});
