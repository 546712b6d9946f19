/** Files that are odd in name, content or nature, through the whole product: the command line as a process, and the session over the real analysis. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as sarif from 'sarif';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Diagnostic } from 'vscode-languageserver/node';
import { openAnalysis } from '../../server/src/pipeline';
import { uriOf } from '../../server/src/present/locations';
import type { JsonReport } from '../../server/src/present/json';
import { buildCommandLine } from '../cli/buildCommandLine';
import { InProcessThreads, PULL, TestClient } from '../lsp/harness';
import { expectSame } from '../property/sameAsClean';
import { readModels } from '../taint/analyseCase';
import { Project } from '../unit/pipeline/project';

const wasmPath = join(import.meta.dirname, '../../node_modules/sql.js/dist/sql-wasm.wasm');

/** `before` stands on the line of the sink, and so does all that makes its column odd. */
const flow = (before = '', end = '\n'): string =>
  [
    "const { exec } = require('child_process');",
    "require('express')().get('/', (req, res) => {",
    `  ${before}exec(req.query.q);`,
    '});',
    '',
  ].join(end);
const SINK = 'exec(req.query.q)';

let dist: string;
let folder: string;

beforeAll(async () => {
  dist = await buildCommandLine();
  // One test runs it as another user.
  chmodSync(dist, 0o755);
});
afterAll(() => {
  rmSync(dist, { recursive: true, force: true });
});
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'tributary-odd-')));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);

function write(name: string, content: string | Uint8Array): void {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), content);
}

interface Outcome {
  readonly report: JsonReport;
  readonly stderr: string;
  readonly code: number | null;
}

function run(
  format: string,
  user: { readonly uid?: number; readonly gid?: number } = {},
): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(dist, 'cli.js'), 'scan', folder, '--format', format],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      ...user,
    },
  );
  return { code: status, stdout, stderr };
}

function scan(user = {}): Outcome {
  const { code, stdout, stderr } = run('json', user);
  return { report: JSON.parse(stdout) as JsonReport, stderr, code };
}

/** What the text of a file is between two columns of a line, both from 1. */
const textAt = (text: string, line: number, column: number, endColumn: number): string =>
  (text.split(/\r\n|\n|\r/)[line - 1] ?? '').slice(column - 1, endColumn - 1);

