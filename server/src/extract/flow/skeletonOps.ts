/** Which operations matter to skeletons, and how classes of one name are told apart. */
import { Op } from '../../model/graph';

/** Operations whose value linking can say nothing about. */
export const isPlain = new Uint8Array(64);
for (const op of [
  Op.Const,
  Op.StringConst,
  Op.Regex,
  Op.Concat,
  Op.Binary,
  Op.Unary,
  Op.Throw,
  Op.Catch,
  Op.ForInKey,
  Op.Yield,
  Op.Unknown,
]) {
  isPlain[op] = 1;
}

/** Operations where values enter a function: their API states are part of the link result. */
export const isEntry = new Uint8Array(64);
for (const op of [
  Op.Param,
  Op.RestParam,
  Op.Cell,
  Op.Captured,
  Op.Global,
  Op.Import,
  Op.Load,
  Op.LoadElement,
  Op.Call,
  Op.New,
  Op.Await,
  Op.Iterate,
  Op.Typed,
  Op.Super,
]) {
  isEntry[op] = 1;
}

/** Number of each class among those of the same name in the same function, into `ordinals`. */
export function twinOrdinals(names: Int32Array, functions: Int32Array, ordinals: Int32Array): void {
  const seen = new Map<string, number>();
  for (let c = 0; c < names.length; c++) {
    const key = `${String(functions[c])} ${String(names[c])}`;
    const ordinal = seen.get(key) ?? 0;
    seen.set(key, ordinal + 1);
    ordinals[c] = ordinal;
  }
}
