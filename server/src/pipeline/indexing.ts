/**
 * From disk and editors to stored facts: which files changed, their extraction, and the rows they leave. Links,
 * summaries and findings of what changed are then out of date, which the store remembers until they are done.
 */
import type { CancellationToken, Progress } from '../model/analysis';
import { isConfiguration, isIgnoreFile, type DiscoveredFile, type Recheck } from '../documents';
import { openGraph } from '../model/graphCodec';
import type { FileStatus } from '../model/finding';
import type { FileId } from '../model/ids';
import type { FileRow, ManifestRow } from '../store/rows';
import type { ContentStamp, ExtractionRequest, ExtractionResult } from './extraction';
import { CancelledError } from './options';
import type { Stages } from './stages';
import { Renames } from './renames';
import type { UpdateReport } from './updateReport';
import { joinPath, type Workspace } from './workspace';

export type IndexChange =
  | { readonly kind: 'index'; readonly file: DiscoveredFile; readonly knownHash?: string }
  | { readonly kind: 'touch'; readonly entry: ManifestRow; readonly file: DiscoveredFile }
  | { readonly kind: 'remove'; readonly entry: Pick<ManifestRow, 'id' | 'root' | 'path'> };

export interface ChangeSet {
  readonly changes: readonly IndexChange[];
  /** Files that are as the index has them. */
  readonly unchanged: number;
  /** Configuration (package.json, tsconfig.json) at these absolute paths changed, or files came or went. */
  readonly configuration: readonly string[];
  /** The whole index was compared with the disk, under the settings of now. */
  readonly isWhole: boolean;
}

export interface StoredListener {
  stored(path: string, file: FileId | undefined): void;
  step(): Promise<void>;
}

export interface IndexedChanges {
  readonly indexed: readonly string[];
  readonly removed: readonly string[];
  readonly failed: readonly { readonly path: string; readonly reason: string }[];
  readonly unchanged: number;
  /** Ids of files with new facts. */
  readonly files: readonly FileId[];
  /** Ids of files that are gone. */
  readonly gone: readonly FileId[];
  /** Absolute paths of files that now have no facts, with a reason. */
  readonly statusChanged: readonly string[];
}

/** Version of what extraction makes; facts of another version are made anew. */
export const EXTRACTOR_VERSION = '26';

/**
 * The texts of up to so many open documents are extracted in this thread: handing them over costs more. Files on disk
 * never are, because only a worker can be ended when a file is more than it can take.
 */
const INLINE_DOCUMENTS = 3;

/** Of the database: whether minified files were taken when it was last compared with the whole disk. */
const TAKES_MINIFIED = 'takes minified';

export class Indexing {
  /** Paths that were dealt with since a long run began, when there is one: what it found before is older. */
  private overtaken: Set<string> | undefined;

  constructor(
    private readonly workspace: Workspace,
    private readonly stages: Stages,
    /** Called before the index changes: whoever still reads its state of before has to be done with it. */
    private readonly beforeChange: () => Promise<void>,
    /** Called when a file has other facts, or none any more. */
    private readonly changed: (file: FileId) => void,
  ) {}

  /** A run begins during which other changes are applied, which are newer than what it finds. */
  beginLong(): void {
    this.overtaken = new Set();
  }

  endLong(): void {
    this.overtaken = undefined;
  }

