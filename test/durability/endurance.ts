/**
 * A day of editing in fast-forward: the real server process over LSP, on a project of real files and a random program beside them. Types, saves, creates,
 * renames and deletes files, opens and closes documents, breaks and mends code, pauses now and then, and measures what the process holds and what lies in the
 * storage folder. Files are put back when they are closed, so the project stays as large as it was, and everything has to stay below bounds that the first tenth of the
 * measurements states.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Range } from 'vscode-languageserver/node';
import { uriOf } from '../../server/src/present/locations';
import { REQUEST, type TaintTree } from '../../server/src/protocol/messages';
import { EDITS } from '../property/edits';
import { makeProgram, textOf, type ProgramModel } from '../property/programs';
import { randomNumbers } from '../unit/pipeline/randomNumbers';
import { EditorProcess } from './editorProcess';

export interface EnduranceOptions {
  /** `server.js` (or `main.js`) with what it loads beside it. */
  readonly server: string;
  /** An empty folder for the project and the index. */
  readonly folder: string;
  /** Folders whose JavaScript files are copied into the project, by the name they get there. */
  readonly sources: Readonly<Record<string, string>>;
  readonly edits: number;
  readonly seed: number;
  /** Edits between two measurements. */
  readonly every: number;
  readonly print: (line: string) => void;
}

export interface Sample {
  readonly edits: number;
  readonly seconds: number;
  /** Bytes: resident; JavaScript heaps and external memory of all threads after garbage collection (undefined where not all threads answered). */
  readonly rss: number;
  readonly heap: number | undefined;
  readonly external: number | undefined;
  readonly handles: number;
  readonly journal: number;
  readonly database: number;
  /** All files of the storage folder. */
  readonly storage: number;
}

const MB = 1 << 20;
/** A sample may be larger than the largest of the warm-up by this factor, and this on top. */
const BOUNDS: readonly { readonly of: keyof Sample; readonly factor: number; readonly more: number }[] = [
  { of: 'rss', factor: 1.25, more: 100 * MB },
  { of: 'heap', factor: 1.25, more: 20 * MB },
  { of: 'external', factor: 1.25, more: 40 * MB },
  { of: 'handles', factor: 1, more: 4 },
  { of: 'database', factor: 1.5, more: 2 * MB },
  { of: 'storage', factor: 2, more: 4 * MB },
];
/** Whatever the first samples say: the journal is shorter than this share of the database, and more. */
const JOURNAL = { factor: 1, more: 2 * MB };

/** Of the samples, those that are the warm-up, and how many they are at least: caches fill, and code is compiled. */
const WARM_SHARE = 0.1;
const FEWEST_WARM = 2;

/** Files that are ever opened: all are, several times, before the warm-up ends, and what is kept of each for the next time is there then. */
const EDITED = 100;
/** Documents that are open at a time. */
const OPEN = 6;
/** Longer than the server waits before it does its housekeeping, in milliseconds. */
const PAUSE = 6_500;
/** Edits between two pauses. */
const PAUSE_EVERY = 2_500;
/** What the random program may come to, in shares of the first. */
const LARGEST_PROGRAM = 2;
const SMALLEST_PROGRAM = 0.5;

export interface EnduranceResult {
  readonly samples: readonly Sample[];
  /** What is beyond its bound, one sentence each. */
  readonly problems: readonly string[];
}

export async function endure(options: EnduranceOptions): Promise<EnduranceResult> {
  const editing = new Editing(options);
  const samples: Sample[] = [];
  options.print('   edits  seconds  rss MB  heap MB  external MB  handles  journal MB  database MB  storage MB');
  await editing.start();
  try {
    samples.push(await editing.sample(0));
    options.print(row(samples[0]));
    for (let edit = 1; edit <= options.edits; edit++) {
      await editing.edit();
      if (edit % options.every !== 0 && edit !== options.edits) {
        if (edit % PAUSE_EVERY === 0) await editing.pause();
        continue;
      }
      const sample = await editing.sample(edit);
      samples.push(sample);
      options.print(row(sample));
    }
    return { samples, problems: [...problemsOf(samples), ...editing.problems()] };
  } finally {
    await editing.stop();
  }
}

/** What grew beyond its bound. */
export function problemsOf(samples: readonly Sample[]): string[] {
  const warm = samples.slice(0, Math.max(FEWEST_WARM, Math.ceil(samples.length * WARM_SHARE)));
  const problems: string[] = [];
  for (const { of, factor, more } of BOUNDS) {
    const bound = factor * Math.max(...warm.map((sample) => sample[of] ?? 0)) + more;
    for (const sample of samples) {
      const value = sample[of] ?? 0;
      if (value > bound)
        problems.push(`${of} is ${String(value)} after ${String(sample.edits)} edits; its bound is ${String(bound)}.`);
    }
  }
  for (const { journal, database, edits } of samples) {
    const bound = JOURNAL.factor * database + JOURNAL.more;
    if (journal > bound)
      problems.push(
        `The journal has ${String(journal)} bytes after ${String(edits)} edits; its bound is ${String(bound)}.`,
      );
  }
  return problems;
}

