/** Meets a fact with what a summary entry or model reads: the one place where paths on both sides of a call are matched. */
import { C_ELEMENT, C_PROTOTYPE, EMPTY, type PathId } from './accessPaths';
import { meet, type OriginId } from './facts';
import { limitConfidence, type Mask } from './references';
import type { Propagation } from './propagation';
import { Mode } from './summaryTable';

export interface Adapted {
  origin: OriginId;
  /** What lies below the read place and stays below the output. */
  rest: PathId;
  mask: Mask;
}

const ADAPTED: Adapted = { origin: 0, rest: EMPTY, mask: 0 };

/**
 * A fact says `origin` lies at `path` below a value; the callee reads `wanted` below it, in `mode`. Undefined when the
 * two do not meet. The result object is reused by the next call.
 */
export function adapt(
  p: Propagation,
  origin: OriginId,
  path: PathId,
  mask: Mask,
  wanted: PathId,
  mode: Mode,
): Readonly<Adapted> | undefined {
  const { paths } = p.environment;
  const found = meet(paths, path, wanted);
  if (found === undefined) return undefined;
  let { rest } = found;
  const certain = found.certain;
  let reached = origin;
  if (found.wanted !== EMPTY) {
    const isSymbolic = p.origins.isSymbolic(origin);
    for (let more = found.wanted; more !== EMPTY; more = paths.tail(more)) {
      const component = paths.head(more);
      // Tainted data as a whole has tainted fields, but it is neither a function nor a prototype object.
      if (!isSymbolic && !paths.isProperty(component) && component !== C_ELEMENT) return undefined;
      reached = p.origins.extend(reached, component, paths);
      // Too deep to tell a prototype from anything else.
      if (component === C_PROTOTYPE && p.origins.modeOf(reached) !== Mode.Identity) return undefined;
    }
  }
  if (mode === Mode.Derived) {
    if (!p.isWhole(rest)) return undefined;
    rest = EMPTY;
  } else if (mode === Mode.Deep) {
    // "Anything below" is data: neither an object that a key selected, nor what functions in there are called with.
    if (paths.contains(rest, C_PROTOTYPE) || paths.hasCall(rest)) return undefined;
    rest = EMPTY;
  }
  ADAPTED.origin = p.origins.weaken(reached, mode);
  ADAPTED.rest = rest;
  ADAPTED.mask = certain ? mask : limitConfidence(mask, 2);
  return ADAPTED;
}
