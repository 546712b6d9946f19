/**
 * Where lines of a file went in a later version of it, by `git diff`. A line that both versions have is itself; one that was
 * changed may be any of the lines that replaced it; one that was deleted is nowhere.
 */
import { spawnSync } from 'node:child_process';

/** Lines (from 1) that were replaced by others. For a count of 0 the line is the one before. */
interface Hunk {
  readonly from: number;
  readonly fromCount: number;
  readonly to: number;
  readonly toCount: number;
}

/** Lines of the later file that the given lines may have become. Changes of white space alone are none. */
export function movedLines(earlier: string, later: string, lines: Iterable<number>): ReadonlySet<number> {
  const hunks = hunksBetween(earlier, later);
  const moved = new Set<number>();
  for (const line of lines) {
    let shift = 0;
    let changed: Hunk | undefined;
    for (const hunk of hunks) {
      if (hunk.fromCount > 0 && line >= hunk.from && line < hunk.from + hunk.fromCount) changed = hunk;
      if (hunk.from + Math.max(0, hunk.fromCount - 1) < line) shift += hunk.toCount - hunk.fromCount;
    }
    if (changed === undefined) moved.add(line + shift);
    else for (let at = 0; at < changed.toCount; at++) moved.add(changed.to + at);
  }
  return moved;
}

function hunksBetween(earlier: string, later: string): readonly Hunk[] {
  const { stdout, error } = spawnSync(
    'git',
    ['diff', '--no-index', '--no-color', '--no-ext-diff', '--text', '-U0', '-w', '--minimal', '--', earlier, later],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (error !== undefined) throw new Error(`git diff could not be run: ${error.message}`);
  return [...stdout.matchAll(/^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/gm)].map(
    ([, from, fromCount = '1', to, toCount = '1']) => ({
      from: Number(from),
      fromCount: Number(fromCount),
      to: Number(to),
      toCount: Number(toCount),
    }),
  );
}