describe('contents', () => {
  const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');
  /** By name: the bytes, and the text that an editor shows for them. */
  const CONTENTS: Readonly<Record<string, readonly [Uint8Array, string]>> = {
    'plain.js': [Buffer.from(flow()), flow()],
    'bom.js': [Buffer.from(`\ufeff${flow()}`), flow()],
    'crlf.js': [Buffer.from(flow('', '\r\n')), flow('', '\r\n')],
    'cr.js': [Buffer.from(flow('', '\r')), flow('', '\r')],
    'crlfWithBom.js': [Buffer.from(`\ufeff${flow('/* é😀 */ ', '\r\n')}`), flow('/* é😀 */ ', '\r\n')],
    'fourBytes.js': [Buffer.from(flow("'😀𝒳'; ")), flow("'😀𝒳'; ")],
    'combining.js': [Buffer.from(flow("'e\u0301👩‍👩‍👧'; ")), flow("'e\u0301👩‍👩‍👧'; ")],
    'otherLineEnds.js': [Buffer.from(flow("'\u2028'; ")), flow("'\u2028'; ")],
    'littleEndian.js': [utf16(flow("'😀'; ")), flow("'😀'; ")],
    'bigEndian.js': [utf16(flow("'é'; ")).swap16(), flow("'é'; ")],
    'loneSurrogates.js': [utf16(flow("'\ud800 \udc00'; ")), flow("'\ud800 \udc00'; ")],
    'invalid.js': [
      Buffer.concat([
        Buffer.from(flow("'").split(SINK)[0] ?? ''),
        Buffer.from([0xff, 0xe2, 0x82, 0xed, 0xa0, 0x80]),
        Buffer.from(`'; ${SINK};\n});\n`),
      ]),
      `${flow("'").split(SINK)[0] ?? ''}${Buffer.from([0xff, 0xe2, 0x82, 0xed, 0xa0, 0x80]).toString('utf8')}'; ${SINK};\n});\n`,
    ],
    'latin1.js': [Buffer.from(flow("'\xe9\xfc'; "), 'latin1'), flow("'\ufffd\ufffd'; ")],
  };

  it('of every encoding have their findings where an editor shows them', () => {
    for (const [name, [bytes]] of Object.entries(CONTENTS)) write(name, bytes);
    const { report, code } = scan();
    expect(code).toBe(1);
    expect(report.findings.map(({ sink }) => sink.file).sort()).toEqual(Object.keys(CONTENTS).sort());
    for (const { sink, source } of report.findings) {
      const text = CONTENTS[sink.file]?.[1] ?? '';
      expect([sink.file, sink.line, textAt(text, sink.line, sink.column, sink.endColumn)]).toEqual([
        sink.file,
        3,
        SINK,
      ]);
      expect([source.file, textAt(text, source.line, source.column, source.endColumn)]).toEqual([
        sink.file,
        'req.query',
      ]);
    }
  });

  it('that are binary are left out and shown', () => {
    write('nul.js', Buffer.from(flow("'\0'; ")));
    write('plain.js', flow());
    const { report } = scan();
    expect(report.findings.map(({ sink }) => sink.file)).toEqual(['plain.js']);
    expect(report.files).toMatchObject([{ file: 'nul.js', state: 'skipped', reason: 'The file is binary.' }]);
  });

  it.each(['utf-8', 'utf-16', 'utf-32'] as const)(
    'have the right columns in %s, as they are typed, too',
    async (encoding) => {
      const before = "'é😀\ud800 𝒳'; ";
      write('open.js', flow(before));
      write('onDisk.js', flow("'é😀𝒳'; "));
      write('utf16.js', Buffer.from(`\ufeff${flow("'é😀𝒳'; ")}`, 'utf16le'));
      const threads = new InProcessThreads(({ roots, storage, settings }, log) =>
        openAnalysis({ roots, storage, settings, models: readModels(), log, wasmPath, extractor: 'inline' }),
      );
      const capabilities = { ...PULL, general: { positionEncodings: [encoding] } };
      const client = await TestClient.start({ spawn: threads.spawn, roots: [folder], capabilities });
      try {
        expect(client.result.capabilities.positionEncoding).toBe(encoding);
        await client.ready();
        await client.open(at('open.js'), flow(before));
        const expected = (start: string): unknown => ({
          start: { line: 2, character: lengthIn(`  ${start}`, encoding) },
          end: { line: 2, character: lengthIn(`  ${start}${SINK}`, encoding) },
        });
        const ranges = async (path: string): Promise<unknown[]> =>
          (await client.pull(path)).map(({ range }: Diagnostic) => range);
        expect(await ranges(at('open.js'))).toEqual([expected(before)]);
        expect(await ranges(at('onDisk.js'))).toEqual([expected("'é😀𝒳'; ")]);
        expect(await ranges(at('utf16.js'))).toEqual([expected("'é😀𝒳'; ")]);
        // A character outside the first plane is typed in front of it, at a position in the client's own counting.
        const position = { line: 2, character: lengthIn("  'é😀", encoding) };
        await client.change(at('open.js'), { range: { start: position, end: position }, text: '🎉\0' });
        expect(await ranges(at('open.js'))).toEqual([expected("'é😀🎉\0\ud800 𝒳'; ")]);
      } finally {
        await client.stop();
      }
    },
  );
});

/** Length of a text as a client counts it; a lone surrogate has three bytes. */
function lengthIn(text: string, encoding: 'utf-8' | 'utf-16' | 'utf-32'): number {
  switch (encoding) {
    case 'utf-8':
      return Buffer.byteLength(text, 'utf8');
    case 'utf-16':
      return text.length;
    case 'utf-32':
      return Array.from(text).length;
  }
}

