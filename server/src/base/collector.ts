/** When V8 collects garbage in this process. */
import { setFlagsFromString } from 'node:v8';

/**
 * How far heaps of this process may grow, in percent of what was in use after a collection, before the next one; 0 leaves it to V8. By itself it
 * lets a heap that fills quickly more than double, which is well for small ones: of a large one, most of the peak is garbage then. Holds for all threads
 * of the process, each from its next collection on.
 */
export function limitHeapGrowth(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${String(percent)}`);
}
