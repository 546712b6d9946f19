/** Compares a large checkpoint with its checksums on a thread of its own, so that opening it goes on meanwhile. */
import { Worker } from 'node:worker_threads';
import { verifyChunks, type StoredChunks, type VerifyChunks } from './checkpoint';

/** Bytes from which on a thread is worth starting. */
const LARGE = 64 * 1024 * 1024;

/** `script` is the bundle of `checksumWorker.ts`. */
export function verifyOnThread(script: string, large = LARGE): VerifyChunks {
  return async (stored) => {
    if (stored.bytes < large) return verifyChunks(stored);
    // A thread that can't run says nothing about the index.
    return (await answerOf(script, stored)) ?? verifyChunks(stored);
  };
}

/** Undefined where the thread ended without one. */
function answerOf(script: string, stored: StoredChunks): Promise<boolean | undefined> {
  return new Promise((resolve) => {
    const worker = new Worker(script, { name: 'tributary-checksums', workerData: stored });
    worker.once('message', resolve);
    // What went wrong there goes wrong here again, where it is told.
    worker.once('error', () => {
      resolve(undefined);
    });
    worker.once('exit', () => {
      resolve(undefined);
    });
  });
}
