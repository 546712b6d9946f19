/** A checksum worker: compares a stored index with its checksums while the program that opens it is loaded, and ends. */
import { workerData } from 'node:worker_threads';
import { verifyFile } from './store/checkpoint';
import type { ChecksumTask } from './store/checksumThread';

const { path, port } = workerData as ChecksumTask;
void verifyFile(path)
  .then((verdict) => {
    port.postMessage(verdict);
  })
  .finally(() => {
    port.close();
  });
