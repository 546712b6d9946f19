/**
 * What an update did, gathered on its way through the stages: how much of everything came, changed and went, and, for those who ask for it, what was worked
 * out anew and why. What a cancelled update did is told by the next one that is not.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Counts, QueryRun, Update } from '../model/analysis';
import type { GraphReader } from '../model/graphCodec';
import { fileOf, functionId, keyHashes, type FileId, type FunctionId } from '../model/ids';
import type { LinkReason, LinkUpdate } from '../link/linker';
import type { Answered } from '../taint/answered';
import { RECEIVER_ROOT, RootKind, kindOf, parameterIndex, type ReferenceTable, type Root } from '../taint/references';
import {
  ALIASES_ROOT,
  FALSE_TESTS_ROOT,
  NAMES_ROOT,
  RETURNED_ROOT,
  SHAPE_ROOT,
  type QuestionId,
} from '../taint/questions';
import { filesOf, type FindingChange } from './findingBook';

type Tally = { -readonly [name in keyof Counts]: number };
const nothing = (): Tally => ({ added: 0, changed: 0, removed: 0 });

/** What names are made of. */
export interface ReportNames {
  readonly references: ReferenceTable;
  /** Path below its root, and key. */
  stableName(id: FunctionId): string;
  /** Functions that a function stands in, from the inside out. */
  enclosing(id: FunctionId): readonly FunctionId[];
  relativePathOf(file: FileId): string;
  /** Of an absolute path. */
  relativePath(path: string): string;
}

interface Expanded {
  readonly before: FindingChange['before'];
  now: FindingChange['now'];
  readonly because: Set<string>;
}

export class UpdateReport {
  /** Whether what was worked out anew is noted. */
  explains = false;
  private readonly files = { ...nothing(), renamed: 0 };
  private readonly functions = nothing();
  private readonly summaries = nothing();
  /** By fingerprint. */
  private readonly expanded = new Map<string, Expanded>();
  private readonly changedCode = new Set<FunctionId>();
  /** Where files were that are gone. */
  private readonly gone = new Map<FileId, string>();
  private readonly queries: QueryRun[] = [];

  /** A file is new, with so many functions. `path`, here and below, is below its root. */
  added(path: string, functions: number): void {
    this.files.added++;
    this.functions.added += functions;
    this.note('extract', path, ['new file'], 'new');
  }

  /** What a file that is gone said is said by another one. */
  renamed(path: string, from: string): void {
    this.files.renamed++;
    this.note('extract', path, [`renamed from ${from}`], 'same');
  }

  /** The facts of a file are other ones; undefined where it had, or has, none. */
  changed(file: FileId, path: string, before: GraphReader | undefined, now: GraphReader | undefined): void {
    this.files.changed++;
    const isDifferent = this.compare(file, before, now);
    this.note('extract', path, ['its text'], isDifferent ? 'changed' : 'same');
  }

  /** A file is gone; with `isRenamed`, its content is there under another path. */
  removed(file: FileId, path: string, before: GraphReader | undefined, isRenamed: boolean): void {
    this.gone.set(file, path);
    if (isRenamed) return;
    this.functions.removed += before?.functionCount ?? 0;
    this.files.removed++;
    this.note('extract', path, ['deleted'], 'gone');
  }

  /** Counts functions by their keys; true when there is any difference. */
  private compare(file: FileId, before: GraphReader | undefined, now: GraphReader | undefined): boolean {
    if (before === undefined) {
      this.functions.added += now?.functionCount ?? 0;
      return now !== undefined;
    }
    const left = new Map<string, number>();
    for (const [index, key] of before.keys.entries()) left.set(key, index);
    let isDifferent = false;
    const hashes = now === undefined ? [] : keyHashes(now.keys);
    for (const [index, key] of (now?.keys ?? []).entries()) {
      const old = left.get(key);
      left.delete(key);
      if (old !== undefined && now?.structureHash(index) === before.structureHash(old)) continue;
      isDifferent = true;
      if (old === undefined) this.functions.added++;
      else this.functions.changed++;
      this.changedCode.add(functionId(file, hashes[index]));
    }
    this.functions.removed += left.size;
    return isDifferent || left.size > 0;
  }

