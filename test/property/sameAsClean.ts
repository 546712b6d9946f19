/** Whether an index is that of a clean run. */
import { expect } from 'vitest';
import type { Analysis } from '../../server/src/model/analysis';
import { findingsIn } from '../unit/pipeline/project';

/** Both are of the same files. With `isWhole` not only the findings: then what edits left behind is dropped before, as it is when there is nothing else to do. */
export async function expectSame(edited: Analysis, clean: Analysis, where: string, isWhole: boolean): Promise<void> {
  expect(findingsIn(edited), where).toEqual(findingsIn(clean));
  if (!isWhole) return;
  // What an earlier process left is taken up before.
  edited.dump();
  await edited.idle();
  await clean.idle();
  expect(findingsIn(edited), `idle ${where}`).toEqual(findingsIn(clean));
  const [is, shouldBe] = [new Set(edited.dump()), new Set(clean.dump())];
  const difference = [
    ...[...is].filter((line) => !shouldBe.has(line)).map((line) => `+ ${line}`),
    ...[...shouldBe].filter((line) => !is.has(line)).map((line) => `- ${line}`),
  ];
  expect(difference, where).toEqual([]);
}
