/**
 * The process that is killed: it brings a random project to disk, indexes it, edits it, and says on standard output what it is about to write and what
 * the analysis has taken in. It may also be told to kill itself in the middle of one of its own accesses to the storage folder.
 *
 *     node crashDriver.js '{"folder": …}'       see `CrashTask`
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openAnalysis } from '../../server/src/pipeline';
import type { ExtractionOptions, ExtractionRequest, Extractor } from '../../server/src/pipeline/extraction';
import { ExtractionPool } from '../../server/src/pipeline/extractionPool';
import { EDITS } from '../property/edits';
import { makeProgram, textOf, type ProgramModel } from '../property/programs';
import { randomNumbers } from '../unit/pipeline/randomNumbers';
import { SETTINGS } from '../unit/pipeline/settings';
import { KEPT, type CrashReport, type CrashTask } from './crashTask';

const task = JSON.parse(process.argv[2] ?? '{}') as CrashTask;
const { writeSync } = fs;
const say = (report: CrashReport): void => void writeSync(1, `${JSON.stringify(report)}\n`);
const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment to arrive, in which nothing more must happen.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  throw new Error('unreachable');
};

/** Kills this process at the access of the task's kind and number, half of what was to be written being written. */
function armTrap({ kind, number }: NonNullable<CrashTask['trap']>): void {
  let seen = 0;
  const isDue = (which: string): boolean => which === kind && ++seen === number;
  const { ftruncateSync, rmSync, linkSync } = fs;
  const patch: Partial<typeof fs> = {
    writeSync: ((descriptor: number, bytes: Uint8Array, from: number, length: number, position: number) => {
      if (!isDue('append')) return writeSync(descriptor, bytes, from, length, position);
      writeSync(descriptor, bytes, from, length >> 1, position);
      return die();
    }) as typeof fs.writeSync,
    ftruncateSync: (descriptor, length) => {
      if (isDue('truncate')) die();
      ftruncateSync(descriptor, length);
    },
    rmSync: (path, options) => {
      if (String(path).includes('.journal') && isDue('remove')) die();
      rmSync(path, options);
    },
    linkSync: (from, to) => {
      if (isDue('lock')) die();
      linkSync(from, to);
    },
  };
  Object.assign(fs, patch);
  const { open, rename } = fsPromises;
  fsPromises.rename = async (from, to) => {
    if (isDue('rename')) die();
    await rename(from, to);
    if (isDue('renamed')) die();
  };
  fsPromises.open = async (...parameters) => {
    const handle = await open(...parameters);
    const [writeFile, sync] = [handle.writeFile.bind(handle), handle.sync.bind(handle)];
    handle.writeFile = async (data, options) => {
      if (!isDue('checkpoint')) return writeFile(data, options);
      if (ArrayBuffer.isView(data)) await handle.write(Buffer.from(data.buffer, data.byteOffset, data.byteLength >> 1));
      return die();
    };
    handle.sync = async () => {
      if (isDue('sync')) die();
      await sync();
    };
    return handle;
  };
}

/** A project whose state is a function of the seed and the number of edits. */
class Editing {
  private readonly random: (below: number) => number;
  private program: ProgramModel;
  private usesAliases = false;

  constructor(seed: number, files: number) {
    this.random = randomNumbers(seed);
    this.program = makeProgram(this.random, files);
  }

  edit(): void {
    // Writes all files anew.
    if (this.random(12) === 0) this.usesAliases = !this.usesAliases;
    const names = Object.keys(EDITS);
    for (let i = this.random(3); i >= 0; i--) {
      this.program = EDITS[names[this.random(names.length)]](this.program, this.random);
    }
  }

  /** Brings the disk in line; gives the paths that changed, with the hash of what is there now. */
  write(): Record<string, string | null> {
    const wanted = new Map<string, string>([[KEPT.path, KEPT.text]]);
    for (const file of this.program.values()) wanted.set(file.path, textOf(file, this.usesAliases));
    wanted.set(
      'tsconfig.json',
      this.usesAliases
        ? '{"compilerOptions": {"baseUrl": ".", "paths": {"@lib/*": ["lib/*"]}, "allowJs": true}}'
        : '{}',
    );
    const changed: Record<string, string | null> = {};
    for (const name of fs.readdirSync(task.folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(task.folder, name);
      if (fs.statSync(path).isFile() && !wanted.has(name)) changed[path] = null;
    }
    for (const [name, text] of wanted) {
      const path = join(task.folder, name);
      if (!fs.existsSync(path) || fs.readFileSync(path, 'utf8') !== text) changed[path] = hashOf(text);
    }
    say({ kind: 'writing', files: changed });
    for (const [path, hash] of Object.entries(changed)) if (hash === null) fs.rmSync(path);
    for (const [name, text] of wanted) {
      const path = join(task.folder, name);
      if (!(path in changed)) continue;
      fs.mkdirSync(dirname(path), { recursive: true });
      fs.writeFileSync(path, text);
    }
    return changed;
  }
}

/** Gives the results of each file as a batch of its own when the task wants many commits. */
class SmallBatches implements Extractor {
  constructor(private readonly pool: Extractor) {}

  get parallelism(): number {
    return this.pool.parallelism;
  }

  warmUp(): void {
    this.pool.warmUp();
  }

  async *extract(
    requests: readonly ExtractionRequest[],
    options?: ExtractionOptions,
  ): ReturnType<Extractor['extract']> {
    for await (const results of this.pool.extract(requests, options)) for (const result of results) yield [result];
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

async function main(): Promise<void> {
  const editing = new Editing(task.seed, task.files);
  for (let i = 0; i < task.skip; i++) editing.edit();
  const atFirst = editing.write();
  if (task.trap !== undefined) armTrap(task.trap);
  const extractor = new SmallBatches(new ExtractionPool({ workerFile: join(task.dist, 'extractWorker.js'), size: 1 }));
  const note = (message: string): void => say({ kind: 'problem', message });
  const analysis = await openAnalysis({
    roots: [task.folder],
    storage: task.storage,
    settings: SETTINGS,
    models: JSON.parse(fs.readFileSync(join(task.dist, 'models.json'), 'utf8')) as {
      name: string;
      document: unknown;
    }[],
    log: { error: note, warn: note, info: () => undefined, debug: () => undefined },
    wasmPath: join(task.dist, 'sql-wasm.wasm'),
    extractor,
  });
  say({ kind: 'opened' });
  await analysis.scan({
    onProgress: ({ stage, done, total }) => {
      if (stage === 'extract') say({ kind: 'extracted', done, total });
    },
  });
  say({ kind: 'committed', files: atFirst });
  await analysis.idle();
  say({ kind: 'idle' });
  const random = randomNumbers(task.seed + task.skip);
  for (let edit = 0; edit < task.edits; edit++) {
    editing.edit();
    const changed = editing.write();
    say({ kind: 'edited' });
    if (random(25) === 0) {
      say({ kind: 'rebuilding' });
      await analysis.rebuild({});
    } else await analysis.update(Object.keys(changed));
    say({ kind: 'committed', files: changed });
    if (random(6) === 0) {
      await analysis.idle();
      say({ kind: 'idle' });
    }
  }
  await analysis.close();
  await extractor.close();
}

void main();
