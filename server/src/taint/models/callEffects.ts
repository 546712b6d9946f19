/**
 * What library calls do to objects as such, for linking: a function handed through, properties copied, classes that
 * inherit. By the way the callee is written, `lodash.extend`, because linking knows no API states yet when it asks.
 */
import { textsOf, type ApiDocument, type ModelDocument } from './document';
import { parsePath, PathSyntaxError, type PathStep } from './pathGrammar';

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
const ANY_VALUE = '.';

export class CallEffects {
  readonly byName: Record<string, ModelCallEffect> = {};

  addDocument(document: ModelDocument): void {
    const roots = [...(document.packages ?? []), ...(document.globals ?? [])];
    for (const { at, apis } of Object.values(document.types ?? {}))
      this.addApis(() => textsOf(at).flatMap((path) => calleeNames(roots, stepsOf(path))), apis);
    this.addApis(() => roots, document.apis);
    this.addApis(() => [''], document.globalApis);
    this.addApis(() => [ANY_VALUE], document.methods);
  }

  /**
   * Notes what entries say of calls. `roots` gives the names their paths start from; the empty name is the global object,
   * `ANY_VALUE` whatever has a method of that name.
   */
  private addApis(roots: () => readonly string[], apis: readonly ApiDocument[] = []): void {
    for (const api of apis) {
      const effect = effectOf(api);
      if (effect === undefined) continue;
      for (const path of textsOf(api.path)) this.add(roots(), stepsOf(path), effect);
    }
  }

  /** Paths that are not property names alone are left out: such callees can't be told by how they are written. */
  private add(roots: readonly string[], steps: readonly PathStep[], effect: ModelCallEffect): void {
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
function calleeNames(roots: readonly string[], steps: readonly PathStep[]): readonly string[] {
  return namesOf(steps).flatMap((names) =>
    roots.map((root) => [root, ...names].filter((name) => name !== '').join('.')),
  );
}

/** Nothing for a path that can't be read, which is told where its place is made. */
function stepsOf(path: string): readonly PathStep[] {
  try {
    return parsePath(path);
  } catch (error) {
    if (error instanceof PathSyntaxError) return [{ kind: 'anyMember' }];
    throw error;
  }
}

function namesOf(steps: readonly PathStep[]): readonly (readonly string[])[] {
  let found: string[][] = [[]];
  for (const step of steps) {
    if (step.kind !== 'member') return [];
    found = found.flatMap((names) => step.names.map((name) => [...names, name]));
  }
  return found;
}
