/**
 * A process that is killed at any moment loses nothing that it reported as committed. `TRIBUTARY_CRASHES` says how many are killed,
 * `TRIBUTARY_SEED` with which numbers it begins.
 */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCommandLine } from '../cli/buildCommandLine';
import { crashRepeatedly } from './crashes';

const CRASHES = Number(process.env['TRIBUTARY_CRASHES'] ?? 15);
const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 1);

let dist: string;

beforeAll(async () => {
  dist = await buildCommandLine('test/durability/crashDriver.ts');
});
afterAll(() => {
  rmSync(dist, { recursive: true, force: true });
});

describe('a process that is killed', () => {
  it(
    `leaves an index that is whole and goes on to be that of a clean run (${String(CRASHES)} times)`,
    { timeout: 0 },
    async () => {
      const { kills, survivors, comparisons } = await crashRepeatedly(dist, CRASHES, SEED);
      if (process.env['TRIBUTARY_CRASHES'] !== undefined) {
        process.stdout.write(`${JSON.stringify({ kills, survivors, comparisons })}\n`);
      }
      expect(Object.values(kills).reduce((sum, each) => sum + each, 0)).toBe(CRASHES);
      expect(comparisons).toBeGreaterThan(CRASHES / 4);
    },
  );
});
