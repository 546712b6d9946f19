/**
 * Identities. A file's id is a small integer given by the store and never given to another file inside one database.
 * A function's id is its file's id and a 32-bit hash of its key, so that it stays the same when other functions come
 * and go.
 */

declare const fileIdBrand: unique symbol;
declare const functionIdBrand: unique symbol;
declare const apiStateBrand: unique symbol;

export type FileId = number & { readonly [fileIdBrand]: true };
/** `fileId * 2 ** 32 + keyHash`; a safe integer as long as file ids stay below 2 ** 21. */
export type FunctionId = number & { readonly [functionIdBrand]: true };
/** A place in the API of a library, as the compiled models know it (a state of their automaton). Valid for one model set. */
export type ApiState = number & { readonly [apiStateBrand]: true };

/** "Nothing known": no model speaks of this place. */
export const NO_API = 0 as ApiState;

const SHIFT = 2 ** 32;

export const functionId = (file: FileId, keyHash: number): FunctionId => (file * SHIFT + keyHash) as FunctionId;
export const fileOf = (id: FunctionId): FileId => Math.floor(id / SHIFT) as FileId;
export const keyHashOf = (id: FunctionId): number => id % SHIFT;

/** FNV-1a over UTF-16 code units, 32 bits. With `from`, the hash of what stands before it. */
export function hashKey(key: string, from = 0x811c9dc5): number {
  let hash = from;
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return hash >>> 0;
}

/** Key hashes of a file's functions by index; a collision takes the next free number, in index order, so it is deterministic. */
export function keyHashes(keys: readonly string[]): Uint32Array {
  const result = new Uint32Array(keys.length);
  const taken = new Set<number>();
  for (const [index, key] of keys.entries()) {
    let hash = hashKey(key);
    while (taken.has(hash)) hash = (hash + 1) >>> 0;
    taken.add(hash);
    result[index] = hash;
  }
  return result;
}