  linked(update: LinkUpdate, reasons: readonly LinkReason[], names: ReportNames): void {
    if (!this.explains) return;
    const changed = new Set<FileId>();
    for (const id of update.relinked) changed.add(fileOf(id));
    for (const id of update.removed) changed.add(fileOf(id));
    const byFile = new Map<FileId, { readonly texts: Set<string>; isNew: boolean; isGone: boolean }>();
    for (const { file, kind, of } of reasons) {
      let entry = byFile.get(file);
      if (entry === undefined) byFile.set(file, (entry = { texts: new Set(), isNew: false, isGone: false }));
      if (kind === 'new') entry.isNew = true;
      if (kind === 'removed') entry.isGone = true;
      if (of !== undefined && 'file' in of && of.file === file) continue;
      const other =
        of === undefined ? '' : 'function' in of ? names.stableName(of.function) : this.pathOf(of.file, names);
      entry.texts.add(LINK_REASONS[kind](other));
    }
    const runs = Array.from(byFile, ([file, { texts, isNew, isGone }]): QueryRun => {
      const result = isGone ? 'gone' : isNew ? 'new' : changed.has(file) ? 'changed' : 'same';
      return { query: 'link', subject: this.pathOf(file, names), reasons: [...texts].sort(), result };
    });
    this.noteAll(runs);
  }

  /** `relinked` are functions with other links, `answered` what was asked or dropped. */
  solved(news: Iterable<Answered>, relinked: Iterable<FunctionId>, names: ReportNames): void {
    const answered: Answered[] = [];
    for (const each of news) {
      const { result } = each;
      if (result === 'new') this.summaries.added++;
      else if (result === 'changed') this.summaries.changed++;
      else if (result === 'gone') this.summaries.removed++;
      if (this.explains) answered.push(each);
    }
    if (!this.explains) return;
    const byQuestion = new Map<QuestionId, Answered>(answered.map((each) => [each.question, each]));
    const links = new Set(relinked);
    const nameOf = (each: Answered): string =>
      `${names.stableName(each.function)} about ${aboutWhat(each.root, names)}`;
    const runs = answered.map((each): QueryRun => {
      const reasons = new Set<string>();
      const isNew = each.result === 'new';
      if (each.result === 'gone') reasons.add(each.isFunctionGone ? 'the function is gone' : 'nobody asks any more');
      else if (!isNew) {
        if (this.changedCode.has(each.function)) reasons.add('its code');
        else if (links.has(each.function)) reasons.add('its links');
        else if (names.enclosing(each.function).some((id) => this.changedCode.has(id)))
          reasons.add('the code around it');
        for (const question of each.dependencies) {
          const other = byQuestion.get(question);
          if (other !== undefined && other !== each && other.result !== 'same')
            reasons.add(`answer of ${nameOf(other)}`);
        }
      }
      if (isNew) {
        for (const question of each.dependents) {
          const other = byQuestion.get(question);
          if (other !== undefined && other !== each) reasons.add(`asked by ${nameOf(other)}`);
        }
      }
      if (reasons.size === 0) reasons.add(isNew ? FIRST_ASKED[kindOf(each.root)] : 'the recursion it is part of');
      return { query: 'solve', subject: nameOf(each), reasons: [...reasons].sort(), result: each.result };
    });
    this.noteAll(runs);
  }

  /** Findings were expanded again, because of these files that they cross (absolute paths, by fingerprint), or were joined otherwise. */
  traced(changes: readonly FindingChange[], reasonsOf: (print: string) => ReadonlySet<string>): void {
    for (const { before, now } of changes) {
      const print = (now ?? before)?.fingerprint ?? '';
      const known = this.expanded.get(print);
      if (known === undefined) this.expanded.set(print, { before, now, because: new Set() });
      else known.now = now;
      if (!this.explains) continue;
      const because = this.expanded.get(print)?.because;
      const files = reasonsOf(print);
      for (const finding of [before, now])
        for (const path of finding === undefined ? [] : filesOf(finding)) if (files.has(path)) because?.add(path);
    }
  }