  /** Compares the index with the disk below the roots, or below some paths. */
  async discover(
    paths: readonly string[] | undefined,
    onProgress: ((progress: Progress) => void) | undefined,
    token: CancellationToken | undefined,
  ): Promise<ChangeSet> {
    const { documents, store } = this.workspace;
    return this.stages.runAsync(
      'discover',
      async () => {
        const discovery = await documents.discover({
          paths,
          token,
          onProgress: (found) =>
            onProgress?.({ stage: 'discover', done: found, total: found, detail: 'looking for files' }),
        });
        if (token?.isCancelled === true) throw new CancelledError();
        const recheck = paths === undefined ? this.recheck() : undefined;
        const diff = documents.diff(store.files.manifest(), discovery, recheck);
        for (const problem of discovery.problems) this.workspace.log.warn(problem.message);
        const changes: IndexChange[] = [
          ...diff.added.map((file): IndexChange => ({ kind: 'index', file })),
          ...diff.modified.map(({ file, entry }): IndexChange =>
            recheck === undefined ? { kind: 'index', file, knownHash: entry.hash } : { kind: 'index', file },
          ),
          ...diff.touched.map(({ file, entry }): IndexChange => ({ kind: 'touch', file, entry })),
          ...diff.deleted.map((entry): IndexChange => ({ kind: 'remove', entry })),
        ];
        const isWhole = paths === undefined;
        return { changes, unchanged: diff.unchanged, configuration: [], isWhole };
      },
      ({ changes, unchanged }) => changes.length + unchanged,
    );
  }

  /** What the content decides about a file is to be decided again when the last index was made with the other setting. */
  private recheck(): Recheck | undefined {
    const { documents, store } = this.workspace;
    const before = store.meta.get(TAKES_MINIFIED);
    if (before === undefined || before === String(documents.takesMinified)) return undefined;
    return documents.takesMinified ? 'skipped' : 'all';
  }

  /** What a notice that these paths changed means for the index. */
  async changesAt(paths: readonly string[], token: CancellationToken | undefined): Promise<ChangeSet> {
    const named = this.changesOf(paths);
    // What an ignore file keeps out, or lets in, and what came with a folder, is anywhere below.
    if (!paths.some((path) => isIgnoreFile(path) || this.workspace.documents.isAnalysedFolder(path))) return named;
    const whole = await this.discover(undefined, undefined, token);
    const placeOf = (change: IndexChange): string => {
      const { root, path } = change.kind === 'remove' ? change.entry : change.file;
      return joinPath(root, path);
    };
    const places = new Set(named.changes.map(placeOf));
    const others = whole.changes.filter((change) => !places.has(placeOf(change)));
    return { ...whole, changes: [...named.changes, ...others], configuration: named.configuration };
  }

  /** Files by their paths, and folders with all below them. */
  private changesOf(paths: readonly string[]): ChangeSet {
    const { documents, store } = this.workspace;
    documents.invalidate(paths);
    const changes: IndexChange[] = [];
    const gone = new Set<string>();
    for (const path of new Set(paths)) {
      const file = documents.inspect(path);
      const id = this.workspace.idOf(path);
      if (file !== undefined) {
        const row = id === undefined ? undefined : store.files.get(id);
        const isWhole =
          row !== undefined && (row.state === 'indexed' || row.state === 'partial') && row.dialect === file.dialect;
        changes.push(isWhole ? { kind: 'index', file, knownHash: row.hash } : { kind: 'index', file });
      } else if (id !== undefined) {
        const where = this.workspace.pathOf(id);
        if (where !== undefined)
          changes.push({ kind: 'remove', entry: { id, root: where.root, path: where.relative } });
      } else if (documents.dialectOf(path) === undefined && !isConfiguration(path) && !documents.view.isFile(path)) {
        gone.add(path.replaceAll('\\', '/').replace(/\/$/, ''));
      }
    }
    // A folder that went takes its files along.
    for (const entry of gone.size === 0 ? [] : store.files.manifest()) {
      const absolute = joinPath(entry.root, entry.path);
      if (isBelow(gone, absolute) && documents.inspect(absolute) === undefined) changes.push({ kind: 'remove', entry });
    }
    const counted = changes.filter((change) => change.kind === 'index').length;
    return {
      changes,
      unchanged: Math.max(0, store.files.count() - counted),
      configuration: paths.filter((path) => isConfiguration(path)),
      isWhole: false,
    };
  }

