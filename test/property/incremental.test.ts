/** The sequences of edits (`editSequences.ts`), in a process of their own. */
import { expect, it } from 'vitest';
import { runBundled } from './bundled';

it('a sequence of edits leads to the index of a clean run', { timeout: 0 }, async () => {
  const { code, output } = await runBundled('test/property/editSequences.ts');
  expect(code, output).toBe(0);
  expect(output).toMatch(/Tests\s+1 passed/);
});
