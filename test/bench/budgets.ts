/** What budgets of the analysis cut: shares of functions, paths of findings, and access paths. */
import type { IndexStatistics } from '../../server/src/model/analysis';
import type { ResolvedFinding } from '../../server/src/model/finding';

export interface Cut {
  readonly total: number;
  readonly cut: number;
}

export interface Budgets {
  readonly functions: Cut;
  /** Paths of findings of which steps were left out. */
  readonly paths: Cut;
  readonly accessPaths: Cut;
}

export function budgetsOf(
  { functions, truncatedFunctions, accessPaths }: IndexStatistics,
  findings: Iterable<Pick<ResolvedFinding, 'paths'>>,
): Budgets {
  let total = 0;
  let cut = 0;
  for (const { paths } of findings) {
    total += paths.length;
    cut += paths.filter(({ truncated }) => truncated !== undefined).length;
  }
  return { functions: { total: functions, cut: truncatedFunctions }, paths: { total, cut }, accessPaths };
}

export function sumOf(all: readonly Budgets[]): Budgets {
  const sum = (of: (budgets: Budgets) => Cut): Cut =>
    all.reduce((known, budgets) => ({ total: known.total + of(budgets).total, cut: known.cut + of(budgets).cut }), {
      total: 0,
      cut: 0,
    });
  return { functions: sum((b) => b.functions), paths: sum((b) => b.paths), accessPaths: sum((b) => b.accessPaths) };
}

/** `485 of 146413 functions (0.331 %), …`. */
export function describeBudgets({ functions, paths, accessPaths }: Budgets): string {
  const share = ({ total, cut }: Cut, what: string): string =>
    `${String(cut)} of ${String(total)} ${what} (${((100 * cut) / Math.max(1, total)).toFixed(3)} %)`;
  return [share(functions, 'functions'), share(paths, 'paths of findings'), share(accessPaths, 'access paths')].join(
    ', ',
  );
}
