/**
 * What a function declaration uses of the variables around it. Its closure is there from the beginning of the block, but nobody
 * calls it before its name is read. So what it sees of a variable is what the variable holds, guards included, wherever
 * the name is read, and not what will ever be assigned:
 *
 *     if (!file.startsWith(root)) return;
 *     send();
 *     function send() { read(file); }
 */
import type { Slot } from './environment';

/** Variables that a declaration uses, by itself or through other declarations of its block; beyond that it counts as called from the beginning. */
const MAX_VARIABLES = 64;

interface Declared {
  /** As it was lowered: variables, and other declarations. */
  readonly uses: readonly Slot[];
  /** Variables only, those that other declarations use with it included. */
  variables: readonly Slot[];
  isRead: boolean;
}

export class DeferredCaptures {
  private readonly declarations = new Map<Slot, Declared>();

  clear(): void {
    if (this.declarations.size > 0) this.declarations.clear();
  }

  get isEmpty(): boolean {
    return this.declarations.size === 0;
  }

  has(slot: Slot): boolean {
    return this.declarations.has(slot);
  }

  add(slot: Slot, uses: readonly Slot[]): void {
    this.declarations.set(slot, { uses, variables: [], isRead: false });
  }

  /**
   * All declarations of a block were added. False for those that use too much: these are no declarations any more.
   */
  settle(slot: Slot): boolean {
    const declared = this.declarations.get(slot);
    if (declared === undefined) return true;
    const seen = new Set<Slot>([slot]);
    const variables: Slot[] = [];
    const stack = [...declared.uses];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      if (seen.size > MAX_VARIABLES) {
        this.declarations.delete(slot);
        return false;
      }
      const other = this.declarations.get(next);
      if (other === undefined) variables.push(next);
      else stack.push(...other.uses);
    }
    declared.variables = variables;
    return true;
  }

  /** What the declaration sees where its name is read here; nothing for what is no declaration. */
  read(slot: Slot): readonly Slot[] {
    const declared = this.declarations.get(slot);
    if (declared === undefined) return [];
    declared.isRead = true;
    return declared.variables;
  }

  /** Variables of declarations whose name nobody has read: whoever calls them does so from outside. */
  *unread(): Generator<Slot> {
    for (const { variables, isRead } of this.declarations.values()) if (!isRead) yield* variables;
  }
}