  /** Extracts what changed and writes it, batch by batch; each batch is one transaction. */
  async apply(
    set: ChangeSet,
    options: {
      readonly onProgress?: ((progress: Progress) => void) | undefined;
      readonly token?: CancellationToken | undefined;
      /** Goes ahead of what else the workers have to do. */
      readonly urgent?: boolean | undefined;
    },
    report: UpdateReport,
    /** Told of every file that is to be extracted when it is written, with its id if it has facts; and after each batch. */
    listener?: StoredListener,
  ): Promise<IndexedChanges> {
    const { store, documents } = this.workspace;
    const outcome = new Outcome(set.unchanged, report);
    // In a long run, what is known of files that are gone may be gone, too, when it is asked for.
    const renames = new Renames(listener === undefined ? set.changes : [], store);
    const isDue = (path: string): boolean => listener === undefined || this.overtaken?.has(path) !== true;
    const simple = set.changes.flatMap((change) =>
      change.kind !== 'index' && isDue(joinPath(change.entry.root, change.entry.path)) ? [change] : [],
    );
    const isLater = (change: IndexChange): boolean => change.kind === 'remove' && renames.mayBe(change.entry.id);
    if (simple.some(({ kind }) => kind === 'remove')) await this.beforeChange();
    if (simple.length > 0) {
      this.stages.run(
        'store',
        simple.length,
        () => {
          store.batch(() => {
            for (const change of simple) if (!isLater(change)) this.applySimple(change, outcome);
          });
        },
        undefined,
      );
    }
    const files = set.changes.flatMap((change) => (change.kind === 'index' ? [change] : []));
    const requests: ExtractionRequest[] = [];
    for (const [id, { file, knownHash }] of files.entries()) {
      if (!isDue(file.absolutePath)) {
        listener?.stored(file.absolutePath, undefined);
        continue;
      }
      if (file.state !== 'found') {
        await this.beforeChange();
        store.batch(() => {
          this.writeWithout(file, file.state === 'failed' ? 'failed' : 'skipped', file.reason, outcome);
        });
        continue;
      }
      const overlay = documents.overlay(file.absolutePath);
      requests.push({
        id,
        path: file.absolutePath,
        dialect: file.dialect,
        size: overlay?.text.length ?? file.size,
        ...(overlay === undefined ? {} : { text: overlay.text }),
        knownHashes: knownHash !== undefined ? [knownHash] : overlay === undefined ? renames.hashesFor(file) : [],
        ...(file.isExplicit || documents.takesMinified ? { force: true } : {}),
      });
    }
    let done = 0;
    for await (const results of this.extract(requests, options)) {
      const isTyping = requests.length === 1 && requests[0].text !== undefined;
      if (results.some(({ state }) => state !== 'unchanged')) await this.beforeChange();
      this.stages.run(
        'store',
        results.length,
        () => {
          store.batch(
            () => {
              for (const result of results) {
                const { file } = files[result.id];
                const id = isDue(file.absolutePath) ? this.write(file, result, outcome, renames) : undefined;
                listener?.stored(file.absolutePath, id);
              }
            },
            { durable: !isTyping },
          );
        },
        undefined,
      );
      done += results.length;
      const last = files[results[results.length - 1].id].file.path;
      options.onProgress?.({ stage: 'extract', done, total: requests.length, detail: last });
      await listener?.step();
    }
    if (options.token?.isCancelled === true) throw new CancelledError();
    const later = simple.filter(isLater);
    if (later.length > 0) {
      store.batch(() => {
        for (const change of later)
          this.applySimple(change, outcome, change.kind === 'remove' && renames.isTaken(change.entry.id));
      });
    }
    if (set.isWhole) {
      store.batch(() => {
        store.meta.set(TAKES_MINIFIED, String(documents.takesMinified));
      });
    }
    return outcome.result();
  }

