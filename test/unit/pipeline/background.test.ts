import { setImmediate as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Background } from '../../../server/src/pipeline/background';

/** Steps that take their time, so that many slices are needed. */
function* steps(done: number[], count: number): Generator<void, void, undefined> {
  for (let step = 0; step < count; step++) {
    const end = performance.now() + 2;
    while (performance.now() < end);
    done.push(step);
    yield;
  }
}

it('lets others in between, and is done in the end', async () => {
  const background = new Background();
  const done: number[] = [];
  let isDone = false;
  const work = background.start(steps(done, 30), () => (isDone = true));
  await pause();
  await pause();
  expect(done.length).toBeLessThan(30);
  await work;
  expect(done).toHaveLength(30);
  expect(isDone).toBe(true);
});

it('is left where it is when it is stopped, and goes on from there', async () => {
  const background = new Background();
  const done: number[] = [];
  const work = steps(done, 30);
  const first = background.start(work);
  await pause();
  await pause();
  background.stop();
  await first;
  const left = done.length;
  expect(left).toBeLessThan(30);
  await pause();
  expect(done).toHaveLength(left);
  await background.start(work);
  expect(done).toEqual(Array.from({ length: 30 }, (_, step) => step));
});
