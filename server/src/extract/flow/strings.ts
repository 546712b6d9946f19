/**
 * The string table of one file, and two 32-bit content hashes per string so that structure hashes depend on what a
 * string says and not on its number.
 */
import type { StringId } from '../../model/graph';

export class StringTable {
  readonly list: string[] = [];
  private readonly ids = new Map<string, StringId>();
  private readonly low: number[] = [];
  private readonly high: number[] = [];

  intern(text: string): StringId {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const id = this.list.length;
    this.ids.set(text, id);
    this.list.push(text);
    return id;
  }

  hashLow(id: StringId): number {
    if (this.low[id] === undefined) this.hash(id);
    return this.low[id];
  }

  hashHigh(id: StringId): number {
    if (this.high[id] === undefined) this.hash(id);
    return this.high[id];
  }

  private hash(id: StringId): void {
    const text = this.list[id];
    let low = 0x811c9dc5;
    let high = 0x1b873593 ^ text.length;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      low = Math.imul(low ^ unit, 0x01000193);
      high = Math.imul((high ^ unit) + (high >>> 15), 0x85ebca6b);
    }
    this.low[id] = low | 0;
    this.high[id] = high | 0;
  }
}
