/**
 * What is shown of an open document that is edited while links and summaries of the last process are still being taken
 * up: what the last process found in it, less what the edit takes away and more what it brings about, as far as the
 * document and what it imports tell. The index, and the findings it has, stay as they are: the update that follows when all is
 * taken up knows nothing of this.
 */
import type { AnalysisSettings } from '../model/analysis';
import type { Location, ResolvedFinding } from '../model/finding';
import type { FileId } from '../model/ids';
import { locationOf, rangeOf } from './describeNodes';
import type { ExtractedFacts } from './extraction';
import { FindingBook } from './findingBook';
import type { FileFunctions } from './functionBodies';
import { CancelledError } from './options';
import { PreviewWorld } from './previewWorld';
import type { Workspace } from './workspace';

/** Edited documents that are looked at in one go: each takes a moment in which nothing else is answered. */
const MOST_AT_ONCE = 3;

/** A file with what was found in it, with the text that is in the index. */
interface Before {
  readonly world: PreviewWorld;
  readonly functions: FileFunctions;
  readonly prints: ReadonlySet<string>;
  /** Where the nodes of its functions are, by their range: function and node. */
  places: Map<string, readonly [number, number]> | undefined;
}

export class Preview {
  private readonly shown = new Map<string, FindingBook>();
  /** Of the file that was edited last: typing goes on in one file for a while. */
  private before: Before | undefined;
  /** Files that take too long to be looked at. */
  private readonly tooLarge = new Set<FileId>();

  constructor(
    private readonly workspace: Workspace,
    private settings: AnalysisSettings,
    /** What the last process found. */
    private readonly book: FindingBook,
  ) {}

  changeSettings(settings: AnalysisSettings): void {
    this.settings = settings;
    for (const book of this.shown.values()) book.changeSettings(settings);
  }

  /** What is shown of a file; undefined when that is what the last process found. */
  of(path: string): readonly ResolvedFinding[] | undefined {
    return this.shown.get(path)?.of(path);
  }

  /** Looks at open documents. False when nothing can be said of one of them before all is taken up, or of too many at once. */
  look(paths: readonly string[]): boolean {
    const edited: { readonly path: string; readonly file: FileId; readonly facts: ExtractedFacts }[] = [];
    for (const path of paths) {
      const file = this.workspace.idOf(path);
      const result = file === undefined ? undefined : this.extract(path, file);
      if (file === undefined || result === undefined || this.tooLarge.has(file)) return false;
      if (result === 'unchanged') this.shown.delete(path);
      else if (edited.push({ path, file, facts: result }) > MOST_AT_ONCE) return false;
    }
    return edited.every(({ path, file, facts }) => this.tryToShow(path, file, facts));
  }

  /** What an open document is now, unless it is as the index has it. Undefined when it can't be analysed. */
  private extract(path: string, file: FileId): ExtractedFacts | 'unchanged' | undefined {
    const { documents, inline, store } = this.workspace;
    const overlay = documents.overlay(path);
    const row = store.files.get(file);
    if (row === undefined || overlay === undefined) return undefined;
    const { text } = overlay;
    const knownHashes = [row.hash];
    const result = inline.extractNow({ id: 0, path, dialect: row.dialect, text, size: text.length, knownHashes });
    if (result.state === 'extracted') return result.facts;
    return result.state === 'unchanged' ? 'unchanged' : undefined;
  }

  private tryToShow(path: string, file: FileId, facts: ExtractedFacts): boolean {
    try {
      return this.show(path, file, facts);
    } catch (error) {
      this.before = undefined;
      if (!(error instanceof CancelledError)) throw error;
      this.tooLarge.add(file);
      return false;
    }
  }

  private show(path: string, file: FileId, facts: ExtractedFacts): boolean {
    if (this.before?.world.file !== file) this.before = this.lookBefore(file);
    const { before } = this;
    if (before === undefined) return false;
    const { world, prints } = before;
    // What was found in a file that is not done yet is of an older text.
    const isSettled = !this.workspace.store.files.isPending(file);
    const now = world.look(facts);
    const findings: ResolvedFinding[] = [];
    const stored = new Set<string>();
    for (const finding of this.book.crossing(path)) {
      const isHere = finding.sink.path === path;
      if (isHere) stored.add(finding.fingerprint);
      // What others find out about is left to them.
      if (!isHere || (!now.has(finding.fingerprint) && !prints.has(finding.fingerprint)))
        findings.push(this.moved(finding, path, before));
    }
    // More is found in it by itself than the whole index tells: of sources that reach one sink the nearest few are told.
    const told = [...now].filter(([print]) => stored.has(print) || !prints.has(print) || !isSettled);
    findings.push(...world.resolved(told));
    const book = new FindingBook(this.settings);
    book.change(findings, []);
    this.shown.set(path, book);
    return true;
  }

  private lookBefore(file: FileId): Before | undefined {
    const world = new PreviewWorld(this.workspace, this.settings, file);
    const prints = new Set(world.look().keys());
    const { functions } = world;
    return functions === undefined ? undefined : { world, functions, prints, places: undefined };
  }

  /** A finding with its places in this file where they are now, as far as they are in functions that nobody changed. */
  private moved(finding: ResolvedFinding, path: string, before: Before): ResolvedFinding {
    const now = before.world.functions;
    if (now === undefined) return finding;
    const places = (before.places ??= placesIn(before.functions));
    const move = (location: Location): Location => {
      const place = location.path === path ? places.get(textOf(location.range)) : undefined;
      if (place === undefined) return location;
      const [index, node] = place;
      const next = now.indexOf(before.functions.ids[index]);
      if (next === undefined) return location;
      const graph = now.graphOf(next);
      return graph.structureHash === before.functions.graphOf(index).structureHash
        ? locationOf(path, now, graph, node)
        : location;
    };
    return {
      ...finding,
      source: move(finding.source),
      sink: move(finding.sink),
      paths: finding.paths.map((one) => ({
        ...one,
        steps: one.steps.map((step) => ({ ...step, location: move(step.location) })),
      })),
    };
  }
}

function placesIn(functions: FileFunctions): Map<string, readonly [number, number]> {
  const places = new Map<string, readonly [number, number]>();
  for (const index of functions.ids.keys()) {
    const graph = functions.graphOf(index);
    for (let node = 0; node < graph.op.length; node++)
      places.set(textOf(rangeOf(functions, graph, node)), [index, node]);
  }
  return places;
}

const textOf = ({ start, end }: Location['range']): string =>
  [start.line, start.character, end.line, end.character].join(' ');
