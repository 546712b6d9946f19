/** Work that is written as many small steps, so that something else can be done in between. */

/** Does all that is left of it at once, and gives its result. */
export function finish<T>(work: Generator<void, T, undefined>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}
