/** A first index that is cut off, cancelled, or left for a while: what comes of it is what a clean one has. */
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Analysis } from '../../../server/src/model/analysis';
import { FirstIndex, InterruptedError } from '../../../server/src/pipeline/firstIndex';
import { makeProgram, textOf } from '../../property/programs';
import { expectClean, findingsIn, Project, randomNumbers } from './project';
import { SteppedExtractor } from './steppedExtractor';

const FILES = 14;
const SURE = "require('express')().get('/sure', (req) => require('child_process').exec(req.query.q));\n";

let stepped: SteppedExtractor;
let project: Project;
let names: readonly string[];

beforeEach(() => {
  stepped = new SteppedExtractor();
  project = new Project(stepped);
});
afterEach(async () => {
  vi.restoreAllMocks();
  stepped.between = () => undefined;
  await project.remove();
});

function writeProgram(seed: number): void {
  const program = makeProgram(randomNumbers(seed), FILES);
  names = [...program.keys()];
  const sure = names.find((name) => name.endsWith('.js')) ?? names[0];
  project.write({
    'package.json': '{"name": "program"}',
    'lib/package.json': '{"name": "library"}',
    ...Object.fromEntries(Array.from(program, ([path, file]) => [path, textOf(file, false)])),
    // Whatever becomes of the random ones: there is a finding.
    [sure]: textOf(program.get(sure) ?? [...program.values()][0], false) + SURE,
  });
}

function solveEachFolderAhead(): void {
  project.aheadFiles = 1;
  const folders = new Set(names.map((name) => dirname(name)));
  for (const folder of folders)
    if (folder !== '.') project.write({ [`${folder}/package.json`]: `{"name": "${folder}"}` });
}

/** The index as it is on disk when the process is killed now. */
function copyAsAfterDeath(storage: string, name: string): string {
  const copy = project.path(name);
  mkdirSync(copy, { recursive: true });
  for (const file of readdirSync(storage)) if (file !== 'lock') copyFileSync(join(storage, file), join(copy, file));
  return copy;
}

const sources = (): string[] => project.extractor.paths.filter((path) => /\.(js|vue)$/.test(path));

describe('a first index that is killed', () => {
  it('after any batch goes on with the files that are missing', async () => {
    writeProgram(6);
    const storage = project.path('.index');
    const copies: string[] = [];
    stepped.between = (batch) => void copies.push(copyAsAfterDeath(storage, `.killed-${String(batch)}`));
    const first = await project.open({}, storage);
    await first.scan({});
    // The links and answers of the last are not saved yet, its files all are.
    copies.push(copyAsAfterDeath(storage, '.killed-late'));
    stepped.between = () => undefined;
    expect(findingsIn(first).length).toBeGreaterThan(0);
    for (const [batch, copy] of copies.entries()) {
      const before = sources().length;
      const second = await project.open({}, copy);
      await second.scan({});
      expect(sources().length - before, copy).toBe(Math.max(0, FILES - batch * stepped.batchSize));
      await expectClean(project, second, copy);
      // And it is an index like any other then.
      await second.close();
      const third = await project.open({}, copy);
      expect(await third.scan({})).toMatchObject({ indexed: [], relinkedFunctions: 0, summarizedFunctions: 0 });
      await third.close();
    }
    expect(project.problems).toEqual([]);
  });

  it('again and again still comes to its end', async () => {
    writeProgram(6);
    stepped.batchSize = 2;
    let storage = project.path('.index-0');
    for (let life = 0; life < FILES / 2; life++) {
      let copy = '';
      // Each life does one batch more.
      stepped.between = (batch) => {
        if (batch === 1) copy = copyAsAfterDeath(storage, `.index-${String(life + 1)}`);
      };
      const analysis = await project.open({}, storage);
      await analysis.scan({});
      await analysis.close();
      if (copy === '') break;
      storage = copy;
    }
    expect(sources().length).toBeLessThanOrEqual((FILES * (FILES / 2 + 1)) / 2);
    const last = await project.open({}, storage);
    await last.scan({});
    await expectClean(project, last, 'in its last life');
  });

  it('follows what changed on disk meanwhile', async () => {
    writeProgram(7);
    const storage = project.path('.index');
    let copy = '';
    stepped.between = (batch) => {
      if (batch === 3) copy = copyAsAfterDeath(storage, '.killed');
    };
    await (await project.open({}, storage)).scan({});
    stepped.between = () => undefined;
    project.delete(names[1]);
    project.write({ [names[2]]: 'exports.run = (text) => eval(text);', 'more.js': `require('./${names[2]}').run(1);` });
    const second = await project.open({}, copy);
    await second.scan({});
    await expectClean(project, second, 'after changes');
  });
});

