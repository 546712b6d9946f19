/**
 * An `Analysis` for tests of the session: every line with `SINK` is a finding when some file has a line with `SOURCE`,
 * lines with `VIA` are steps, a line with `BROKEN` makes its file partial. The "disk" is a map, work can be held up and
 * calls are recorded, so that tests decide what happens when.
 */
import type {
  AnalysisSettings,
  CancellationToken,
  IndexStatistics,
  Progress,
  PublishListener,
  StageReport,
  Update,
} from '../../server/src/model/analysis';
import { NO_COUNTS, NOTHING_CHANGED } from '../../server/src/model/analysis';
import { DigestBuilder, type IndexDigest } from '../../server/src/model/digest';
import type { IndexHealth, MonitoredAnalysis } from '../../server/src/model/health';
import type { FileStatus, Location, ResolvedFinding, Step } from '../../server/src/model/finding';
import type { Rule } from '../../server/src/model/summary';
import type { SliceEnd, SliceOptions, SliceRequest, SliceResult } from '../../server/src/model/slice';
import { SEVERITIES } from '../../server/src/protocol/messages';

export const RULE: Rule = {
  id: 'command-injection',
  name: 'Command injection',
  cwe: [78],
  severity: 'high',
  sources: ['remote'],
  sinks: ['command'],
  message: '{source} reaches {sink}',
  description: 'A command built from untrusted data.',
  help: 'Use `execFile` with an argument list.',
};

interface RunOptions {
  readonly onProgress?: (progress: Progress) => void;
  readonly onPublish?: PublishListener;
  readonly token?: CancellationToken;
}

/** What outlives one `FakeAnalysis`: the disk, the persisted index, and the test's grip on the work. */
export class FakeWorld {
  readonly disk = new Map<string, string>();
  /** Texts as last indexed: a persisted index. */
  indexed = new Map<string, string>();
  readonly calls: string[] = [];
  readonly opened: { roots: readonly string[]; storage: string | undefined; settings: AnalysisSettings }[] = [];
  /** Awaited by each kind of work before it is done. */
  hold: Partial<Record<'open' | 'scan' | 'update' | 'rebuild' | 'slice', Promise<void>>> = {};
  excluded: (path: string) => boolean = () => false;
  /** What an earlier process left is being taken up: something can be said of open documents before an update is done. */
  isTakingUp = false;
  /** Thrown by the next update. */
  failure: Error | undefined;

  /** Holds a kind of work up until the returned function is called. */
  pause(kind: 'open' | 'scan' | 'update' | 'rebuild' | 'slice'): () => void {
    let go = (): void => {};
    this.hold[kind] = new Promise((resolve) => {
      go = resolve;
    });
    return () => {
      this.hold[kind] = undefined as never;
      go();
    };
  }
}

export class FakeAnalysis implements MonitoredAnalysis {
  readonly #world: FakeWorld;
  readonly #roots: readonly string[];
  #settings: AnalysisSettings;
  readonly #overlays = new Map<string, string>();
  readonly #previewed = new Set<string>();
  #generation = 0;

  constructor(world: FakeWorld, roots: readonly string[], storage: string | undefined, settings: AnalysisSettings) {
    this.#world = world;
    this.#roots = roots;
    this.#settings = settings;
    if (storage === undefined) world.indexed = new Map();
    world.opened.push({ roots, storage, settings });
  }

