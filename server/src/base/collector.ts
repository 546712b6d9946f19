/** When V8 collects garbage in this process. */
import { setFlagsFromString } from 'node:v8';

/**
 * Percent by which a heap may grow, from what was in use after a collection, before the next one. Left alone, V8 lets a heap that fills quickly
 * more than double, which is well for small ones: of a large one, most of the peak is garbage then.
 */
const TIGHT_GROWTH = 15;

/** Trades time for memory, or no more. Holds for all threads of the process. */
export function limitHeapGrowth(isTight: boolean): void {
  setFlagsFromString(`--heap-growing-percent=${String(isTight ? TIGHT_GROWTH : 0)}`);
}