describe('a first index that is cancelled', () => {
  it('keeps what was extracted, in the process and for the next', async () => {
    for (let at = 0; at < 5; at++) {
      writeProgram(8);
      const storage = project.path(`.index-${String(at)}`);
      const token = { isCancelled: false };
      stepped.between = (batch) => {
        token.isCancelled = batch === at;
      };
      const first = await project.open({}, storage);
      expect((await first.scan({ token })).cancelled).toBe(true);
      stepped.between = () => undefined;
      // Saved half done, too.
      await first.idle();
      const copy = copyAsAfterDeath(storage, `.copy-${String(at)}`);
      const before = sources().length;
      await first.scan({});
      expect(sources().length - before).toBe(FILES - at * stepped.batchSize);
      await expectClean(project, first, `cancelled at ${String(at)}`);
      const again = sources().length;
      const second = await project.open({}, copy);
      await second.scan({});
      expect(sources().length - again - FILES).toBe(FILES - at * stepped.batchSize - FILES);
      await expectClean(project, second, `cancelled at ${String(at)}, in the next process`);
    }
  });
});

describe('a first index whose packages are solved one by one', () => {
  it.each(Array.from({ length: 12 }, (_, seed) => seed))('is that of a clean run (%i)', async (seed) => {
    writeProgram(500 + seed);
    stepped.batchSize = 1;
    solveEachFolderAhead();
    const analysis = await project.open();
    const solved: number[] = [];
    stepped.between = () => void solved.push(analysis.stages().find(({ id }) => id === 'solve')?.items ?? 0);
    const { summarizedFunctions } = await analysis.scan({});
    // Something was, before the last file was there.
    expect(solved.at(-1)).toBeGreaterThan(0);
    project.aheadFiles = undefined;
    const atOnce = await project.open();
    stepped.between = () => undefined;
    expect((await atOnce.scan({})).summarizedFunctions).toBe(summarizedFunctions);
    await expectClean(project, analysis, `seed ${String(seed)}`);
  });
});

describe('an open document', () => {
  const SERVER = "const { run } = require('./z/shell');\nrequire('express')().get('/', (req) => run(req.query.q));\n";
  const OWN = "require('express')().post('/', (req) => eval(req.body));\n";
  const SHELL = "exports.run = (text) => require('./exec').now(text);\n";
  const EXEC = "exports.now = (text) => require('child_process').exec(text);\n";

  const sinks = (analysis: Analysis, name: string): number[] =>
    analysis
      .findingsOf(project.path(name))
      .filter(({ sink }) => sink.path === project.path(name))
      .map(({ sink }) => sink.range.start.line + 1);

  it('is analysed before the first index, with what it needs', async () => {
    writeProgram(9);
    project.write({ 'server.js': SERVER, 'z/shell.js': SHELL, 'z/exec.js': EXEC });
    const analysis = await project.open();
    const open = project.path('z/exec.js');
    analysis.setOverlay(open, EXEC, 'javascript');
    await analysis.update([open]);
    analysis.setOverlay(project.path('server.js'), SERVER + OWN, 'javascript');
    const published: number[][] = [];
    const paths = [project.path('server.js')];
    const update = await analysis.update(paths, { onPublish: () => published.push(sinks(analysis, 'server.js')) });
    expect(published[0]).toEqual([3]);
    expect(update.cancelled).toBe(false);
    // The shell was pulled in, though nobody named it; nothing else was.
    expect(sources()).toEqual([project.path('z/shell.js')]);
    expect(analysis.allFindings().length).toBeGreaterThan(0);
    await analysis.scan({});
    const documents = new Map([
      ['z/exec.js', EXEC],
      ['server.js', SERVER + OWN],
    ]);
    expect(sources()).toHaveLength(FILES + 1);
    await expectClean(project, analysis, 'opened before', documents);
  });

  it('is published while the first index runs, and is right in the end', async () => {
    writeProgram(10);
    project.write({ 'server.js': SERVER, 'z/shell.js': SHELL, 'z/exec.js': EXEC });
    const analysis = await project.open();
    const open = project.path('server.js');
    const seen: string[] = [];
    let update: Promise<unknown> | undefined;
    stepped.between = (batch) => {
      seen.push(`batch ${String(batch)}`);
      if (batch !== 2) return;
      analysis.setOverlay(open, SERVER + OWN, 'javascript');
      update = analysis.update([open], { onPublish: () => seen.push(`lines ${sinks(analysis, 'server.js').join()}`) });
    };
    await analysis.scan({});
    await update;
    expect(seen.indexOf('lines 3')).toBeGreaterThan(seen.indexOf('batch 2'));
    expect(seen.indexOf('lines 3')).toBeLessThan(seen.indexOf('batch 4'));
    expect(sinks(analysis, 'z/exec.js')).toEqual([1]);
    await expectClean(project, analysis, 'edited meanwhile', new Map([['server.js', SERVER + OWN]]));
  });

  it.each(Array.from({ length: 24 }, (_, seed) => seed))(
    'may be typed in, closed and saved, and files may come and go, at any moment (%i)',
    async (seed) => {
      const random = randomNumbers(1000 + seed);
      writeProgram(100 + seed);
      // In half of them, each folder is a package, which is solved as soon as it is complete.
      if (seed % 2 === 1) solveEachFolderAhead();
      stepped.batchSize = 1 + random(4);
      const analysis = await project.open({}, seed % 3 === 0 ? project.path('.index') : undefined);
      const open = new Map<string, string>();
      const done: Promise<unknown>[] = [];
      const textFor = (name: string): string => {
        const other = makeProgram(random, FILES).get(name) ?? [...makeProgram(random, FILES).values()][random(FILES)];
        return `${textOf(other, false)}\n${OWN}`;
      };
      const act = (): void => {
        const name = names[random(names.length)];
        const path = project.path(name);
        const token = { isCancelled: random(6) === 0 };
        switch (random(7)) {
          case 0:
            if (!open.delete(name)) return;
            analysis.removeOverlay(path);
            break;
          case 1:
            project.write({ [name]: textFor(name) });
            break;
          case 2:
            project.delete(name);
            break;
          case 3:
            project.write({ 'package.json': `{"name": "program", "main": "${name}"}` });
            done.push(analysis.update([project.path('package.json')]));
            return;
          default:
            open.set(name, textFor(name));
            analysis.setOverlay(path, open.get(name) ?? '', 'javascript');
        }
        done.push(analysis.update([path], { token, onPublish: () => undefined }));
        // What was cancelled is asked for again.
        if (token.isCancelled) done.push(analysis.update([path]));
      };
      if (random(2) === 0) act();
      await Promise.all(done);
      stepped.between = () => {
        for (let n = random(3); n > 0; n--) act();
      };
      let interruptions = 3;
      const awaited = (): boolean => {
        if (interruptions === 0 || random(40) !== 0) return false;
        interruptions--;
        // Longer than solving goes on before it gives way.
        for (const end = performance.now() + 65; performance.now() < end;);
        act();
        return true;
      };
      const cancelled = seed % 5 === 4;
      if (cancelled) {
        let looks = random(30);
        await analysis.scan({
          awaited,
          token: {
            get isCancelled() {
              return looks-- <= 0;
            },
          },
        });
        act();
      }
      await analysis.scan({ awaited });
      stepped.between = () => undefined;
      await Promise.all(done);
      await expectClean(project, analysis, `seed ${String(seed)}`, open);
      expect(project.problems).toEqual([]);
    },
  );
});

