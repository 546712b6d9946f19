/**
 * Which files have the names of certain properties in them. All functions of a workspace are asked now and then, and a file need not be unpacked for
 * that again: what was found is kept, and shared by files that are alike.
 */
import type { FileId } from '../model/ids';

interface Named {
  /** So many of the names were looked for. */
  readonly upTo: number;
  /** Numbers of those that the file has. */
  readonly numbers: ReadonlySet<number>;
}

export class NamedProperties {
  private readonly numberOf = new Map<string, number>();
  private readonly files = new Map<FileId, Named>();
  private readonly shared = new Map<string, Named>();

  /** `names` will be asked for of all files, others of some; `stringsOf` gives all texts of a file, undefined for one that is not there. */
  constructor(
    names: Iterable<string>,
    private readonly stringsOf: (file: FileId) => readonly string[] | undefined,
  ) {
    for (const name of names) this.numberOf.set(name, this.numberOf.size);
  }

  /** Whether the file has the name in it. */
  has(file: FileId, name: string): boolean {
    let number = this.numberOf.get(name);
    if (number === undefined) this.numberOf.set(name, (number = this.numberOf.size));
    let named = this.files.get(file);
    if (named === undefined || named.upTo <= number) {
      const strings = this.stringsOf(file);
      if (strings === undefined) return false;
      this.files.set(file, (named = this.look(strings)));
    }
    return named.numbers.has(number);
  }

  /** The file may be another one, or gone. */
  forget(file: FileId): void {
    this.files.delete(file);
  }

  private look(strings: readonly string[]): Named {
    const numbers: number[] = [];
    for (const text of strings) {
      const number = this.numberOf.get(text);
      if (number !== undefined) numbers.push(number);
    }
    const upTo = this.numberOf.size;
    const key = `${String(upTo)}:${numbers.sort((a, b) => a - b).join()}`;
    let named = this.shared.get(key);
    if (named === undefined) this.shared.set(key, (named = { upTo, numbers: new Set(numbers) }));
    return named;
  }
}
