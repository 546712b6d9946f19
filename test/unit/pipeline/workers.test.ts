/** Who extracts a file, and when the facts arrive, makes no difference; and a file that ends its worker costs itself and nothing else. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ExtractionRequest, ExtractionResult, Extractor } from '../../../server/src/pipeline/extraction';
import { ExtractionPool } from '../../../server/src/pipeline/extractionPool';
import { extractText } from '../../../server/src/pipeline/extractText';
import { fileExtractor } from '../../../server/src/pipeline/extractFile';
import { InlineExtractor } from '../../../server/src/pipeline/inlineExtractor';
import { readRequest } from '../../../server/src/pipeline/readRequest';
import { makeProgram, textOf } from '../../property/programs';
import { expectClean, Project, randomNumbers, wholeDump } from './project';

const root = resolve(import.meta.dirname, '../../..');
const FILES = 12;

let folder: string;
let project: Project | undefined;
let pool: ExtractionPool | undefined;

beforeAll(async () => {
  // Below the repository, from where packages are found.
  mkdirSync(join(root, 'dist-test'), { recursive: true });
  folder = mkdtempSync(join(root, 'dist-test/workers-'));
  const tool = pathToFileURL(join(root, 'server/tools/typescriptParser.mjs')).href;
  const { typescriptParser } = (await import(tool)) as { readonly typescriptParser: Plugin };
  await build({
    absWorkingDir: root,
    entryPoints: ['server/src/extractWorker.ts', 'test/unit/pipeline/faultyExtractWorker.ts'],
    outdir: folder,
    entryNames: '[name]',
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'silent',
    plugins: [typescriptParser],
  });
});
afterEach(async () => {
  await project?.remove();
  await pool?.close();
  project = pool = undefined;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function open(extractor?: Extractor): Project {
  project = new Project(extractor);
  const program = makeProgram(randomNumbers(45), FILES);
  project.write({
    'package.json': '{"name": "program"}',
    'lib/package.json': '{"name": "library"}',
    ...Object.fromEntries(Array.from(program, ([path, file]) => [path, textOf(file, false)])),
  });
  return project;
}

/** Delivers the results in any order, a few at a time. */
class ShuffledExtractor implements Extractor {
  readonly parallelism = 4;
  seed = 0;
  readonly #extractFile = fileExtractor(readRequest, extractText);

  warmUp(): void {
    // Nothing takes time to start.
  }

  async *extract(requests: readonly ExtractionRequest[]): AsyncGenerator<readonly ExtractionResult[]> {
    const random = randomNumbers(this.seed);
    const left = [...requests];
    while (left.length > 0) {
      const batch: ExtractionRequest[] = [];
      for (let n = 1 + random(5); n > 0 && left.length > 0; n--) batch.push(...left.splice(random(left.length), 1));
      await Promise.resolve();
      yield batch.map((request) => this.#extractFile(request));
    }
  }

  async close(): Promise<void> {
    // Nothing to release.
  }
}

/** Another one each time. */
class LentExtractor implements Extractor {
  readonly parallelism = 1;
  extractor: Extractor = new InlineExtractor(fileExtractor(readRequest, extractText));

  warmUp(): void {
    this.extractor.warmUp();
  }

  extract(...parameters: Parameters<Extractor['extract']>): ReturnType<Extractor['extract']> {
    return this.extractor.extract(...parameters);
  }

  close(): Promise<void> {
    return this.extractor.close();
  }
}

describe('a first index', () => {
  it('is the same in any order of arrival', async () => {
    const shuffled = new ShuffledExtractor();
    const files = open(shuffled);
    const dumps = new Set<string>();
    const analysis = await files.open();
    for (shuffled.seed = 0; shuffled.seed < 50; shuffled.seed++) {
      // From nothing each time.
      await analysis.rebuild({});
      expect(analysis.allFindings().length).toBeGreaterThan(0);
      dumps.add((await wholeDump(analysis)).join('\n'));
    }
    expect(dumps.size).toBe(1);
  });

  it('is the same with one, two and four workers, and in the calling thread', async () => {
    const lent = new LentExtractor();
    const files = open(lent);
    const dumps = new Set<string>();
    for (const size of [0, 1, 2, 4]) {
      pool = new ExtractionPool({ workerFile: join(folder, 'extractWorker.js'), size });
      if (size > 0) lent.extractor = pool;
      const analysis = await files.open();
      await analysis.scan({});
      expect(analysis.fileCounts().indexed).toBe(FILES);
      dumps.add((await wholeDump(analysis)).join('\n'));
      await analysis.close();
      await pool.close();
    }
    expect(dumps.size).toBe(1);
  });
});

describe('a file that its worker', () => {
  it.each([
    ['exit', 'the analysis of this file crashed: the worker ended unexpectedly'],
    ['hang', 'the analysis of this file took longer than 0.5 s'],
    ['exhaust', 'the analysis of this file ran out of memory (the limit is 64 MB)'],
  ])('does not survive (%s) is told as failed, and tried again when it changes', async (fault, reason) => {
    const workerFile = join(folder, 'faultyExtractWorker.js');
    const limits = fault === 'hang' ? { fileTimeoutMs: 500 } : { memoryLimitMb: 64 };
    pool = new ExtractionPool({ workerFile, size: 2, ...limits });
    const files = open(pool);
    const text = `// ${fault}\nrequire('express')().get('/', (req) => eval(req.query.code));\n`;
    files.write({ 'faulty.js': text, 'lib/use.js': "require('../faulty');" });
    const analysis = await files.open({}, files.path('.index'));
    const path = files.path('faulty.js');
    const update = await analysis.scan({});
    expect(update.failed).toEqual([{ path, reason }]);
    expect(analysis.statusOf(path)).toMatchObject({ state: 'failed', reason });
    expect(analysis.statuses().filter(({ state }) => state === 'failed')).toHaveLength(1);
    expect(analysis.fileCounts()).toMatchObject({ indexed: FILES + 1, failed: 1 });
    // All others are as if that file had no facts, and it is left alone until it changes.
    const again = await analysis.scan({});
    expect(again).toMatchObject({ failed: [], indexed: [] });
    files.write({ 'faulty.js': text.replace(`// ${fault}`, '// mended') });
    expect(await analysis.update([path])).toMatchObject({ failed: [], indexed: [path] });
    expect(analysis.statusOf(path)).toMatchObject({ state: 'indexed' });
    expect(analysis.findingsOf(path)).toHaveLength(1);
    await expectClean(files, analysis, 'mended');
    expect(files.problems).toEqual([]);
  });
});
