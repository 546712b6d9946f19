/**
 * Loaded into every thread of a measured process (`node --expose-gc --import …`): when the process gets SIGUSR2, each thread collects its garbage and tells
 * what it still holds, and the main thread writes the sum as a line to the file that `TRIBUTARY_MEASURE` names.
 */
import { appendFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const channel = new BroadcastChannel('tributary measure');
channel.unref();

function hold() {
  globalThis.gc();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { heapUsed, external, arrayBuffers };
}

if (isMainThread) {
  let parts = [];
  channel.onmessage = ({ data }) => {
    if (data !== 'measure') parts.push(data);
  };
  process.on('SIGUSR2', () => {
    parts = [hold()];
    channel.postMessage('measure');
    // Threads that are busy answer when they are done; who measures does so when nothing is going on.
    setTimeout(() => {
      const sum = (of) => parts.reduce((total, part) => total + part[of], 0);
      const line = { threads: parts.length, heapUsed: sum('heapUsed'), external: sum('external') };
      appendFileSync(process.env.TRIBUTARY_MEASURE, `${JSON.stringify({ ...line, rss: process.memoryUsage.rss() })}\n`);
    }, 5_000);
  });
} else {
  channel.onmessage = ({ data }) => {
    if (data === 'measure') channel.postMessage(hold());
  };
}