  async scan({ paths, ...options }: RunOptions & { paths?: readonly string[] }): Promise<Update> {
    this.#world.calls.push(paths === undefined ? 'scan' : `scan ${paths.join(' ')}`);
    const inside = (path: string): boolean =>
      (paths ?? this.#roots).some((root) => path === root || path.startsWith(`${root}/`)) &&
      (paths !== undefined || this.#settings.includeDependencies || !path.includes('/node_modules/'));
    const wanted = new Set([...this.#world.disk.keys()].filter(inside));
    if (paths === undefined) for (const path of this.#world.indexed.keys()) wanted.add(path);
    return this.#work('scan', [...wanted], options);
  }

  async rebuild(options: RunOptions): Promise<Update> {
    this.#world.calls.push('rebuild');
    return this.#work('rebuild', [...this.#world.disk.keys()], options, true);
  }

  async update(paths: readonly string[], options: RunOptions = {}): Promise<Update> {
    this.#world.calls.push(`update ${paths.join(' ')}`);
    // A folder that is gone takes its files along.
    const inside = [...this.#world.indexed.keys()].filter((file) => paths.some((path) => file.startsWith(`${path}/`)));
    const { failure } = this.#world;
    if (failure !== undefined) {
      this.#world.failure = undefined;
      throw failure;
    }
    return this.#work('update', [...paths, ...inside], options);
  }

  preview(paths: readonly string[]): Update | undefined {
    if (!this.#world.isTakingUp) return undefined;
    this.#world.calls.push(`preview ${paths.join(' ')}`);
    for (const path of paths) this.#previewed.add(path);
    return this.#update({ affected: paths });
  }

  setOverlay(path: string, text: string): void {
    this.#overlays.set(path, text);
  }

  removeOverlay(path: string): void {
    this.#overlays.delete(path);
  }

  changeSettings(settings: AnalysisSettings): Promise<Update> {
    const before = this.allFindings();
    this.#settings = settings;
    const affected = new Set([...before, ...this.allFindings()].map((finding) => finding.sink.path));
    return Promise.resolve(this.#update({ affected: [...affected] }));
  }

  /** What is asked about is a line with `SINK` or `SOURCE`; the other end is that of the finding. */
  async slice({ path, line, direction }: SliceRequest, { token }: SliceOptions = {}): Promise<SliceResult> {
    this.#world.calls.push(`slice ${direction} ${path}:${String(line)}`);
    await this.#world.hold.slice;
    if (token?.isCancelled === true) return { outcome: 'cancelled', message: 'Cancelled.' };
    const end = (kind: 'source' | 'sink', location: Location): SliceEnd => {
      return { kind, label: `the ${kind}`, location, functionName: 'run' };
    };
    const [known] = this.allFindings();
    const near = known === undefined ? [] : [end('sink', known.sink)];
    const asked = direction === 'to' ? known?.sink : known?.source;
    if (known === undefined || asked?.path !== path || asked.range.start.line !== line)
      return { outcome: 'nothingThere', message: 'There is nothing.', near };
    const other = direction === 'to' ? end('source', known.source) : end('sink', known.sink);
    return {
      outcome: 'done',
      direction,
      target: direction === 'to' ? end('sink', known.sink) : end('source', known.source),
      flows: [
        {
          id: 'one',
          end: other,
          status: 'finding',
          remark: 'A finding.',
          rule: RULE,
          confidence: 3,
          threatModels: ['remote'],
          dangerousAs: ['command'],
          paths: known.paths,
          morePaths: 0,
        },
      ],
      moreFlows: 0,
      notes: [],
      isCut: false,
    };
  }

  findingsOf(path: string): readonly ResolvedFinding[] {
    const text = this.#previewed.has(path) ? this.#overlays.get(path) : undefined;
    if (text !== undefined) {
      const [source] = linesWith(path, text, 'SOURCE');
      return linesWith(path, text, 'SINK').map((sink) => finding(source ?? sink, [], sink));
    }
    return this.allFindings().filter((finding) => finding.sink.path === path || finding.source.path === path);
  }

  *readFindings(): Generator<void, void, undefined> {
    yield;
  }

  allFindings(): readonly ResolvedFinding[] {
    if (SEVERITIES.indexOf(RULE.severity) > SEVERITIES.indexOf(this.#settings.minSeverity)) return [];
    const texts = [...this.#world.indexed].sort(([a], [b]) => (a < b ? -1 : 1));
    const sources = texts.flatMap(([path, text]) => linesWith(path, text, 'SOURCE'));
    const via = texts.flatMap(([path, text]) => linesWith(path, text, 'VIA'));
    const [source] = sources;
    if (source === undefined) return [];
    return texts.flatMap(([path, text]) => linesWith(path, text, 'SINK').map((sink) => finding(source, via, sink)));
  }

  statusOf(path: string): FileStatus | undefined {
    const text = this.#world.indexed.get(path);
    if (text === undefined) return undefined;
    const lost = linesWith(path, text, 'BROKEN').map(({ range }) => range);
    return { path, state: lost.length > 0 ? 'partial' : 'indexed', reason: '', lost, limits: [] };
  }

  statuses(): readonly FileStatus[] {
    return [...this.#world.indexed.keys()].map((path) => this.statusOf(path)).filter((status) => status !== undefined);
  }

  stages(): readonly StageReport[] {
    return [{ id: 'parse', scope: 'file', inputs: [], enabled: true, state: 'done', milliseconds: 1, items: 2 }];
  }

  fileCounts(): IndexStatistics['files'] {
    const partial = this.statuses().filter(({ state }) => state === 'partial').length;
    return { indexed: this.#world.indexed.size - partial, partial, failed: 0, skipped: 0 };
  }

  dump(): readonly string[] {
    return [];
  }

  statistics(): IndexStatistics {
    this.#world.calls.push('statistics');
    return {
      files: this.fileCounts(),
      functions: 1,
      callSites: { total: 1, toFunctions: 1, toModels: 0, unknown: 0 },
      truncatedFunctions: 0,
      accessPaths: { total: 0, cut: 0 },
      findings: this.allFindings().length,
      databaseBytes: 0,
    };
  }

  async health(): Promise<IndexHealth> {
    return {
      at: 0,
      isIncremental: true,
      statistics: this.statistics(),
      truncatedPaths: 0,
      findingsWithMorePaths: 0,
      stages: this.stages(),
      remarkable: this.statuses(),
      remarkableCounts: this.fileCounts(),
      storage: {
        folder: undefined,
        databaseBytes: 0,
        journalBytes: 0,
        cacheBytes: 0,
        lastCheckpoint: undefined,
        notices: [],
      },
      memory: { processBytes: 0, heapBytes: 0, heapLimitBytes: 0, externalBytes: 0 },
      extractionThreads: 1,
      runs: [],
      consistency: { lastWhole: undefined, updatesSince: 0, waiting: 0, checked: 0, problems: [], found: 0 },
    };
  }

  async digest(): Promise<IndexDigest> {
    return new DigestBuilder().result([]);
  }

  async idle(): Promise<readonly string[]> {
    this.#world.calls.push('idle');
    return [];
  }

  async close(): Promise<void> {
    this.#world.calls.push('close');
  }

  async #work(
    kind: 'scan' | 'update' | 'rebuild',
    paths: readonly string[],
    { token, onProgress }: RunOptions,
    anew = false,
  ): Promise<Update> {
    const start = performance.now();
    onProgress?.({ stage: 'parse', done: 0, total: paths.length, detail: '' });
    // Held work polls the token, as the real one does.
    const { hold } = this.#world;
    let isHeld = hold[kind] !== undefined;
    void hold[kind]?.then(() => (isHeld = false));
    while (isHeld && token?.isCancelled !== true) await new Promise((resolve) => setTimeout(resolve, 2));
    if (token?.isCancelled === true) return this.#update({ cancelled: true });
    const indexed: string[] = [];
    const removed: string[] = [];
    const before = this.allFindings();
    for (const path of paths) {
      if (this.#world.excluded(path)) continue;
      const text = this.#overlays.get(path) ?? this.#world.disk.get(path);
      if (text === undefined) {
        if (this.#world.indexed.delete(path)) removed.push(path);
      } else if (anew || this.#world.indexed.get(path) !== text) {
        this.#world.indexed.set(path, text);
        indexed.push(path);
      }
    }
    this.#previewed.clear();
    const affected = new Set([...indexed, ...removed]);
    for (const { sink } of [...before, ...this.allFindings()]) affected.add(sink.path);
    this.#generation++;
    return this.#update({ indexed, removed, affected: [...affected], milliseconds: performance.now() - start });
  }

  #update(part: Partial<Update>): Update {
    const total = this.allFindings().length;
    return {
      ...NOTHING_CHANGED,
      generation: this.#generation,
      unchangedFiles: this.#world.indexed.size - (part.indexed?.length ?? 0),
      summarizedFunctions: part.indexed?.length ?? 0,
      findings: { ...NO_COUNTS, total },
      milliseconds: 0,
      cancelled: false,
      ...part,
    };
  }
}

function linesWith(path: string, text: string, word: string): Location[] {
  return text.split('\n').flatMap((line, number) => {
    const at = line.indexOf(word);
    if (at < 0) return [];
    return [
      { path, range: { start: { line: number, character: at }, end: { line: number, character: at + word.length } } },
    ];
  });
}

export function finding(source: Location, via: readonly Location[], sink: Location): ResolvedFinding {
  const step = (kind: Step['kind'], location: Location, text: string): Step => ({
    kind,
    location,
    text,
    functionName: 'run',
  });
  const first = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
  return {
    fingerprint: `${sink.path.replaceAll(/\W/g, '')}${String(sink.range.start.line)}`,
    rule: RULE,
    severity: RULE.severity,
    confidence: 3,
    sourceKinds: ['remote'],
    message: 'Untrusted data from SOURCE reaches SINK.',
    source,
    sourceLabel: 'SOURCE',
    sink,
    sinkLabel: 'SINK',
    sourceFunction: { path: source.path, range: first, name: 'read' },
    sinkFunction: { path: sink.path, range: first, name: 'run' },
    help: RULE.help,
    paths: [
      {
        steps: [
          step('source', source, 'read from `SOURCE`'),
          ...via.map((place) => step('call', place, 'passed to `run` as `x`')),
          step('sink', sink, 'reaches `SINK`'),
        ],
      },
    ],
    morePaths: 0,
  };
}