  /** What the update tells of all this; nothing must be added later. */
  parts(
    names: ReportNames,
  ): Pick<Update, 'files' | 'functions' | 'summaries' | 'queries'> & { readonly findings: Counts } {
    const findings = nothing();
    const runs: QueryRun[] = [];
    for (const { before, now, because } of this.expanded.values()) {
      const finding = now ?? before;
      if (finding === undefined) continue;
      const result =
        before === undefined ? 'new' : now === undefined ? 'gone' : isDeepStrictEqual(before, now) ? 'same' : 'changed';
      if (result === 'new') findings.added++;
      else if (result === 'gone') findings.removed++;
      else if (result === 'changed') findings.changed++;
      if (!this.explains) continue;
      const subject = `${finding.rule.id} in ${names.relativePath(finding.sink.path)}`;
      const reasons = Array.from(because, (path) => `it crosses ${names.relativePath(path)}`).sort();
      runs.push({ query: 'trace', subject, reasons: reasons.length > 0 ? reasons : ['other answers'], result });
    }
    this.noteAll(runs);
    const { files, functions, summaries, queries } = this;
    return { files, functions, summaries, findings, queries };
  }

  private note(
    query: QueryRun['query'],
    subject: string,
    reasons: readonly string[],
    result: QueryRun['result'],
  ): void {
    if (this.explains) this.queries.push({ query, subject, reasons, result });
  }

  private pathOf(file: FileId, names: ReportNames): string {
    return this.gone.get(file) ?? names.relativePathOf(file);
  }

  private noteAll(runs: readonly QueryRun[]): void {
    this.queries.push(...[...runs].sort((a, b) => (a.subject < b.subject ? -1 : 1)));
  }
}

const LINK_REASONS: Readonly<Record<LinkReason['kind'], (of: string) => string>> = {
  new: () => 'new file',
  changed: () => 'its text',
  reviewed: () => 'models',
  removed: () => 'deleted',
  imports: () => 'its imports lead elsewhere',
  exports: (of) => `what ${of} offers`,
  returns: (of) => `what functions of ${of} return`,
  arguments: (of) => `what ${of} hands over`,
  properties: (of) => `what is written on objects of ${of}`,
  parameters: (of) => `what is passed to ${of}`,
};

/** Why something is asked that nobody asked for another answer. */
const FIRST_ASKED: Readonly<Record<RootKind, string>> = {
  [RootKind.Parameter]: 'others may call it',
  [RootKind.Cell]: 'something comes to the variable',
  [RootKind.Sources]: 'there are sources in it',
  [RootKind.Return]: '',
  [RootKind.Throw]: '',
  [RootKind.Source]: '',
  [RootKind.Sink]: '',
  [RootKind.Facet]: '',
  [RootKind.Store]: '',
  [RootKind.Retrieved]: '',
};

/** What a question is about, in words. */
function aboutWhat(root: Root, names: ReportNames): string {
  switch (kindOf(root)) {
    case RootKind.Parameter: {
      if (root === RECEIVER_ROOT) return 'this';
      const index = parameterIndex(root);
      return index < 0 ? 'arguments' : `parameter ${String(index + 1)}`;
    }
    case RootKind.Cell: {
      const { owner, cell } = names.references.cellOf(root);
      return `variable ${String(cell)} of ${names.stableName(owner)}`;
    }
    case RootKind.Facet:
      if (root === SHAPE_ROOT) return 'uses of parameters';
      if (root === ALIASES_ROOT) return 'what it returns as it is';
      if (root === NAMES_ROOT) return 'names that it gives to places';
      if (root === RETURNED_ROOT) return 'what holds where it returns';
      return root === FALSE_TESTS_ROOT ? 'what it tests, where it fails' : 'what it tests';
    case RootKind.Sources:
      return 'sources';
    default:
      return 'its result';
  }
}
