/**
 * `tributary scan --changed`: findings that concern what was changed since a revision of git. The changed files are first
 * analysed as they were (as if an editor had them open with their earlier text), then as they are; only they and what
 * depends on them are analysed twice. What is there the second time only is new, wherever in the project it shows.
 */
import type { Analysis } from '../model/analysis';
import type { ResolvedFinding } from '../model/finding';
import type { ReportedChanges } from '../present/report';
import { changesSince, type ChangedFile } from './git';

export type ScanRun = Parameters<Analysis['scan']>[0];

export interface Scanned {
  readonly cancelled: boolean;
  readonly findings: readonly ResolvedFinding[];
  readonly changes?: ReportedChanges;
}

/** Throws `GitError` when a root is in no repository, or the revision is not known. */
export async function scanChanges(
  analysis: Analysis,
  roots: readonly string[],
  revision: string,
  run: ScanRun,
): Promise<Scanned> {
  const files: ChangedFile[] = [];
  const commits = new Set<string>();
  for (const root of roots) {
    const changes = await changesSince(root, revision);
    commits.add(changes.base);
    files.push(...changes.files);
  }
  const paths = files.map(({ path }) => path);
  // A file that was not there said nothing.
  for (const { path, before } of files) analysis.setOverlay(path, before ?? '', '');
  const base = await analysis.scan(run);
  const before = new Set(analysis.allFindings().map(({ fingerprint }) => fingerprint));
  for (const path of paths) analysis.removeOverlay(path);
  const update = await analysis.update(paths, run.token === undefined ? {} : { token: run.token });
  const all = analysis.allFindings();
  const now = new Set(all.map(({ fingerprint }) => fingerprint));
  const added = new Set([...now].filter((fingerprint) => !before.has(fingerprint)));
  const changed = new Set(paths);
  return {
    cancelled: base.cancelled || update.cancelled,
    findings: all.filter((finding) => added.has(finding.fingerprint) || isIn(changed, finding)),
    changes: {
      since: revision,
      commit: [...commits].join(', '),
      files: files.length,
      added,
      gone: [...before].filter((fingerprint) => !now.has(fingerprint)).length,
    },
  };
}

/** Source, sink or a step is in one of the files. */
function isIn(files: ReadonlySet<string>, { source, sink, paths }: ResolvedFinding): boolean {
  return (
    files.has(source.path) ||
    files.has(sink.path) ||
    paths.some(({ steps }) => steps.some(({ location }) => files.has(location.path)))
  );
}
