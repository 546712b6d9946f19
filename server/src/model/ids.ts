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
  for (let i = 0; i < keys.length; i++) result[i] = hashKey(keys[i]);
  distinctHashes(result);
  return result;
}

/** Makes what `hashKey` gave for the keys of a file into its `keyHashes`, in place. */
export function distinctHashes(hashes: Uint32Array): void {
  let capacity = 16;
  while (capacity < hashes.length * 2) capacity *= 2;
  if (slots.length < capacity) slots = new Int32Array(capacity);
  else slots.fill(0, 0, capacity);
  for (let i = 0; i < hashes.length; i++) {
    // Slots hold indexes plus one.
    for (let slot = hashes[i] & (capacity - 1); ; slot = (slot + 1) & (capacity - 1)) {
      const other = slots[slot];
      if (other === 0) {
        slots[slot] = i + 1;
        break;
      }
      if (hashes[other - 1] !== hashes[i]) continue;
      hashes[i] = hashes[i] + 1;
      slot = (hashes[i] - 1) & (capacity - 1);
    }
  }
}

/** Kept from file to file. */
let slots = new Int32Array(64);