function row({ edits, seconds, rss, heap, external, handles, journal, database, storage }: Sample): string {
  const mb = (bytes: number | undefined): string => (bytes === undefined ? '-' : (bytes / MB).toFixed(1));
  const cells = [
    String(edits),
    seconds.toFixed(0),
    mb(rss),
    mb(heap),
    mb(external),
    String(handles),
    mb(journal),
    mb(database),
    mb(storage),
  ];
  const widths = [8, 8, 7, 8, 12, 8, 11, 12, 11];
  return cells.map((cell, index) => cell.padStart(widths[index])).join(' ');
}

interface OpenDocument {
  readonly path: string;
  /** When it was opened. */
  readonly first: string;
  text: string;
}

class Editing {
  private readonly root: string;
  private readonly storage: string;
  private readonly measurements: string;
  private readonly random: (below: number) => number;
  private readonly editor: EditorProcess;
  private readonly began = performance.now();
  private program: ProgramModel;
  private readonly firstProgram: ProgramModel;
  /** Real files, below the root. */
  private readonly files: string[] = [];
  /** The longest open first. */
  private readonly open: OpenDocument[] = [];

  constructor(options: EnduranceOptions) {
    this.root = join(options.folder, 'project');
    this.storage = join(options.folder, 'storage');
    this.measurements = join(options.folder, 'measurements');
    this.random = randomNumbers(options.seed);
    this.program = this.firstProgram = makeProgram(this.random, 30);
    for (const [name, source] of Object.entries(options.sources)) {
      cpSync(source, join(this.root, 'src', name), { recursive: true, filter: (path) => !path.endsWith('.map') });
    }
    for (const file of this.program.values()) this.write(file.path, textOf(file, false));
    this.write('package.json', '{"name": "project"}');
    for (const name of readdirSync(join(this.root, 'src'), { recursive: true, encoding: 'utf8' })) {
      const path = join(this.root, 'src', name);
      if (/\.[cm]?js$/.test(name) && statSync(path).isFile()) this.files.push(path);
    }
    this.files.sort();
    while (this.files.length > EDITED) this.files.splice(this.random(this.files.length), 1);
    writeFileSync(this.measurements, '');
    const measure = pathToFileURL(join(import.meta.dirname, 'measureThread.mjs')).href;
    this.editor = new EditorProcess([process.execPath, '--expose-gc', '--import', measure, options.server, '--stdio'], {
      TRIBUTARY_MEASURE: this.measurements,
    });
  }

  async start(): Promise<void> {
    await this.editor.start(this.root, this.storage);
  }

  stop(): Promise<void> {
    return this.editor.stop();
  }

  /** What the user was shown is none of it to be expected. */
  problems(): string[] {
    return this.editor.messages.map((message) => `The user was shown: ${message}`);
  }

  /** One edit, and what the server makes of it. */
  async edit(): Promise<void> {
    const kind = this.random(100);
    if (kind < 80) await this.type();
    else if (kind < 90) await this.save();
    else await this.editProgram();
    if (this.random(50) === 0) await this.editor.request<TaintTree>(REQUEST.taintTree, { grouping: 'severity' });
  }

  /** Long enough for what the server does when nobody types. */
  async pause(): Promise<void> {
    await this.editor.ready();
    await sleep(PAUSE);
    await this.editor.ready();
  }

  async sample(edits: number): Promise<Sample> {
    const { editor } = this;
    await this.pause();
    const before = readFileSync(this.measurements, 'utf8').length;
    editor.process.kill('SIGUSR2');
    await editor.until('a measurement', () => readFileSync(this.measurements, 'utf8').length > before);
    const line = readFileSync(this.measurements, 'utf8').trimEnd().split('\n').at(-1) ?? '';
    const { rss, heapUsed, external, threads } = JSON.parse(line) as Record<
      'rss' | 'heapUsed' | 'external' | 'threads',
      number
    >;
    const process = `/proc/${String(editor.process.pid)}`;
    const files = readdirSync(this.storage).map((name) => ({ name, size: statSync(join(this.storage, name)).size }));
    const sum = (is: (name: string) => boolean): number =>
      files.reduce((total, { name, size }) => total + (is(name) ? size : 0), 0);
    return {
      edits,
      seconds: (performance.now() - this.began) / 1000,
      rss,
      heap: threads < 2 ? undefined : heapUsed,
      external: threads < 2 ? undefined : external,
      handles: existsSync(`${process}/fd`) ? readdirSync(`${process}/fd`).length : 0,
      journal: sum((name) => name.endsWith('.journal')),
      database: sum((name) => name === 'index.sqlite'),
      storage: sum(() => true),
    };
  }

