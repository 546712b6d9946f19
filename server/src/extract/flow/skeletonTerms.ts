/**
 * The terms of a skeleton while it is built: those over other terms, unions of several, and variables with what is
 * assigned to them.
 */
import { IntArray } from '../../base/intArray';
import { NO_TERM, TermKind } from '../../model/skeleton';
import type { Term } from '../../model/skeleton';
import { NumberLists, TermLists, TermTable } from './skeletonTables';

/** Unions and variables keep this many alternatives. */
const MAX_ALTERNATIVES = 48;

/** Longest chain of properties kept in one term; below it nothing is known. */
const MAX_DEPTH = 12;

export class SkeletonTerms extends TermTable {
  readonly lists = new NumberLists();
  /** The union that is being made: empty it, add to it, then ask for `union`. */
  readonly alternatives = new IntArray();
  /** What is assigned to each variable; until `closeVariables`, `a` of a variable's term is its list here. */
  private readonly assigned = new TermLists();
  private readonly variables = new IntArray();

  clearAll(): void {
    this.clear();
    this.lists.clear();
    this.assigned.clear();
    this.variables.length = 0;
  }

  /** A term over another one; none when they nest too deep. */
  nested(kind: TermKind, base: Term, b: number): Term {
    const depth = this.depth.items[base] + 1;
    if (depth > MAX_DEPTH) return NO_TERM;
    const term = this.intern(kind, base, b);
    this.depth.items[term] = depth;
    return term;
  }

  /** The term for what is in `alternatives`. */
  union(): Term {
    const { alternatives } = this;
    if (alternatives.length === 0) return NO_TERM;
    if (alternatives.length === 1) return alternatives.items[0];
    return this.intern(TermKind.Union, this.lists.add(alternatives), 0);
  }

  either(a: Term, b: Term): Term {
    this.alternatives.length = 0;
    this.addAlternative(a);
    this.addAlternative(b);
    return this.union();
  }

  addAlternative(term: Term): void {
    if (term === NO_TERM) return;
    if (this.kind.items[term] !== TermKind.Union) {
      this.addOne(term);
      return;
    }
    const { start, values } = this.lists;
    const list = this.a.items[term];
    for (let i = start.items[list]; i < start.items[list + 1]; i++) this.addOne(values.items[i]);
  }

  private addOne(term: Term): void {
    const { items, length } = this.alternatives;
    if (length >= MAX_ALTERNATIVES) return;
    for (let i = 0; i < length; i++) if (items[i] === term) return;
    this.alternatives.push(term);
  }

  newVariable(): Term {
    const term = this.append(TermKind.Variable, this.assigned.open(), 0);
    this.variables.push(term);
    return term;
  }

  assign(variable: Term, value: Term): void {
    const { kind, lists } = this;
    if (kind.items[variable] !== TermKind.Variable || value === variable || value === NO_TERM) return;
    const list = this.a.items[variable];
    if (kind.items[value] !== TermKind.Union) {
      this.assignOne(list, value);
      return;
    }
    const union = this.a.items[value];
    for (let i = lists.start.items[union]; i < lists.start.items[union + 1]; i++) {
      this.assignOne(list, lists.values.items[i]);
    }
  }

  private assignOne(list: number, value: Term): void {
    if (this.assigned.sizeOf(list) < MAX_ALTERNATIVES) this.assigned.add(list, value);
  }

  closeVariables(): void {
    const { variables, alternatives } = this;
    for (let i = 0; i < variables.length; i++) {
      const term = variables.items[i];
      this.assigned.copyTo(this.a.items[term], alternatives);
      this.a.items[term] = this.lists.add(alternatives);
    }
  }
}
