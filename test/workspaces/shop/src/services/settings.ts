import { mergeDeep, mergeFlat, type Tree } from '../util/merge';

const DEFAULTS: Tree = { newsletter: { weekly: false }, currency: 'EUR' };

export function mergeSettings(current: Tree, changes: Tree): Tree {
  return mergeDeep(mergeDeep({ ...DEFAULTS }, current), changes);
}

export function replacePreferences(current: Tree, changes: Tree): Tree {
  return mergeFlat(current, changes);
}
