/**
 * What library calls do to objects as such, for linking: a function handed through, properties copied, classes that
 * inherit. By the way the callee is written, `lodash.extend`, because linking knows no API states yet when it asks.
 */
import type { ApiDocument } from './document';
import type { PathStep } from './pathGrammar';

/** Positions are argument positions. */
export interface ModelCallEffect {
  /** Arguments the result may be. */
  readonly returns?: readonly number[];
  /** Properties of the arguments from `from` on are copied to argument `to`. */
  readonly copies?: { readonly to: number; readonly from: number };
  /** Instances of class `sub` inherit from class `base`. */
  readonly inherits?: { readonly sub: number; readonly base: number };
}

/** By dotted path from a package or global: `util.promisify`, `lodash/extend`; from any value, `.pipe`. */
export type ModelCallEffects = Readonly<Record<string, ModelCallEffect>>;

/** Stands for values of which nobody knows the type. */
export const ANY_VALUE = '.';

export class CallEffects {
  readonly byName: Record<string, ModelCallEffect> = {};

  /**
   * Notes what an entry says of calls. `roots` are the names its path starts from; the empty name is the global object,
   * `ANY_VALUE` whatever has a method of that name.
   * Paths that are not property names alone are left out: such callees can't be told by how they are written.
   */
  add(roots: readonly string[], steps: readonly PathStep[], api: ApiDocument): void {
    const effect = effectOf(api);
    if (effect === undefined) return;
    for (const names of namesOf(steps)) {
      for (const root of roots) {
        if (root === ANY_VALUE) {
          if (names.length === 1) this.note(`.${names[0]}`, effect);
          continue;
        }
        this.note([root, ...names].filter((name) => name !== '').join('.'), effect);
        if (root !== '' && names.length === 1) this.note(`${root}/${names[0]}`, effect);
      }
    }
  }

  private note(name: string, effect: ModelCallEffect): void {
    this.byName[name] = { ...this.byName[name], ...effect };
  }
}

function effectOf({ passesThrough, copies, inherits }: ApiDocument): ModelCallEffect | undefined {
  if (passesThrough === undefined && copies === undefined && inherits === undefined) return undefined;
  const returns = passesThrough ?? copies?.to;
  return {
    ...(returns === undefined ? {} : { returns: [returns] }),
    ...(copies === undefined ? {} : { copies: { from: copies.from, to: copies.to } }),
    ...(inherits === undefined ? {} : { inherits }),
  };
}

/** How what lies at `steps` below one of the roots is written: `lodash.fp`. Nothing for places that names alone do not lead to. */
export function calleeNames(roots: readonly string[], steps: readonly PathStep[]): readonly string[] {
  return namesOf(steps).flatMap((names) =>
    roots.map((root) => [root, ...names].filter((name) => name !== '').join('.')),
  );
}

function namesOf(steps: readonly PathStep[]): readonly (readonly string[])[] {
  let found: string[][] = [[]];
  for (const step of steps) {
    if (step.kind !== 'member') return [];
    found = found.flatMap((names) => step.names.map((name) => [...names, name]));
  }
  return found;
}