  /** Open documents first, when they are few: someone is waiting for them. */
  private async *extract(
    requests: readonly ExtractionRequest[],
    {
      token,
      urgent = false,
    }: { readonly token?: CancellationToken | undefined; readonly urgent?: boolean | undefined },
  ): AsyncGenerator<readonly ExtractionResult[]> {
    const { extractor, inline } = this.workspace;
    const options = token === undefined ? { urgent } : { token, urgent };
    const typed = requests.filter(({ text }) => text !== undefined);
    if (typed.length > INLINE_DOCUMENTS) {
      yield* extractor.extract(requests, options);
      return;
    }
    if (typed.length > 0) yield* inline.extract(typed, options);
    const others = requests.filter(({ text }) => text === undefined);
    if (others.length > 0) yield* extractor.extract(others, options);
  }

  statusOf(path: string): FileStatus | undefined {
    const id = this.workspace.idOf(path);
    const row = id === undefined ? undefined : this.workspace.store.files.get(id);
    if (row === undefined) return undefined;
    return {
      path: joinPath(row.root, row.path),
      state: row.state,
      reason: row.reason,
      lost: row.lost,
      limits: row.limits,
    };
  }

  statuses(): readonly FileStatus[] {
    return [...this.workspace.store.files.statuses()];
  }

  private applySimple(change: Exclude<IndexChange, { kind: 'index' }>, outcome: Outcome, isRenamed = false): void {
    const { store } = this.workspace;
    if (change.kind === 'touch') {
      store.files.touch(change.entry.id, change.file.mtimeMs, change.file.size);
      return;
    }
    const reader = this.workspace.bodies.file(change.entry.id)?.reader;
    outcome.report.removed(change.entry.id, change.entry.path, reader, isRenamed);
    store.files.remove(change.entry.id);
    this.workspace.bodies.forget(change.entry.id);
    this.note(joinPath(change.entry.root, change.entry.path), change.entry.id);
    outcome.gone.push(change.entry.id);
    outcome.removed.push(joinPath(change.entry.root, change.entry.path));
  }

  /** The file's id when it has new facts. */
  private write(
    file: DiscoveredFile,
    result: ExtractionResult,
    outcome: Outcome,
    renames: Renames,
  ): FileId | undefined {
    const { store } = this.workspace;
    switch (result.state) {
      case 'extracted': {
        const { facts, contentHash, size, mtimeMs, times } = result;
        this.stages.account('parse', times.parseMs, 1);
        this.stages.account('extract', times.extractMs, 1);
        const known = store.files.idOf(file.root, file.path);
        const before = known === undefined ? undefined : this.workspace.bodies.file(known)?.reader;
        const id = store.putFile(
          {
            root: file.root,
            path: file.path,
            hash: contentHash,
            mtime: mtimeMs,
            size,
            dialect: file.dialect,
            state: facts.lost.length > 0 ? 'partial' : 'indexed',
            reason: '',
            lost: facts.lost,
            limits: facts.limits,
          },
          {
            hash: contentHash,
            dialect: file.dialect,
            extractor: EXTRACTOR_VERSION,
            graph: facts.graph,
            skeleton: facts.skeleton,
            symbols: facts.symbols,
            callNames: facts.callNames,
            nameCount: facts.nameCount,
          },
        );
        this.workspace.forget(id);
        if (known === undefined) outcome.report.added(file.path, facts.functionCount);
        else outcome.report.changed(id, file.path, before, openGraph(facts.graph));
        this.note(file.absolutePath, id);
        outcome.files.push(id);
        outcome.indexed.push(file.absolutePath);
        return id;
      }
      case 'unchanged': {
        const id = store.files.idOf(file.root, file.path);
        const known = renames.find(file, result.contentHash);
        if (known !== undefined) return this.writeKnown(file, result, known, outcome);
        // An open document has no time of its own; what the disk's was stays true of the disk.
        if (id !== undefined && result.mtimeMs !== 0) store.files.touch(id, result.mtimeMs, result.size);
        outcome.unchanged++;
        return undefined;
      }
      case 'skipped':
        this.writeWithout(
          { ...file, size: result.size, mtimeMs: result.mtimeMs },
          'skipped',
          result.reason,
          outcome,
          result.contentHash,
        );
        return undefined;
      case 'failed':
        // Without a time it is tried again whenever the disk is looked at.
        this.writeWithout(result.isUnread === true ? { ...file, mtimeMs: 0 } : file, 'failed', result.reason, outcome);
        return undefined;
      case 'missing': {
        const id = store.files.idOf(file.root, file.path);
        if (id === undefined) return undefined;
        outcome.report.removed(id, file.path, this.workspace.bodies.file(id)?.reader, false);
        store.files.remove(id);
        this.workspace.forgetRemoved(id);
        this.note(file.absolutePath, id);
        outcome.gone.push(id);
        outcome.removed.push(file.absolutePath);
        return undefined;
      }
    }
  }

