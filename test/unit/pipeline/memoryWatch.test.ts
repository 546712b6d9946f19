/** Caches are emptied from three quarters of the memory on, work that can wait waits from nine tenths on, and both are told. */
import { beforeEach, expect, it } from 'vitest';
import { MemoryWatch, cacheBytes } from '../../../server/src/pipeline/memoryWatch';

const MB = 1024 * 1024;

let used: number;
let time: number;
let shed: number;
let told: string[];
let collected: number;
let watch: MemoryWatch;
/** Percent. */
let growth: number[];

beforeEach(() => {
  used = 100;
  time = 0;
  shed = 0;
  told = [];
  growth = [];
  collected = 0;
  const tell = (text: string): void => {
    told.push(text);
  };
  const log = { info: tell, warn: tell };
  const use = () => ({ used: used * MB, limit: 1000 * MB });
  watch = new MemoryWatch(
    () => {
      shed++;
    },
    log,
    use,
    () => time,
    (percent) => {
      growth.push(percent);
    },
    () => {
      collected++;
    },
  );
});

/** Looks again after so many milliseconds, when so many megabytes are in use. */
function lookAt(megabytes: number, after = 1_000): boolean {
  used = megabytes;
  time += after;
  return watch.look();
}

it('does nothing below three quarters', () => {
  expect(lookAt(749)).toBe(false);
  expect(shed).toBe(0);
  expect(told).toEqual([]);
});

it('empties caches from three quarters on, and not all the time', () => {
  expect(lookAt(751)).toBe(false);
  expect(lookAt(760)).toBe(false);
  expect(shed).toBe(1);
  expect(told).toEqual(['Memory: 75 % of 1000 MB are in use; caches were emptied.']);
  lookAt(760, 10_000);
  expect(shed).toBe(2);
});

it('has garbage collected from a fifth on, the more often the more is in use', () => {
  lookAt(199);
  expect(growth).toEqual([]);
  lookAt(200);
  lookAt(299);
  expect(growth).toEqual([60]);
  lookAt(300);
  lookAt(419);
  expect(growth).toEqual([60, 15]);
  lookAt(420);
  lookAt(800);
  expect(growth).toEqual([60, 15, 8]);
  lookAt(250);
  lookAt(100);
  expect(growth).toEqual([60, 15, 8, 60, 0]);
});

it('lets the heap grow by more once a first index is done', () => {
  lookAt(430);
  watch.firstIndexDone();
  lookAt(430);
  lookAt(500);
  lookAt(700);
  expect(growth).toEqual([8, 60, 30, 15]);
});

it('lets work wait from nine tenths on until there is room', () => {
  expect(lookAt(900)).toBe(true);
  expect(told[1]).toMatch(/^Memory: 90 % of 1000 MB are in use; work in the background waits\./);
  expect(lookAt(950)).toBe(true);
  expect(lookAt(600)).toBe(false);
  expect(told).toHaveLength(3);
  expect(told[2]).toMatch(/goes on\.$/);
});

it('empties caches that nobody needs for a while, and collects what they held where that is worth it', () => {
  used = 199;
  watch.relieve();
  expect([shed, collected]).toEqual([1, 0]);
  used = 200;
  watch.relieve();
  expect([shed, collected]).toEqual([2, 1]);
  expect(told).toEqual([]);
});

it('does not look more often than it must', () => {
  expect(lookAt(100)).toBe(false);
  expect(lookAt(990, 100)).toBe(false);
  expect(lookAt(990, 200)).toBe(true);
});

it('sizes caches by the limit, up to what they need', () => {
  expect(cacheBytes(1, { used: 0, limit: 1000 * MB })).toBe(80 * MB);
  expect(cacheBytes(0.48, { used: 0, limit: 999_999_999 })).toBe(38_399_999);
  expect(cacheBytes(1, { used: 0, limit: 64_000 * MB })).toBe(400 * MB);
});
