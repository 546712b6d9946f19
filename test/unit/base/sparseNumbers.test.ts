import { expect, it } from 'vitest';
import { SparseNumbers } from '../../../server/src/base/sparseNumbers';

it.each([10, 40_000])('forgets what was set (%d numbers)', (count) => {
  const numbers = new SparseNumbers();
  for (let round = 1; round <= 3; round++) {
    for (let i = 0; i < count; i++) {
      expect(numbers.get(i * 7)).toBe(0);
      numbers.set(i * 7, i + round);
    }
    expect(numbers.get((count - 1) * 7)).toBe(count - 1 + round);
    expect(numbers.get(3)).toBe(0);
    if (round === 2) numbers.release();
    else numbers.clear();
  }
  expect(numbers.get(1_000_000)).toBe(0);
});
