/** How V8 compiles in this process. */
import { setFlagsFromString } from 'node:v8';

/**
 * Bytes of bytecode that may be inlined into one function; V8's own limit is 920. An analysis runs a lot of code for a
 * few seconds, so that optimising compilation, beside it on another thread, takes nearly as much time as the code: with
 * few cores they are in each other's way. With this limit compilation takes half the time, and the code as long as before.
 */
const MAX_INLINED = 300;

/** To be called before much has run. Holds for all threads of the process. */
export function limitInlining(): void {
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${String(MAX_INLINED)}`);
}
