import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { movedLines } from './movedLines';

const folder = mkdtempSync(join(tmpdir(), 'moved-lines-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function moved(before: string, after: string, ...lines: number[]): number[] {
  const [earlier, later] = [join(folder, 'before.js'), join(folder, 'after.js')];
  writeFileSync(earlier, before.split(' ').join('\n'));
  writeFileSync(later, after.split(' ').join('\n'));
  return [...movedLines(earlier, later, lines)].sort((a, b) => a - b);
}

describe('where lines went', () => {
  it('is where they were when nothing changed', () => {
    expect(moved('a b c', 'a b c', 1, 3)).toEqual([1, 3]);
  });

  it('follows insertions and deletions before them', () => {
    expect(moved('a b c d', 'x y a b c d', 1, 4)).toEqual([3, 6]);
    expect(moved('a b c d', 'a d', 4)).toEqual([2]);
    expect(moved('a b c d', 'a x b c d', 1, 2)).toEqual([1, 3]);
  });

  it('is any line that replaced them', () => {
    expect(moved('a b c', 'a x y c', 2, 3)).toEqual([2, 3, 4]);
    expect(moved('a b c', 'a c', 2)).toEqual([]);
  });
});
