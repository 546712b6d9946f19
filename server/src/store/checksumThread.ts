/**
 * Compares a large checkpoint with its checksums on a thread of its own, which begins as soon as a process knows where the index lies, beside all that
 * comes before the index is needed. Until it is open, another process may put another file in its place: what
 * was found counts for the very file that was looked at.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { CHECKPOINT, identityOf, verifyChunks, type Verdict, type VerifyChunks } from './checkpoint';

/** Bytes from which on a thread is worth starting. */
const LARGE = 64 * 1024 * 1024;

/** What a checksum thread is started with. */
export interface ChecksumTask {
  /** The file. */
  readonly path: string;
  /** Gets the `Verdict`, or undefined; and is closed. */
  readonly port: MessagePort;
}

/**
 * Starts to compare the index in a storage folder; `script` is the bundle of `checksumWorker.ts`. Returns what `verdictFrom` takes, on whatever thread, or undefined
 * where there is no index that is `large`.
 */
export function startVerifying(script: string, storage: string, large = LARGE): MessagePort | undefined {
  const path = join(storage, CHECKPOINT);
  const bytes = sizeOf(path);
  if (bytes === undefined || bytes < large) return undefined;
  const { port1, port2 } = new MessageChannel();
  const workerData: ChecksumTask = { path, port: port1 };
  const worker = new Worker(script, { name: 'tributary-checksums', workerData, transferList: [port1] });
  // Its end closes the port. Whoever opens the index compares for itself then, and tells what is wrong.
  worker.once('error', () => undefined);
  worker.unref();
  return port2;
}

/** Undefined where there is none, or none that can be looked at: who opens the index tells why. */
function sizeOf(path: string): number | undefined {
  try {
    return statSync(path).size;
  } catch {
    return undefined;
  }
}

/** Takes the answer of a thread that was started, and compares on this one where it did not look at the same file, or did not answer. */
export function verdictFrom(port: MessagePort): VerifyChunks {
  // It may have answered long before somebody asks.
  const answer = new Promise<Verdict | undefined>((resolve) => {
    port.once('message', resolve);
    port.once('close', () => {
      resolve(undefined);
    });
  });
  port.unref();
  return async (stored) => {
    port.ref();
    try {
      const verdict = await answer;
      if (verdict?.identity === identityOf(stored.descriptor)) return verdict.isEqual;
    } finally {
      port.close();
    }
    return verifyChunks(stored);
  };
}
