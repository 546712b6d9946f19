/**
 * Processes that want one lock: `lockDriver.js referee PATH PROCESSES MILLISECONDS` starts them and counts how often two had it, `… contend PATH
 * MILLISECONDS SEED` is one of them, and `… thread PATH` takes it over from a thread of its own.
 */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { Lock } from '../../server/src/store/lock';
import { randomNumbers } from '../unit/pipeline/randomNumbers';

/** Takes the lock as often as it can; sometimes dies with it. */
async function contend(path: string, milliseconds: number, seed: number): Promise<void> {
  const random = randomNumbers(seed);
  const witness = `${path}.witness`;
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    const lock = Lock.take(path);
    if (!(lock instanceof Lock)) {
      await sleep(random(4));
      continue;
    }
    try {
      writeFileSync(witness, '', { flag: 'wx' });
    } catch {
      process.stdout.write('both\n');
    }
    await sleep(random(6));
    if (!lock.isHeld) process.stdout.write('both\n');
    rmSync(witness, { force: true });
    process.stdout.write('taken\n');
    if (random(4) === 0) process.kill(process.pid, 'SIGKILL');
    lock.release();
  }
}

async function referee(path: string, processes: number, milliseconds: number): Promise<void> {
  const seen = { taken: 0, died: 0, both: 0 };
  const end = performance.now() + milliseconds;
  let seed = 1;
  const run = (): Promise<void> =>
    new Promise((resolve) => {
      const left = String(Math.max(0, Math.round(end - performance.now())));
      const child = spawn(process.execPath, [process.argv[1], 'contend', path, left, String(seed++)]);
      child.stdout.on('data', (data: Buffer) => {
        for (const word of data.toString().split('\n')) if (word === 'taken' || word === 'both') seen[word]++;
      });
      child.stderr.pipe(process.stderr);
      child.on('close', (_, signal) => {
        if (signal !== null) seen.died++;
        resolve(performance.now() < end ? run() : undefined);
      });
    });
  await Promise.all(Array.from({ length: processes }, run));
  process.stdout.write(JSON.stringify(seen));
}

async function takeOverFromThread(path: string): Promise<void> {
  const worker = new Worker(process.argv[1], { workerData: path });
  await new Promise((resolve) => worker.once('message', resolve));
  await worker.terminate();
  const lock = Lock.take(path);
  if (lock instanceof Lock) process.stdout.write('taken by the thread, then by the process\n');
}

async function main(): Promise<void> {
  const [role, path = '', first = '', second = ''] = process.argv.slice(2);
  if (role === 'contend') await contend(path, Number(first), Number(second));
  if (role === 'referee') await referee(path, Number(first), Number(second));
  if (role === 'thread') await takeOverFromThread(path);
}

if (isMainThread) void main();
else {
  const lock = Lock.take(workerData as string);
  // Lives on, with the lock, until it is ended.
  setInterval(() => parentPort?.postMessage(lock instanceof Lock), 10);
}
