/**
 * One line of log for each update of the index: what was re-indexed, what was not, and how long it took. People and
 * tests read from it that a start on a warm index did nothing.
 */
import type { Counts, Update } from '../model/analysis';
import { count } from '../present/wording';

const MAX_NAMES = 5;

/** `generation 3: indexed 1 file (src/a.ts), 412 unchanged, 3 functions summarized, 12 ms`. */
export function describeUpdate(update: Update, shortName: (path: string) => string): string {
  const parts: string[] = [];
  if (update.indexed.length === 0) parts.push('re-indexed: nothing');
  else parts.push(`indexed ${count(update.indexed.length, 'file')} (${names(update.indexed, shortName)})`);
  if (update.removed.length > 0)
    parts.push(`removed ${count(update.removed.length, 'file')} (${names(update.removed, shortName)})`);
  if (update.failed.length > 0) {
    parts.push(
      `failed ${count(update.failed.length, 'file')} (${names(
        update.failed.map(({ path }) => path),
        shortName,
      )})`,
    );
  }
  parts.push(`${String(update.unchangedFiles)} unchanged`);
  if (update.relinkedFunctions > 0) parts.push(`${count(update.relinkedFunctions, 'function')} re-linked`);
  if (update.summarizedFunctions > 0) parts.push(`${count(update.summarizedFunctions, 'function')} summarized`);
  parts.push(...(['functions', 'summaries', 'findings'] as const).flatMap((what) => difference(what, update[what])));
  parts.push(`${String(Math.round(update.milliseconds))} ms`);
  const cancelled = update.cancelled ? ' cancelled after' : '';
  return `generation ${String(update.generation)}:${cancelled} ${parts.join(', ')}`;
}

/** `functions +2 ±1 −0`, when there is any difference. */
function difference(what: string, { added, changed, removed }: Counts): readonly string[] {
  if (added + changed + removed === 0) return [];
  return [`${what} +${String(added)} ±${String(changed)} −${String(removed)}`];
}

/** What was worked out again and why, a line each: `solve src/a.ts#function f about parameter 1: its code → same`. */
export function describeQueries({ queries }: Update): readonly string[] {
  return queries.map(({ query, subject, reasons, result }) => `${query} ${subject}: ${reasons.join('; ')} → ${result}`);
}

function names(paths: readonly string[], shortName: (path: string) => string): string {
  const shown = paths.slice(0, MAX_NAMES).map(shortName).join(', ');
  const more = paths.length - MAX_NAMES;
  return more > 0 ? `${shown} and ${String(more)} more` : shown;
}
