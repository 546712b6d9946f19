/** When the command line listens for Ctrl+C while it works. */
import { expect, it } from 'vitest';
import { Interruption } from '../../../server/src/cli/interruption';

it('listens ever more seldom, where nothing is lost by it, and hears what was asked for', () => {
  let [now, interrupt] = [1000, (): void => undefined];
  const machine = {
    onInterrupt: (listener: () => void) => {
      interrupt = listener;
      return () => undefined;
    },
  };
  const { awaited, token } = new Interruption(machine, undefined, () => now);
  const heard: number[] = [];
  for (; now <= 61_000; now += 100) {
    expect(awaited(false)).toBe(false);
    if (awaited(true)) heard.push(now - 1000);
  }
  const gaps = heard.slice(1).map((at, i) => at - heard[i]);
  expect(gaps.every((gap) => gap >= 300 && gap <= 5000)).toBe(true);
  expect([gaps[0], gaps.at(-1)]).toEqual([300, 5000]);
  expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
  expect(token.isCancelled).toBe(false);
  interrupt();
  expect(token.isCancelled).toBe(true);
});
