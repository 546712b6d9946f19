export type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;

/** Merges `changes` into `target`, level by level. */
export function mergeDeep(target: Tree, changes: Tree): Tree {
  for (const key of Object.keys(changes)) {
    const value = changes[key];
    const current = target[key];
    if (isTree(value) && isTree(current)) {
      mergeDeep(current, value);
    } else {
      target[key] = value; // flow: prototype-pollution from src/routes/account.ts:settings; safe: prototype-pollution from src/routes/account.ts:preferences
    }
  }
  return target;
}

/** A copy without the keys that lead to a prototype. One level only, as preferences have. */
export function mergeFlat(target: Tree, changes: Tree): Tree {
  const result: Tree = Object.assign(Object.create(null), target);
  for (const key of Object.keys(changes)) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') continue;
    result[key] = changes[key]; // safe: prototype-pollution
  }
  return result;
}
