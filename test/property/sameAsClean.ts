/** Whether an index is that of a clean run. */
import { expect } from 'vitest';
import type { Analysis } from '../../server/src/model/analysis';
import { findingsIn } from '../unit/pipeline/project';

/** Both are of the same files. With `isWhole` not only the findings: then what edits left behind is dropped before, as it is when there is nothing else to do. */
export async function expectSame(edited: Analysis, clean: Analysis, where: string, isWhole: boolean): Promise<void> {
  expect(findingsIn(edited), where).toEqual(findingsIn(clean));
  if (isWhole) await expectState(edited, await stateOf(clean), where);
}

/** Everything an analysis knows when there is nothing else to do. */
export interface AnalysisState {
  readonly findings: readonly string[];
  readonly dump: ReadonlySet<string>;
}

export async function stateOf(analysis: Analysis): Promise<AnalysisState> {
  // What an earlier process left is taken up before.
  analysis.dump();
  await analysis.idle();
  return { findings: findingsIn(analysis), dump: new Set(analysis.dump()) };
}

export async function expectState(analysis: Analysis, shouldBe: AnalysisState, where: string): Promise<void> {
  const is = await stateOf(analysis);
  expect(is.findings, `idle ${where}`).toEqual(shouldBe.findings);
  const difference = [
    ...[...is.dump].filter((line) => !shouldBe.dump.has(line)).map((line) => `+ ${line}`),
    ...[...shouldBe.dump].filter((line) => !is.dump.has(line)).map((line) => `- ${line}`),
  ];
  expect(difference, where).toEqual([]);
}