  /** A key or a line in an open document, or it is put back as it is on disk. */
  private async type(): Promise<void> {
    const document = await this.document();
    const { text } = document;
    const length = text.length;
    const choice = this.random(20);
    if (choice === 0) {
      const range = rangeOf(text, 0, length);
      document.text = this.onDisk(document.path);
      return this.changed(document, { range, text: document.text });
    }
    const from = this.random(length + 1);
    if (choice < 6) {
      const to = Math.min(length, from + 1 + this.random(choice === 1 ? 200 : 3));
      document.text = text.slice(0, from) + text.slice(to);
      return this.changed(document, { range: rangeOf(text, from, to), text: '' });
    }
    const inserted = INSERTED[this.random(INSERTED.length)];
    const at = inserted.endsWith('\n') ? lineStart(text, from) : from;
    document.text = text.slice(0, at) + inserted + text.slice(at);
    return this.changed(document, { range: rangeOf(text, at, at), text: inserted });
  }

  private async changed(
    document: OpenDocument,
    change: { readonly range: Range; readonly text: string },
  ): Promise<void> {
    const version = await this.editor.change(document.path, change);
    // Often the next key comes before the server is done with this one.
    if (this.random(2) === 0) return;
    const uri = uriOf(document.path);
    await this.editor.until(`diagnostics of ${document.path}`, () => {
      const published = this.editor.published.get(uri)?.version;
      return published !== undefined && published >= version;
    });
  }

  /** What is open goes to disk. */
  private async save(): Promise<void> {
    const document = await this.document();
    writeFileSync(document.path, document.text);
    await this.editor.watched([document.path, 2]);
  }

  /** Files of the random program change, come and go on disk. */
  private async editProgram(): Promise<void> {
    const names = Object.keys(EDITS);
    const before = this.program;
    const share = lengthOf(before) / lengthOf(this.firstProgram);
    this.program =
      share > LARGEST_PROGRAM || share < SMALLEST_PROGRAM
        ? this.firstProgram
        : EDITS[names[this.random(names.length)]](before, this.random);
    const changes: (readonly [string, 1 | 2 | 3])[] = [];
    for (const [path, file] of this.program) {
      if (before.get(path) === file) continue;
      changes.push([join(this.root, path), before.has(path) ? 2 : 1]);
      this.write(path, textOf(file, false));
    }
    for (const path of before.keys()) {
      if (this.program.has(path)) continue;
      changes.push([join(this.root, path), 3]);
      rmSync(join(this.root, path));
    }
    if (changes.length > 0) await this.editor.watched(...changes);
  }

  /** One that is open; now and then another is opened, and the one that was open longest is closed and put back. */
  private async document(): Promise<OpenDocument> {
    if (this.open.length === 0 || this.random(25) === 0) {
      const path = this.files[this.random(this.files.length)];
      if (!this.open.some((one) => one.path === path)) {
        const text = this.onDisk(path);
        this.open.push({ path, first: text, text });
        await this.editor.open(path, text);
      }
      const oldest = this.open.length > OPEN ? this.open.shift() : undefined;
      if (oldest !== undefined) await this.close(oldest);
    }
    return this.open[this.random(this.open.length)];
  }

  private async close({ path, first }: OpenDocument): Promise<void> {
    await this.editor.close(path);
    if (this.onDisk(path) === first) return;
    writeFileSync(path, first);
    await this.editor.watched([path, 2]);
  }

  private onDisk(path: string): string {
    return readFileSync(path, 'utf8');
  }

  private write(name: string, text: string): void {
    const path = join(this.root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

const INSERTED = [
  ' ',
  'a',
  ';',
  '(',
  ')',
  '{',
  '}',
  '.x',
  ' + value',
  '\n',
  '// a remark\n',
  "const { exec } = require('child_process');\n",
  "require('express')().get('/', (req) => require('child_process').exec(req.query.q));\n",
  'function added(first, second) { return first.name + second; }\n',
  'module.exports.more = function more(input) { eval(input); };\n',
  'let kept; function keep(value) { kept = value; } function tell() { return kept; }\n',
  'if (value) {\n',
  'class Added { put(v) { this.v = v; } get() { return this.v; } }\n',
];

function lengthOf(program: ProgramModel): number {
  let length = 0;
  for (const file of program.values()) length += textOf(file, false).length;
  return length;
}

const lineStart = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1;

function rangeOf(text: string, from: number, to: number): Range {
  return { start: positionOf(text, from), end: positionOf(text, to) };
}

/** Lines end with `\n`, `\r\n` or `\r`, as editors count them. */
function positionOf(text: string, offset: number): Range['start'] {
  const before = text.slice(0, offset);
  // A position between `\r` and `\n` is still on the line that they end.
  const lines = before.split(/\r\n|\n|\r(?!$)/);
  return { line: lines.length - 1, character: lines[lines.length - 1].length };
}
