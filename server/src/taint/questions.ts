/**
 * Questions to the solver: what becomes of that which enters a function at one root. A function is only looked at for
 * the roots somebody asks for, so that the work follows what untrusted data can reach and not the size of the program.
 *
 * A question is a function and a root: a parameter, a captured variable (what is read of it), or all sources of some
 * kinds in the function and its callees. Seven more, the facets, tell what callers need to know beside flows.
 */
import { NumberMap } from '../base/numberMap';
import { TripleTable } from '../base/tripleTable';
import { fileOf, type FunctionId } from '../model/ids';
import { RootKind, facetRoot, kindOf, type Root } from './references';

export type QuestionId = number;

/** Which parameters the function has uses of: the input roots of the answer's entries. */
export const SHAPE_ROOT = facetRoot(0);
/** Which of its inputs the function returns as they are: entries from them to the result. */
export const ALIASES_ROOT = facetRoot(1);
/** What its result, as a test that is true or one that is false, says of its parameters (`predicates.ts`). Most callers go on after one of the two only. */
export const TRUE_TESTS_ROOT = facetRoot(2);
export const FALSE_TESTS_ROOT = facetRoot(3);
/** What holds of its parameters where it did not throw. */
export const RETURNED_ROOT = facetRoot(4);
/** What of that which it returns, or keeps in variables that others read, values are held against (`yardsticks.ts`). */
export const YARDSTICKS_ROOT = facetRoot(5);
/** What becomes of each of its values, whatever that is made of: never asked, but looked at to find its sinks. */
export const VALUES_ROOT = facetRoot(6);
/** What of that which it returns, or keeps in variables that others read, names places outside of the program (`storedNames.ts`). */
export const NAMES_ROOT = facetRoot(7);

/**
 * True where the answer is known to be empty as long as nobody in the function, or among those it calls, has something to tell: sources and
 * captured variables. Such questions are asked by those who have (upward, from callee to caller), parameters by who passes something (downward).
 */
export const isToldUpward = (root: Root): boolean => {
  const kind = kindOf(root);
  return kind === RootKind.Cell || kind === RootKind.Sources;
};

const NONE: readonly QuestionId[] = [];
const NO_QUESTION = -1;

/** Questions as small integers, for one solver. */
export class QuestionTable {
  /** File and key of the function, and root. */
  private readonly table = new TripleTable();
  private readonly functions: FunctionId[] = [];
  /** By function, the last of its questions; and by question, the next of the same function, the first one behind the last. */
  private readonly lastOf = new NumberMap(1024);
  private readonly following: QuestionId[] = [];

  get size(): number {
    return this.table.size;
  }

  intern(id: FunctionId, root: Root): QuestionId {
    const { size } = this.table;
    const question = this.table.add(fileOf(id), id | 0, root);
    if (question === size) {
      this.functions.push(id);
      const last = this.lastOf.get(id, NO_QUESTION);
      if (last === NO_QUESTION) this.following.push(question);
      else {
        this.following.push(this.following[last]);
        this.following[last] = question;
      }
      this.lastOf.set(id, question);
    }
    return question;
  }

  functionOf(question: QuestionId): FunctionId {
    return this.functions[question];
  }

  rootOf(question: QuestionId): Root {
    return this.table.third[question];
  }

  /** All questions that were asked of a function so far, in the order in which they were. */
  of(id: FunctionId): readonly QuestionId[] {
    const last = this.lastOf.get(id, NO_QUESTION);
    if (last === NO_QUESTION) return NONE;
    const questions: QuestionId[] = [];
    for (let question = this.following[last]; question !== last; question = this.following[question])
      questions.push(question);
    questions.push(last);
    return questions;
  }

  /** The question, or -1 when it was never asked. */
  find(id: FunctionId, root: Root): QuestionId {
    return this.table.find(fileOf(id), id | 0, root);
  }
}

/** A set of questions. Much cheaper than one of any values, as long as all questions are few enough for a list. */
export class QuestionSet {
  /** The members; in the order in which they came as long as none was deleted. */
  readonly items: QuestionId[] = [];
  /** Place of each question among the items, or -1. */
  private readonly places: number[] = [];

  get size(): number {
    return this.items.length;
  }

  has(question: QuestionId): boolean {
    return question < this.places.length && this.places[question] >= 0;
  }

  add(question: QuestionId): void {
    const { items, places } = this;
    while (places.length <= question) places.push(-1);
    if (places[question] >= 0) return;
    places[question] = items.length;
    items.push(question);
  }

  /** False when it was not in. */
  delete(question: QuestionId): boolean {
    const { items, places } = this;
    if (!this.has(question)) return false;
    const place = places[question];
    places[question] = -1;
    const last = items.pop();
    if (last !== undefined && last !== question) {
      items[place] = last;
      places[last] = place;
    }
    return true;
  }

  clear(): void {
    const { items, places } = this;
    for (let last = items.pop(); last !== undefined; last = items.pop()) places[last] = -1;
  }
}
