/** A first index by a real process that is killed, several times in a row: each start goes on, and the end is what a clean index is. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeProgram, textOf } from '../property/programs';
import { expectClean, Project, randomNumbers } from '../unit/pipeline/project';
import { buildCommandLine } from './buildCommandLine';

const FILES = 160;
/** Makes texts large enough for several batches. */
const PADDING = '// some words that say nothing\n'.repeat(130);

let dist: string;
let storage: string;

beforeAll(async () => {
  dist = await buildCommandLine();
  storage = mkdtempSync(join(tmpdir(), 'tributary-killed-'));
});
afterAll(() => {
  for (const folder of [dist, storage]) rmSync(folder, { recursive: true, force: true });
});

function journalBytes(): number {
  if (!existsSync(storage)) return 0;
  const journals = readdirSync(storage).filter((name) => name.endsWith('.journal'));
  return journals.reduce((sum, name) => sum + statSync(join(storage, name)).size, 0);
}

/** Kills it as soon as its journal has so many bytes; true when it had come to its end before. */
async function indexUntil(folder: string, bytes: number): Promise<boolean> {
  const child = spawn(process.execPath, [join(dist, 'cli.js'), 'scan', folder, '--storage', storage, '--quiet'], {
    stdio: 'ignore',
  });
  const clock = setInterval(() => {
    if (journalBytes() >= bytes) child.kill('SIGKILL');
  }, 1);
  const signal = await new Promise((resolve) => child.once('exit', (_code, by) => resolve(by)));
  clearInterval(clock);
  return signal === null;
}

it('goes on where it was', async () => {
  const project = new Project();
  try {
    const random = randomNumbers(77);
    const program = makeProgram(random, FILES);
    project.write({
      'package.json': '{"name": "program"}',
      ...Object.fromEntries(Array.from(program, ([path, file]) => [path, PADDING + textOf(file, false)])),
    });
    const sizes: number[] = [];
    for (let life = 0; life < 4; life++) {
      if (await indexUntil(project.folder, (sizes.at(-1) ?? 0) + 1 + random(20_000))) break;
      sizes.push(journalBytes());
    }
    // Each life added to what was there.
    expect(sizes.length).toBeGreaterThan(1);
    expect([...sizes].sort((a, b) => a - b)).toEqual(sizes);
    const last = await project.open({}, storage);
    const { indexed, partial } = last.fileCounts();
    const known = indexed + partial;
    expect(known).toBeGreaterThan(0);
    await last.scan({});
    expect(project.extractor.paths.filter((path) => /\.(js|vue)$/.test(path))).toHaveLength(FILES - known);
    await expectClean(project, last, `killed ${String(sizes.length)} times`);
    expect(project.problems).toEqual([]);
  } finally {
    await project.remove();
  }
});