describe('names', () => {
  const NAMES = [
    'with space.js',
    ' leading and trailing .js',
    'hash#tag.js',
    'percent%.js',
    'percent%20%23.js',
    'question?mark.js',
    'emoji😀👩‍👩‍👧.js',
    'ünï.js',
    'u\u0308nfolded.js',
    'quotes\'"`.js',
    '[brackets](link).js',
    '&amp;<b>.js',
    '-dash.js',
    '$dollar{x}.js',
    'colon:1:2.js',
    ...(process.platform === 'win32' ? [] : ['back\\slash.js', 'new\nline.js']),
    `${'x'.repeat(240)}.js`,
    `fol der#%😀/${'long name/'.repeat(20)}deep.js`,
    // 1,000 characters below the folder.
    `${`${'d'.repeat(99)}/`.repeat(9)}${'f'.repeat(97)}.js`,
  ];

  it('lead back to the file, in every format', () => {
    for (const name of NAMES) write(name, flow());
    const { report, code, stderr } = scan();
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(report.findings.map(({ sink }) => sink.file).sort()).toEqual([...NAMES].sort());
    const [first] = (JSON.parse(run('sarif').stdout) as sarif.Log).runs;
    const bases = first?.originalUriBaseIds ?? {};
    const paths = (first?.results ?? []).map(({ locations }) => {
      const place = locations?.[0]?.physicalLocation?.artifactLocation;
      const base = bases[place?.uriBaseId ?? '']?.uri ?? '';
      return fileURLToPath(new URL(place?.uri ?? '', base));
    });
    expect(paths.sort()).toEqual(NAMES.map(at).sort());
    const text = run('text').stdout;
    for (const name of NAMES) if (!name.includes('\n')) expect(text).toContain(`${name}:3:3`);
  });

  it('are what an editor calls them, and are imported by', async () => {
    const project = new Project();
    const threads = new InProcessThreads(({ roots, storage, settings }, log) =>
      openAnalysis({ roots, storage, settings, models: readModels(), log, wasmPath, extractor: 'inline' }),
    );
    for (const [number, name] of NAMES.entries()) {
      write(name, "exports.run = (command) => require('child_process').exec(command);\n");
      const specifier = JSON.stringify(`./${name}`);
      write(
        `uses${String(number)}.js`,
        `require('express')().get('/', (req) => require(${specifier}).run(req.query.q));\n`,
      );
    }
    const client = await TestClient.start({ spawn: threads.spawn, roots: [folder] });
    try {
      await client.ready();
      for (const [number, name] of NAMES.entries()) {
        const found = await client.pull(at(name));
        expect([name, found.map(({ code }) => code)]).toEqual([name, ['command-injection']]);
        expect(found[0]?.relatedInformation?.[0]?.location.uri).toBe(uriOf(at(`uses${String(number)}.js`)));
        expect(fileURLToPath(uriOf(at(name)))).toBe(at(name));
        // And it follows what is typed there.
        await client.open(at(name), 'exports.run = () => {};\n');
        expect([name, await client.pull(at(name))]).toEqual([name, []]);
        await client.close(at(name));
      }
    } finally {
      await client.stop();
      await project.remove();
    }
  });
});

