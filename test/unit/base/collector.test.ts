/** What was let go of is given back at once. */
import { expect, it } from 'vitest';
import { collectGarbage } from '../../../server/src/base/collector';

const MB = 1024 * 1024;

/** In a function of its own, so that nothing on the stack holds what it made. */
function take(megabytes: number): number {
  return new Uint8Array(megabytes * MB).fill(1).length;
}

it('gives back what lies outside of the heap, again and again', () => {
  for (let round = 0; round < 2; round++) {
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    expect(take(128)).toBe(128 * MB);
    collectGarbage();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(MB);
  }
});

it('leaves no global function behind', () => {
  collectGarbage();
  expect('gc' in globalThis).toBe(false);
});
