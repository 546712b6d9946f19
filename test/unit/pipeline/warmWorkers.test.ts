/** Workers that were let go of for a large first index are there again, with their code compiled, when a file is saved. */
import { afterEach, expect, it, vi } from 'vitest';
import { extractText } from '../../../server/src/pipeline/extractText';
import { fileExtractor } from '../../../server/src/pipeline/extractFile';
import type { ExtractionRequest, ExtractionResult, Extractor } from '../../../server/src/pipeline/extraction';
import { InlineExtractor } from '../../../server/src/pipeline/inlineExtractor';
import { readRequest } from '../../../server/src/pipeline/readRequest';
import { WarmWorkers } from '../../../server/src/pipeline/warmWorkers';
import { expectClean, findingsIn, Project } from './project';

const FILES = 12;

let project: Project | undefined;

afterEach(async () => {
  vi.restoreAllMocks();
  await project?.remove();
  project = undefined;
});

/** Notes what it is told, and which files it is given. */
class NotingExtractor implements Extractor {
  readonly parallelism = 2;
  readonly told: string[] = [];
  readonly #inline = new InlineExtractor(fileExtractor(readRequest, extractText));

  warmUp(): void {
    this.told.push('warm up');
  }

  rest(): void {
    this.told.push('rest');
  }

  extract(requests: readonly ExtractionRequest[]): AsyncIterable<readonly ExtractionResult[]> {
    for (const { path } of requests) this.told.push(path);
    return this.#inline.extract(requests);
  }

  close(): Promise<void> {
    return this.#inline.close();
  }
}

const FILES_WITH_FLOWS = Object.fromEntries(
  Array.from({ length: FILES }, (_, n) => [
    `part${String(n)}.js`,
    `require('express')().get('/', (req) => eval(req.query.a${String(n)}));`,
  ]),
);

async function openWith(
  extractor: NotingExtractor,
  workerLimit: number,
): Promise<readonly [Project, Awaited<ReturnType<Project['open']>>]> {
  const opened = (project = new Project(extractor));
  opened.workerLimit = workerLimit;
  opened.write(FILES_WITH_FLOWS);
  return [opened, await opened.open()];
}

it('replaces them in the pause after it, and once', async () => {
  vi.spyOn(process.memoryUsage, 'rss').mockReturnValue(0);
  const extractor = new NotingExtractor();
  const [opened, analysis] = await openWith(extractor, FILES);
  await analysis.scan({});
  expect(extractor.told.indexOf('rest')).toBe(FILES);
  expect(extractor.told).toHaveLength(FILES + 1);
  const paths = extractor.told.slice(0, FILES);
  await analysis.idle();
  expect(
    extractor.told
      .splice(0)
      .slice(FILES + 1)
      .sort(),
  ).toEqual(paths.sort());
  await analysis.idle();
  expect(extractor.told).toEqual([]);
  expect(findingsIn(analysis)).toHaveLength(FILES);
  await expectClean(opened, analysis, 'after the pause');
});

it('keeps those of a smaller one', async () => {
  const extractor = new NotingExtractor();
  const [, analysis] = await openWith(extractor, FILES + 1);
  await analysis.scan({});
  await analysis.idle();
  expect(extractor.told).toHaveLength(FILES);
});

const manifest = Array.from({ length: FILES }, (_, n) => ({
  id: n as never,
  root: '/nowhere',
  path: `part${String(n)}.js`,
  hash: '',
  mtime: 0,
  size: n === 0 ? 1 << 20 : 100,
  dialect: 'js' as const,
  state: n === 1 ? ('failed' as const) : ('indexed' as const),
  reason: n === 1 ? 'It failed.' : '',
}));

it('waits for room, takes files that cost little, and lets an update in between', async () => {
  const extractor = new NotingExtractor();
  let room = 0;
  const workers = new WarmWorkers({
    extractor,
    manifest: () => manifest,
    from: FILES,
    hasRoom: (bytes) => bytes <= room,
  });
  await workers.replace(() => false);
  workers.rest(FILES - 1);
  expect(extractor.told).toEqual([]);
  workers.rest(FILES);
  await workers.replace(() => false);
  expect(extractor.told.splice(0)).toEqual(['rest']);
  room = Infinity;
  let looks = 0;
  await workers.replace(() => ++looks > 1);
  expect(extractor.told.splice(0)).toHaveLength(8);
  await workers.replace(() => false);
  expect(extractor.told).toEqual(['/nowhere/part10.js', '/nowhere/part11.js']);
});

it('replaces as many as there is room for', async () => {
  const extractor = new NotingExtractor();
  const workers = new WarmWorkers({ extractor, manifest: () => manifest, from: 1, hasRoom: (bytes) => bytes < 2e8 });
  workers.rest(FILES);
  let looks = 0;
  await workers.replace(() => ++looks > 1);
  // A worker at a time has four files.
  expect(extractor.told).toHaveLength(1 + 4);
});
