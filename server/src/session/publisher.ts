/**
 * Decides on the analysis thread what the protocol thread has to be told after an update. Findings travel with the
 * file of their sink. A file is sent again when it was affected or when a path of one of its findings crosses a file
 * that was re-indexed (its steps may have moved), and its findings only when they differ from what was sent.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Analysis } from '../model/analysis';
import type { FileStatus, ResolvedFinding } from '../model/finding';
import type { PublishedFile } from './analysisMessages';

interface Sent {
  /** What the protocol thread has. */
  readonly findings: readonly ResolvedFinding[];
  readonly status: FileStatus | undefined;
  /** Other files that the paths of these findings cross. */
  readonly crosses: readonly string[];
}

export class Publisher {
  readonly #analysis: Pick<Analysis, 'findingsOf' | 'statusOf'>;
  readonly #sent = new Map<string, Sent>();
  /** File → files whose findings have steps in it. */
  readonly #crossedBy = new Map<string, Set<string>>();

  constructor(analysis: Pick<Analysis, 'findingsOf' | 'statusOf'>) {
    this.#analysis = analysis;
  }

  /** The files to look at again when these changed: themselves and those whose paths cross them. */
  concerned(paths: Iterable<string>): Set<string> {
    const result = new Set<string>();
    for (const path of paths) {
      result.add(path);
      for (const other of this.#crossedBy.get(path) ?? []) result.add(other);
    }
    return result;
  }

  /** What to send for one file; undefined when the protocol thread has it and no document version is to be confirmed. */
  publish(path: string, version: number | undefined): PublishedFile | undefined {
    const findings = this.#analysis.findingsOf(path).filter((finding) => finding.sink.path === path);
    const status = this.#analysis.statusOf(path);
    const previous = this.#sent.get(path);
    const isBlank = findings.length === 0 && isPlain(status);
    if (isBlank && previous === undefined) {
      return version === undefined ? undefined : { path, version, findings: undefined, status };
    }
    // What an update did not change are the same objects as before, and cost nothing to compare, however many an edit concerns.
    if (previous !== undefined && isDeepStrictEqual([previous.findings, previous.status], [findings, status])) {
      // Of a rebuilt index they are others: those of the one before are not to be kept in memory.
      this.#sent.set(path, { ...previous, findings, status });
      return version === undefined ? undefined : { path, version, findings: undefined, status };
    }
    this.#remember(path, isBlank ? undefined : { findings, status, crosses: filesCrossed(path, findings) });
    return { path, version, findings, status };
  }

  /** Every file something was sent of. */
  known(): IterableIterator<string> {
    return this.#sent.keys();
  }

  #remember(path: string, sent: Sent | undefined): void {
    for (const other of this.#sent.get(path)?.crosses ?? []) {
      const files = this.#crossedBy.get(other);
      files?.delete(path);
      if (files?.size === 0) this.#crossedBy.delete(other);
    }
    if (sent === undefined) {
      this.#sent.delete(path);
      return;
    }
    this.#sent.set(path, sent);
    for (const other of sent.crosses) {
      const files = this.#crossedBy.get(other);
      if (files === undefined) this.#crossedBy.set(other, new Set([path]));
      else files.add(path);
    }
  }
}

/** Most files are fully indexed and clean; nothing is kept of them. */
function isPlain(status: FileStatus | undefined): boolean {
  return status === undefined || (status.state === 'indexed' && status.limits.length === 0);
}

function filesCrossed(path: string, findings: readonly ResolvedFinding[]): string[] {
  const files = new Set<string>();
  for (const finding of findings) {
    files.add(finding.source.path);
    for (const { steps } of finding.paths) for (const step of steps) files.add(step.location.path);
  }
  files.delete(path);
  return [...files];
}
