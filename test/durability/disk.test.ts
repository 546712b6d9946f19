/** Folders of the index that are full, read-only, gone or somebody else's, with real processes on a real disk. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonReport } from '../../server/src/present/json';
import { buildCommandLine } from '../cli/buildCommandLine';
import { EditorProcess } from './editorProcess';
import { SmallDisk, canLimitFiles, canMount, readOnlyFolder } from './faults';

const FLOW = (name: string): string => `const { exec } = require('child_process');
require('express')().get('/${name}', (req, res) => {
  exec('run ' + req.query.${name});
});
`;
/** Files enough that their index does not fit where little does. */
const FILES = 60;

let dist: string;
let folder: string;
const editors: EditorProcess[] = [];
const disks: SmallDisk[] = [];

beforeAll(async () => {
  dist = await buildCommandLine('server/src/main.ts', 'server/src/analysisWorker.ts', 'test/durability/lockDriver.ts');
});
afterAll(() => {
  rmSync(dist, { recursive: true, force: true });
});
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'tributary-durable-')));
  for (let i = 0; i < FILES; i++) write(`project/src/f${String(i)}.js`, FLOW(`n${String(i)}`));
});
afterEach(async () => {
  for (const editor of editors.splice(0)) if (editor.process.exitCode === null) await editor.kill();
  for (const disk of disks.splice(0)) disk.unmount();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);

function write(name: string, text: string): void {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
}

function edit(...before: readonly string[]): EditorProcess {
  const server = [process.execPath, join(dist, 'main.js'), '--stdio'];
  const [program = '', ...rest] = [...before, ...server];
  const editor = new EditorProcess([program, ...rest]);
  editors.push(editor);
  return editor;
}

function disk(kilobytes: number): SmallDisk {
  const mounted = SmallDisk.mount(kilobytes);
  if (mounted === undefined) throw new Error('nothing can be mounted here');
  disks.push(mounted);
  return mounted;
}

interface Scanned {
  readonly code: number | null;
  readonly stderr: string;
  readonly findings: number;
  readonly indexed: number;
}

/** The command line on the project; `storage` is absolute. */
function scan(storage: string): Scanned {
  const parameters = [
    join(dist, 'cli.js'),
    'scan',
    at('project'),
    '--format',
    'json',
    '--storage',
    storage,
    '--verbose',
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, parameters, { encoding: 'utf8', maxBuffer: 1 << 28 });
  const report = JSON.parse(stdout) as JsonReport;
  return { code: status, stderr, findings: report.findings.length, indexed: report.summary.files.indexed };
}

/** Files that are in the index which a process left that died just now. */
function filesLeftIn(storage: string): {
  readonly replayed: number;
  readonly files: number;
  readonly warnings: string;
} {
  const copy = at('copy');
  rmSync(copy, { recursive: true, force: true });
  cpSync(storage, copy, { recursive: true, filter: (path) => !path.endsWith('lock') });
  const { stderr } = scan(copy);
  const [, files = '', replayed = ''] = /Index opened: (\d+) files, (\d+) journal records/.exec(stderr) ?? [];
  const warnings = stderr.split('\n').filter((line) => line.startsWith('tributary:'));
  return { files: Number(files), replayed: Number(replayed), warnings: warnings.join('\n') };
}

describe('a full disk', () => {
  it.skipIf(!canMount)(
    'during the first index is told once, and the index is saved when there is room (needs the right to mount)',
    async () => {
      const small = disk(100);
      const storage = join(small.path, 'storage');
      const editor = edit();
      await editor.start(at('project'), storage);
      await editor.until('the message', () => editor.messages.length > 0);
      expect(editor.messages).toEqual([
        expect.stringMatching(
          /^Tributary: The index can't be saved in .*storage: the disk is full\. Free about \d+ MB on that disk/,
        ),
      ]);
      expect(editor.status?.findings).toBe(FILES);
      small.resize(50_000);
      await editor.until('the index on disk', () => existsSync(join(storage, 'index.sqlite')));
      await editor.until('the log', () => editor.logs.some((line) => line.includes('is saved again')));
      expect(editor.messages).toHaveLength(1);
      await editor.kill();
      expect(filesLeftIn(storage)).toMatchObject({ files: FILES, warnings: '' });
    },
  );

  it.skipIf(!canMount)(
    'during journal and checkpoint leaves what was saved as it was (needs the right to mount)',
    async () => {
      const small = disk(50_000);
      const storage = join(small.path, 'storage');
      expect(scan(storage)).toMatchObject({ code: 1, findings: FILES });
      const before = readFileSync(join(storage, 'index.sqlite'));
      const editor = edit();
      await editor.start(at('project'), storage);
      write('project/src/f0.js', '// nothing any more\n');
      await editor.watched([at('project/src/f0.js'), 2]);
      await editor.until('the edit', () => editor.status?.findings === FILES - 1);
      // From here on there is no room at all: neither for a record nor for a checkpoint.
      const used = readdirSync(storage).reduce((sum, name) => sum + statSync(join(storage, name)).size, 0);
      writeFileSync(join(small.path, 'ballast'), Buffer.alloc(4096));
      small.resize(Math.ceil(used / 1024) + 60);
      write(
        'project/src/large.js',
        Array.from({ length: 300 }, (_, i) =>
          FLOW(`large${String(i)}`).replaceAll('exec }', `exec: e${String(i)} }`),
        ).join('\n'),
      );
      await editor.watched([at('project/src/large.js'), 1]);
      await editor.until('the message', () => editor.messages.length > 0);
      write('project/src/f1.js', '// nothing any more\n');
      await editor.watched([at('project/src/f1.js'), 2]);
      await editor.ready();
      expect(editor.messages).toEqual([expect.stringContaining(storage)]);
      expect(readFileSync(join(storage, 'index.sqlite')).equals(before)).toBe(true);
      const copy = at('full');
      cpSync(storage, copy, { recursive: true });
      expect(filesLeftIn(copy)).toEqual({ files: FILES, replayed: 1, warnings: '' });
      small.resize(50_000);
      await editor.until('the index on disk', () => !readFileSync(join(storage, 'index.sqlite')).equals(before));
      await editor.until('the log', () => editor.logs.some((line) => line.includes('is saved again')));
      await editor.kill();
      expect(filesLeftIn(storage)).toMatchObject({ files: FILES + 1, warnings: '' });
      expect(editor.messages).toHaveLength(1);
    },
  );

  it.skipIf(!canLimitFiles)(
    'or a limit on the size of files is told, and lifted without a restart (needs prlimit)',
    async () => {
      const editor = edit('prlimit', '--fsize=60000:');
      await editor.start(at('project'), at('storage'));
      await editor.until('the message', () => editor.messages.length > 0);
      expect(editor.messages).toEqual([
        expect.stringMatching(/can't be saved in .*storage: files may not become so large there/),
      ]);
      expect(existsSync(at('storage/index.sqlite'))).toBe(false);
      spawnSync('prlimit', [`--pid=${String(editor.process.pid)}`, '--fsize=unlimited:']);
      await editor.until('the index on disk', () => existsSync(at('storage/index.sqlite')));
      await editor.kill();
      expect(filesLeftIn(at('storage'))).toMatchObject({ files: FILES, warnings: '' });
    },
  );

  it.skipIf(!canMount)('is told on the command line, whose findings are complete (needs the right to mount)', () => {
    const { code, stderr, findings } = scan(join(disk(100).path, 'storage'));
    expect({ code, findings }).toEqual({ code: 1, findings: FILES });
    expect(stderr.match(/^tributary: .*the disk is full.*$/gm)).toHaveLength(1);
  });
});

describe('a folder that can not be written', () => {
  const readOnly = readOnlyFolder();
  afterAll(() => readOnly?.remove());

  it.skipIf(readOnly === undefined)(
    'leaves editor and command line with an index in memory, and both say so (root needs the right to mount)',
    async () => {
      const storage = readOnly?.path ?? '';
      const told = /The storage folder \S+ can't be written .* The index is kept in memory only/;
      const { code, stderr, findings } = scan(storage);
      expect({ code, findings }).toEqual({ code: 1, findings: FILES });
      expect(stderr.split('\n').filter((line) => told.test(line))).toHaveLength(1);
      const editor = edit();
      await editor.start(at('project'), storage);
      expect(editor.messages).toEqual([expect.stringMatching(told)]);
      expect(editor.status?.findings).toBe(FILES);
      await editor.stop();
    },
  );

  it('because it is a file is told, too', async () => {
    write('file', '');
    const editor = edit();
    await editor.start(at('project'), at('file/storage'));
    expect(editor.messages).toEqual([expect.stringContaining(at('file/storage'))]);
    expect(editor.status?.findings).toBe(FILES);
    await editor.stop();
  });

  it('is made where there is none, and again when it is removed', async () => {
    const storage = at('not/there/yet');
    expect(scan(storage)).toMatchObject({ code: 1, findings: FILES });
    const editor = edit();
    await editor.start(at('project'), storage);
    rmSync(at('not'), { recursive: true });
    write('project/src/f0.js', '// nothing any more\n');
    await editor.watched([at('project/src/f0.js'), 2]);
    await editor.until('the message', () => editor.messages.length > 0);
    expect(editor.messages).toEqual([expect.stringMatching(/The storage folder .*yet was removed/)]);
    await editor.until('the index on disk', () => existsSync(join(storage, 'index.sqlite')));
    await editor.until('the log', () => editor.logs.some((line) => line.includes('is saved again')));
    await editor.kill();
    expect(filesLeftIn(storage)).toMatchObject({ files: FILES, warnings: '' });
  });
});

describe('two processes on one folder', () => {
  it('never write both: the second waits, then works in memory and says so', async () => {
    const storage = at('storage');
    const first = edit();
    await first.start(at('project'), storage);
    const second = edit();
    await second.start(at('project'), storage);
    const told = new RegExp(
      `in use by another process \\(${String(first.process.pid)}\\)\\. The index is kept in memory only`,
    );
    expect(second.messages).toEqual([expect.stringMatching(told)]);
    const { code, stderr, findings } = scan(storage);
    expect({ code, findings }).toEqual({ code: 1, findings: FILES });
    expect(stderr).toMatch(told);
    // Both see the edit, only the first writes it down.
    write('project/src/f0.js', '// nothing any more\n');
    const journal = journalOf(storage);
    const before = statSync(journal).size;
    await second.watched([at('project/src/f0.js'), 2]);
    await second.until('the edit', () => second.status?.findings === FILES - 1);
    expect(statSync(journal).size).toBe(before);
    await first.watched([at('project/src/f0.js'), 2]);
    await first.until('the edit', () => first.status?.findings === FILES - 1);
    expect(statSync(journal).size).toBeGreaterThan(before);
    expect(first.messages).toEqual([]);
    // The lock of a process that died is nobody's.
    await first.kill();
    expect(scan(storage).stderr).toMatch(/Index opened: 60 files/);
    await second.stop();
  });

  it('that come at the same time, or find the lock of a dead one, never both have it', () => {
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(dist, 'lockDriver.js'), 'referee', at('lock'), '6', '3000'],
      {
        encoding: 'utf8',
      },
    );
    const { taken, died, both } = JSON.parse(stdout) as { taken: number; died: number; both: number };
    expect({ status, both }).toEqual({ status: 0, both: 0 });
    expect(taken).toBeGreaterThan(20);
    expect(died).toBeGreaterThan(2);
  });

  it('take over from a thread of their own that is gone', () => {
    const { stdout } = spawnSync(process.execPath, [join(dist, 'lockDriver.js'), 'thread', at('lock')], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('taken by the thread, then by the process\n');
  });
});

function journalOf(storage: string): string {
  const name = readdirSync(storage).find((each) => each.endsWith('.journal'));
  return join(storage, name ?? '');
}
