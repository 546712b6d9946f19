/** When V8 collects garbage in this process. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * How far heaps of this process may grow, in percent of what was in use after a collection, before the next one; 0 leaves it to V8. By itself it
 * lets a heap that fills quickly more than double, which is well for small ones: of a large one, most of the peak is garbage then. Holds for all threads
 * of the process, each from its next collection on.
 */
export function limitHeapGrowth(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${String(percent)}`);
}

let collect: (() => void) | undefined;

/**
 * Collects the garbage of the thread that calls, completely and now: that takes about a second for each gigabyte in use. For moments in which much of what is
 * in use has just been let go of. V8 would wait until the heap has grown by its share, and keep until then what lies outside of the heap, too.
 */
export function collectGarbage(): void {
  if (collect === undefined) {
    // The function is there in contexts that are made while the flag is set.
    setFlagsFromString('--expose-gc');
    const found: unknown = runInNewContext('globalThis.gc');
    setFlagsFromString('--no-expose-gc');
    collect = typeof found === 'function' ? (found as () => void) : () => undefined;
  }
  collect();
}
