/**
 * The latest published findings, in the memory of the protocol thread: what hover, lenses, diagnostics and the tree
 * are answered from, whatever the analysis is doing. Indexed by every file a finding touches.
 */
import { EventEmitter } from 'node:events';
import type { FileStatus, ResolvedFinding } from '../model/finding';
import type { NamedFinding } from '../present/diagnostics';
import type { PublishedFile } from './analysisMessages';

interface FileEntry {
  findings: readonly NamedFinding[];
  status: FileStatus | undefined;
  /** Changes with everything a diagnostic of this file is made of. */
  revision: number;
  /** Which run of the analysis thread told us. */
  epoch: number;
}

interface Events {
  /** Files whose own findings or status changed, and files that are touched by findings that changed. */
  changed: [own: ReadonlySet<string>, touched: ReadonlySet<string>];
  /** This version of the open document is analysed. */
  analysed: [path: string, version: number];
  /** The analysis failed on the open document; nobody needs to wait for it. */
  abandoned: [path: string];
}

const NONE: readonly NamedFinding[] = [];

export class PublishedFindings {
  readonly events = new EventEmitter<Events>();
  readonly #files = new Map<string, FileEntry>();
  readonly #byId = new Map<string, NamedFinding>();
  /** Source and step files → findings (other than those whose sink is there). */
  readonly #touching = new Map<string, Set<NamedFinding>>();
  readonly #analysed = new Map<string, number>();
  /** Open documents that are no part of the index. */
  readonly #outside = new Set<string>();
  #revision = 0;
  #epoch = 0;
  #generation = 0;

  constructor() {
    this.events.setMaxListeners(0);
  }

  get generation(): number {
    return this.#generation;
  }

  get total(): number {
    return this.#byId.size;
  }

  apply(files: readonly PublishedFile[]): void {
    const own = new Set<string>();
    const touched = new Set<string>();
    for (const file of files) {
      const isOutdated = (this.#files.get(file.path)?.epoch ?? this.#epoch) !== this.#epoch;
      if (file.findings !== undefined || isOutdated) {
        // "The same as last time" from a new thread means nothing: it never told us what it knows nothing of.
        this.#replace(file.path, file.findings ?? [], file.status, touched);
        own.add(file.path);
      }
      if (file.version === undefined) continue;
      this.#analysed.set(file.path, file.version);
      if (file.status === undefined) this.#outside.add(file.path);
      else this.#outside.delete(file.path);
    }
    if (own.size > 0) {
      this.#generation++;
      this.events.emit('changed', own, touched);
    }
    for (const { path, version } of files) if (version !== undefined) this.events.emit('analysed', path, version);
  }

  /** A new analysis thread starts to tell what it knows; what the last one told stays until `endEpoch`. */
  startEpoch(): void {
    this.#epoch++;
    this.#analysed.clear();
  }

  /** The new thread has told everything: what only the last one knew is gone. */
  endEpoch(): void {
    const own = new Set<string>();
    const touched = new Set<string>();
    for (const [path, { epoch }] of this.#files) {
      if (epoch === this.#epoch) continue;
      this.#replace(path, [], undefined, touched);
      own.add(path);
    }
    if (own.size === 0) return;
    this.#generation++;
    this.events.emit('changed', own, touched);
  }

  /** Forgets all findings (the analysis was switched off, or looks at other folders). */
  clear(): void {
    const own = new Set(this.#files.keys());
    const touched = new Set(this.#touching.keys());
    this.#files.clear();
    this.#byId.clear();
    this.#touching.clear();
    this.#analysed.clear();
    this.#outside.clear();
    this.#generation++;
    this.events.emit('changed', own, touched);
  }

  forgetVersion(path: string): void {
    this.#analysed.delete(path);
    this.#outside.delete(path);
  }

  /** Version of the open document that the findings are about; undefined when it was not analysed since it was opened. */
  analysedVersion(path: string): number | undefined {
    return this.#analysed.get(path);
  }

  /** Findings whose sink is in the file. */
  inFile(path: string): readonly NamedFinding[] {
    return this.#files.get(path)?.findings ?? NONE;
  }

  /** Findings with sink, source or a step in the file. */
  touching(path: string): readonly NamedFinding[] {
    const others = this.#touching.get(path);
    return others === undefined ? this.inFile(path) : [...this.inFile(path), ...others];
  }

  status(path: string): FileStatus | undefined {
    return this.#files.get(path)?.status;
  }

  /** True for an open document that the analysis looked at and does not take as part of the index. */
  isOutside(path: string): boolean {
    return this.#outside.has(path);
  }

  /** Equal numbers mean equal diagnostics; 0 for a file nothing is known of. */
  revision(path: string): number {
    return this.#files.get(path)?.revision ?? 0;
  }

  byId(id: string): NamedFinding | undefined {
    return this.#byId.get(id);
  }

  /** Files something is known of. */
  paths(): Iterable<string> {
    return this.#files.keys();
  }

  #replace(
    path: string,
    findings: readonly ResolvedFinding[],
    status: FileStatus | undefined,
    touched: Set<string>,
  ): void {
    for (const named of this.#files.get(path)?.findings ?? NONE) {
      this.#byId.delete(named.id);
      for (const other of otherFiles(named.finding)) {
        touched.add(other);
        const set = this.#touching.get(other);
        set?.delete(named);
        if (set?.size === 0) this.#touching.delete(other);
      }
    }
    if (findings.length === 0 && status === undefined) {
      this.#files.delete(path);
      return;
    }
    const named = findings.map((finding) => this.#name(finding));
    this.#files.set(path, { findings: named, status, revision: ++this.#revision, epoch: this.#epoch });
    for (const each of named) {
      for (const other of otherFiles(each.finding)) {
        touched.add(other);
        const set = this.#touching.get(other);
        if (set === undefined) this.#touching.set(other, new Set([each]));
        else set.add(each);
      }
    }
  }

  /** The fingerprint, with a number for true twins: two equal statements in one function share a fingerprint. */
  #name(finding: ResolvedFinding): NamedFinding {
    let id = finding.fingerprint;
    for (let n = 2; this.#byId.has(id); n++) id = `${finding.fingerprint}-${String(n)}`;
    const named = { id, finding };
    this.#byId.set(id, named);
    return named;
  }
}

function otherFiles(finding: ResolvedFinding): Set<string> {
  const files = new Set([finding.source.path]);
  for (const { steps } of finding.paths) for (const step of steps) files.add(step.location.path);
  files.delete(finding.sink.path);
  return files;
}