describe('recursion that takes longer than a stretch between two who wait', () => {
  /** Functions that call each other in a circle, and across. */
  const circle = (count: number): string =>
    Array.from({ length: count }, (_, i) => {
      const callee = (step: number): string => `f${String((i + step) % count)}`;
      return [
        `function f${String(i)}(o, p, q) {`,
        `  if (o.end) return require('child_process').exec(p.a${String(i % 7)} + q);`,
        `  const r = ${callee(1)}({ ...o, k${String(i % 5)}: p }, o.k${String((i + 1) % 5)}, q);`,
        `  ${callee(7)}(o, q, { a${String((i + 3) % 7)}: r, b: p });`,
        `  return ${callee(3)}(p, { a${String((i + 2) % 7)}: q }, [r, o.k${String(i % 5)}]);`,
        '}',
      ].join('\n');
    }).join('\n');

  it('is solved though somebody waits all the time', async () => {
    project.write({
      'server.js': `${circle(30)}\nrequire('express')().get('/', (req) => f0(req.query, req.body, req.params));\n`,
    });
    const analysis = await project.open();
    // However fast the machine is: each look at the clock is a millisecond.
    let now = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => ++now);
    let times = 0;
    const awaited = (): boolean => {
      times++;
      return true;
    };
    await analysis.scan({ awaited });
    vi.restoreAllMocks();
    expect(times).toBeGreaterThan(1);
    expect(findingsIn(analysis).length).toBeGreaterThan(0);
    await expectClean(project, analysis, 'interrupted');
  });

  it('gets longer stretches as long as nothing is brought to its end', () => {
    let now = 0;
    let isAwaited = true;
    const first = new FirstIndex({ awaited: () => isAwaited }, () => now);
    /** Milliseconds until the work has to stop, with what is done by then. */
    const stretch = (from: number, to: number): number => {
      const began = now;
      const work = (): void => {
        for (;;) {
          now += 10;
          first.giveWay(to, true);
        }
      };
      expect(() => first.stretch(work, from)).toThrow(InterruptedError);
      return now - began;
    };
    const shortest = stretch(0, 0);
    expect([stretch(0, 0), stretch(0, 0)]).toEqual([2 * shortest, 4 * shortest]);
    expect([stretch(0, 1), stretch(1, 1), stretch(1, 1)]).toEqual([8 * shortest, shortest, 2 * shortest]);
    isAwaited = false;
    first.stretch(() => {
      now += 100 * shortest;
      first.giveWay(1, true);
    }, 1);
    isAwaited = true;
    expect(stretch(1, 1)).toBe(shortest);
  });
});
