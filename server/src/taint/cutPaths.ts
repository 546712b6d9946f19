/** How many access paths of answers were cut because they were too long, or too many between the same two places. */
import { C_ANYTHING, MAX_LENGTH, type PathTable } from './accessPaths';
import { Mode, type SummaryTable } from './summaryTable';

export interface PathCounts {
  total: number;
  cut: number;
}

/** Adds those of one answer: one where each entry begins, and one where it ends. */
export function countPaths({ inPath, inMode, outPath }: SummaryTable, paths: PathTable, counts: PathCounts): void {
  for (let i = 0; i < inPath.length; i++) {
    counts.total += 2;
    // What is read below a path of full length is anything below it; what is written there ends with "anything", as merged ways do.
    if (inMode[i] === Mode.Deep && paths.length(inPath[i]) >= MAX_LENGTH) counts.cut++;
    if (paths.contains(outPath[i], C_ANYTHING)) counts.cut++;
  }
}