describe('files that are not what they seem', () => {
  it('by links in a circle, to nothing and to the outside are left out and shown', () => {
    write('src/a.js', flow());
    symlinkSync('..', at('src/up'));
    symlinkSync('.', at('src/here'));
    symlinkSync('two.js', at('one.js'));
    symlinkSync('one.js', at('two.js'));
    symlinkSync('self.js', at('self.js'));
    symlinkSync('nowhere.js', at('broken.js'));
    symlinkSync('src/a.js', at('again.js'));
    symlinkSync('src', at('folder.js'));
    mkdirSync(at('real folder.js'));
    const { report, code } = scan();
    expect(report.findings.map(({ sink }) => sink.file)).toEqual(['src/a.js']);
    const reasons = Object.fromEntries(report.files.map(({ file, state, reason }) => [file, `${state}: ${reason}`]));
    const nothing = 'failed: The link points to nothing.';
    expect(reasons).toEqual({ 'one.js': nothing, 'two.js': nothing, 'self.js': nothing, 'broken.js': nothing });
    expect(code).toBe(3);
  });

  it.skipIf(process.platform === 'win32')('because they may not be read are failed, and the others are not', () => {
    write('src/a.js', flow());
    write('src/secret.js', flow());
    write('closed/b.js', flow());
    write('listed/c.js', flow());
    chmodSync(folder, 0o755);
    chmodSync(at('src/secret.js'), 0);
    chmodSync(at('closed'), 0o711);
    chmodSync(at('listed'), 0o744);
    // Root may read everything; nobody may not.
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    if (process.getuid?.() !== 0) chmodSync(at('closed'), 0o311);
    if (process.getuid?.() !== 0) chmodSync(at('listed'), 0o644);
    const { report, code, stderr } = scan(user);
    for (const name of ['closed', 'listed']) chmodSync(at(name), 0o755);
    expect(report.findings.map(({ sink }) => sink.file)).toEqual(['src/a.js']);
    expect(code).toBe(3);
    const reasons = Object.fromEntries(report.files.map(({ file, state, reason }) => [file, `${state}: ${reason}`]));
    expect(reasons).toEqual({
      'listed/c.js': "failed: The file can't be read: permission denied.",
      'src/secret.js': "failed: The file can't be read: permission denied.",
    });
    expect(stderr).toContain(`${at('closed')} can't be read: permission denied.`);
  });

  it('are compared by their content when their time does not tell', async () => {
    const project = new Project();
    try {
      project.write({ 'a.js': flow() });
      const storage = project.path('.index');
      const analysis = await project.open({}, storage);
      const now = new Date();
      utimesSync(project.path('a.js'), now, now);
      await analysis.scan({});
      expect(analysis.allFindings()).toHaveLength(1);
      // The same length, at the same time.
      project.write({ 'a.js': flow().replace('exec(req', 'seek(req') });
      utimesSync(project.path('a.js'), now, now);
      await analysis.scan({});
      expect(analysis.allFindings()).toHaveLength(0);
    } finally {
      await project.remove();
    }
  });

  it('because they change, vanish and come back while they are read lead to the index of a clean run in the end', async () => {
    const project = new Project();
    let churn: ChildProcess | undefined;
    try {
      project.write(Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`f${String(i)}.js`, flow()])));
      const analysis = await project.open({}, project.path('.index'));
      churn = spawn(process.execPath, ['-e', CHURN, project.folder], { stdio: 'inherit' });
      let isOver = false;
      churn.once('exit', () => (isOver = true));
      let rounds = 0;
      const paths = Array.from({ length: 12 }, (_, i) => project.path(`f${String(i)}.js`));
      while (!isOver) {
        await (rounds++ % 2 === 0 ? analysis.scan({}) : analysis.update(paths));
        await new Promise(setImmediate);
      }
      expect(rounds).toBeGreaterThan(3);
      await analysis.scan({});
      const clean = await project.open();
      await clean.scan({});
      await expectSame(analysis, clean, 'after the churn', true);
      expect(project.problems.filter((problem) => !/can't be read/.test(problem))).toEqual([]);
    } finally {
      if (churn?.exitCode === null && churn.kill('SIGKILL')) await once(churn, 'exit');
      await project.remove();
    }
  });
});

/** A program that changes the files of a folder for a while, in every way that makes reading them hard. */
const CHURN = `
const fs = require('fs'), path = require('path');
const flow = ${JSON.stringify(flow())};
const end = Date.now() + 2500;
let n = 0;
while (Date.now() < end) {
  const file = path.join(process.argv[1], 'f' + (n++ % 12) + '.js');
  fs.rmSync(file, { recursive: true, force: true });
  const kind = Math.floor(Math.random() * 7);
  if (kind === 0) continue;
  if (kind === 1) fs.mkdirSync(file);
  else if (kind === 2) fs.symlinkSync(path.basename(file), file);
  else if (kind === 3) fs.writeFileSync(file, Buffer.alloc(300));
  else {
    const descriptor = fs.openSync(file, 'w');
    fs.writeSync(descriptor, flow.slice(0, 60));
    if (kind === 4) fs.writeSync(descriptor, '/* ' + 'x'.repeat(100000) + ' */');
    fs.writeSync(descriptor, flow.slice(60));
    if (kind === 5) fs.ftruncateSync(descriptor, 40);
    fs.closeSync(descriptor);
  }
}
`;
