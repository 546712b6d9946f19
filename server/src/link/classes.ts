/** Constructors of classes through inheritance, and the name under which a class's methods share their fields. */
import { FunctionFlag } from '../model/graph';
import type { Evaluator, FileContext } from './evaluator';
import { EntityKind } from './fileIndex';
import { membersIn } from './properties';
import { Part } from './reads';
import type { StableNames } from './stableNames';
import { ValueKind } from './values';
import type { ValueId } from './values';

const MAX_CHAIN = 24;

/** What runs when the class is constructed: its constructor, or that of its superclass (which may be a library's). */
export function constructorsOf(evaluator: Evaluator, value: ValueId): readonly ValueId[] {
  const { values } = evaluator;
  const found: ValueId[] = [];
  const line: ValueId[] = [value];
  for (let i = 0; i < line.length && i < MAX_CHAIN; i++) {
    const at = line[i];
    const kind = values.kind(at);
    if (kind === ValueKind.Function || kind === ValueKind.Api) found.push(at);
    if (kind !== ValueKind.Class) continue;
    const context = evaluator.open(values.fileOf(at), Part.Interface);
    const c = evaluator.place(context, at);
    if (context === undefined || c < 0) continue;
    const { skeleton } = context.index;
    if (skeleton.classConstructor[c] >= 0) found.push(evaluator.functionValue(context, skeleton.classConstructor[c]));
    else
      for (const base of membersIn(evaluator, evaluator.read(context, skeleton.classSuper[c])))
        if (!line.includes(base)) line.push(base);
  }
  return found;
}

/** The topmost class of the workspace (or function, or object) whose fields `this` of a function has; undefined without one. */
export function receiverClass(
  evaluator: Evaluator,
  stable: StableNames,
  context: FileContext,
  f: number,
): ValueId | undefined {
  const { skeleton } = context.index;
  if ((skeleton.functionFlags[f] & (FunctionFlag.Arrow | FunctionFlag.Module)) !== 0) return undefined;
  const [target] = context.index.receiverEntities(f);
  if (target === undefined) return undefined;
  const kind: EntityKind = target % 8;
  // A function that is nobody's method has fields only as a constructor; then it has methods, or writes `this`.
  const hasMembers = (): boolean =>
    context.index.firstOf(target) >= 0 || context.index.isConstructor(Math.floor(target / 8));
  if (kind === EntityKind.FunctionInstance && !hasMembers()) return undefined;
  const { values } = evaluator;
  let value = evaluator.entityValue(context, target);
  if (values.kind(value) !== ValueKind.Instance) return value;
  value = values.inner(value);
  for (let i = 0; i < MAX_CHAIN && values.kind(value) === ValueKind.Class; i++) {
    let best: ValueId = -1;
    for (const base of membersIn(evaluator, evaluator.superclassesOf(value))) {
      const baseKind = values.kind(base);
      if (baseKind !== ValueKind.Class && baseKind !== ValueKind.Function) continue;
      if (best < 0 || stable.entity(base) < stable.entity(best)) best = base;
    }
    if (best < 0) break;
    value = best;
  }
  return value;
}
