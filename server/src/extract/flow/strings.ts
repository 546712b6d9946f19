/**
 * The string table of one file, and two 32-bit content hashes per string so that structure hashes depend on what a
 * string says and not on its number.
 */
import { IntArray } from '../../base/intArray';
import type { StringId } from '../../model/graph';

export class StringTable {
  readonly list: string[] = [];
  private readonly ids = new Map<string, StringId>();

  /** `hashes` is memory for pairs of hashes by string; whatever was in it is given up. */
  constructor(private readonly hashes = new IntArray(256)) {
    hashes.length = 0;
  }

  intern(text: string): StringId {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const id = this.list.push(text) - 1;
    this.ids.set(text, id);
    let low = 0x811c9dc5;
    let high = 0x1b873593 ^ text.length;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      low = Math.imul(low ^ unit, 0x01000193);
      high = Math.imul((high ^ unit) + (high >>> 15), 0x85ebca6b);
    }
    this.hashes.push(low);
    this.hashes.push(high);
    return id;
  }

  hashLow(id: StringId): number {
    return this.hashes.items[id * 2];
  }

  hashHigh(id: StringId): number {
    return this.hashes.items[id * 2 + 1];
  }
}