  /** A file whose content is that of one that is gone. */
  private writeKnown(
    file: DiscoveredFile,
    { contentHash, mtimeMs, size }: ContentStamp,
    { row, isFirst }: { readonly row: FileRow; readonly isFirst: boolean },
    outcome: Outcome,
  ): FileId {
    const { store, bodies } = this.workspace;
    const { root, path } = file;
    const id = store.putKnown({ ...row, root, path, hash: contentHash, mtime: mtimeMs, size });
    this.workspace.forget(id);
    if (isFirst) outcome.report.renamed(path, row.path);
    else outcome.report.added(path, bodies.file(id)?.reader.functionCount ?? 0);
    outcome.files.push(id);
    outcome.indexed.push(file.absolutePath);
    return id;
  }

  /** A file that is in the index only with the reason why it has no facts. */
  private writeWithout(
    file: DiscoveredFile,
    state: 'skipped' | 'failed',
    reason: string,
    outcome: Outcome,
    hash = '',
  ): void {
    const { store } = this.workspace;
    const known = store.files.idOf(file.root, file.path);
    const row = known === undefined ? undefined : store.files.get(known);
    // It is left out as before, and nobody has to look at it again.
    const isLeftOut = row?.state === state && row.reason === reason && row.hash === hash;
    if (known !== undefined && isLeftOut && row.dialect === file.dialect) {
      store.files.touch(known, file.mtimeMs, file.size);
      outcome.unchanged++;
      return;
    }
    const before = known === undefined ? undefined : this.workspace.bodies.file(known)?.reader;
    const id = store.putFile(
      {
        root: file.root,
        path: file.path,
        hash,
        mtime: file.mtimeMs,
        size: file.size,
        dialect: file.dialect,
        state,
        reason,
        lost: [],
        limits: [],
      },
      undefined,
    );
    this.workspace.forget(id);
    if (known === undefined) outcome.report.added(file.path, 0);
    else outcome.report.changed(id, file.path, before, undefined);
    this.note(file.absolutePath, id);
    outcome.files.push(id);
    outcome.statusChanged.push(file.absolutePath);
    if (state === 'failed') outcome.failed.push({ path: file.absolutePath, reason });
  }

  private note(path: string, file: FileId): void {
    this.overtaken?.add(path);
    this.changed(file);
  }
}

/** What an application of changes did, while it is being done. */
class Outcome {
  readonly indexed: string[] = [];
  readonly removed: string[] = [];
  readonly failed: { path: string; reason: string }[] = [];
  readonly statusChanged: string[] = [];
  readonly files: FileId[] = [];
  readonly gone: FileId[] = [];
  unchanged: number;

  constructor(
    unchanged: number,
    readonly report: UpdateReport,
  ) {
    this.unchanged = unchanged;
  }

  result(): IndexedChanges {
    return {
      indexed: this.indexed,
      removed: this.removed,
      failed: this.failed,
      statusChanged: this.statusChanged,
      files: this.files,
      gone: this.gone,
      unchanged: this.unchanged,
    };
  }
}

/** True when a folder above the path is among these. */
function isBelow(folders: ReadonlySet<string>, path: string): boolean {
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    if (folders.has(path.slice(0, slash))) return true;
  }
  return false;
}
