/**
 * Questions to the solver: what becomes of that which enters a function at one root. A function is only looked at for
 * the roots somebody asks for, so that the work follows what untrusted data can reach and not the size of the program.
 *
 * A question is a function and a root: a parameter, a captured variable (what is read of it), or all sources of some
 * kinds in the function and its callees. Three more, the facets, tell what callers need to know beside flows.
 */
import type { FunctionId } from '../model/ids';
import { RootKind, facetRoot, kindOf, type Root } from './references';

export type QuestionId = number;

/** Which parameters the function has uses of: the input roots of the answer's entries. */
export const SHAPE_ROOT = facetRoot(0);
/** Which of its inputs the function returns as they are: entries from them to the result. */
export const ALIASES_ROOT = facetRoot(1);
/** What its result, as a test, says of its parameters (`predicates.ts`). */
export const TESTS_ROOT = facetRoot(2);

/**
 * True where the answer is known to be empty as long as nobody in the function, or among those it calls, has something to tell: sources and
 * captured variables. Such questions are asked by those who have (upward, from callee to caller), parameters by who passes something (downward).
 */
export const isToldUpward = (root: Root): boolean => {
  const kind = kindOf(root);
  return kind === RootKind.Cell || kind === RootKind.Sources;
};

const NONE: ReadonlyMap<Root, QuestionId> = new Map();

/** Questions as small integers, for one solver. */
export class QuestionTable {
  private readonly functions: FunctionId[] = [];
  private readonly roots: Root[] = [];
  private readonly byFunction = new Map<FunctionId, Map<Root, QuestionId>>();

  intern(id: FunctionId, root: Root): QuestionId {
    let questions = this.byFunction.get(id);
    if (questions === undefined) this.byFunction.set(id, (questions = new Map<Root, QuestionId>()));
    let question = questions.get(root);
    if (question === undefined) {
      question = this.functions.length;
      questions.set(root, question);
      this.functions.push(id);
      this.roots.push(root);
    }
    return question;
  }

  functionOf(question: QuestionId): FunctionId {
    return this.functions[question];
  }

  rootOf(question: QuestionId): Root {
    return this.roots[question];
  }

  /** All questions that were ever asked of a function, by root. */
  of(id: FunctionId): ReadonlyMap<Root, QuestionId> {
    return this.byFunction.get(id) ?? NONE;
  }

  ask(id: FunctionId, root: Root): QuestionId | undefined {
    return this.byFunction.get(id)?.get(root);
  }
}
