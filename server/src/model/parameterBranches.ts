/**
 * Branches that run, or don't, by what a function is given: `function walk(object, path, create) { … if (create) … }`. A caller who leaves the argument out, or
 * gives a constant, decides which of them there are for that call.
 */

/** What is asked of a parameter. */
export const enum ParameterTest {
  Truthy = 0,
  Undefined = 1,
  Nullish = 2,
  False = 3,
  True = 4,
}

/** As much as is known of what a parameter is given. */
export const enum Given {
  Anything = 0,
  Undefined = 1,
  Null = 2,
  False = 3,
  True = 4,
  /** An object, a text, a number. */
  OtherTruthy = 5,
  OtherFalsy = 6,
}

export const GIVEN_COUNT = 7;

export interface ParameterBranch {
  readonly parameter: number;
  readonly test: ParameterTest;
  /** What the test has to say for the branch to run. */
  readonly polarity: boolean;
  /** What the parameter is where nothing is given. */
  readonly instead: Given;
  /** The nodes of the branch: `from … to`. */
  readonly from: number;
  readonly to: number;
}

/** True where a branch does not run for what is given. */
export function isLeftOut({ test, polarity, instead }: ParameterBranch, given: Given): boolean {
  if (given === Given.Anything) return false;
  const value = given === Given.Undefined && instead !== Given.Anything ? instead : given;
  return holds(test, value) !== polarity;
}

function holds(test: ParameterTest, value: Given): boolean {
  switch (test) {
    case ParameterTest.Truthy:
      return value === Given.True || value === Given.OtherTruthy;
    case ParameterTest.Undefined:
      return value === Given.Undefined;
    case ParameterTest.Nullish:
      return value === Given.Undefined || value === Given.Null;
    case ParameterTest.False:
      return value === Given.False;
    case ParameterTest.True:
      return value === Given.True;
  }
}

/** What a constant is, by its text in the program. */
export function givenByConstant(text: string): Given {
  switch (text) {
    case 'undefined':
      return Given.Undefined;
    case 'null':
      return Given.Null;
    case 'false':
      return Given.False;
    case 'true':
      return Given.True;
    case 'NaN':
      return Given.OtherFalsy;
    default:
      return Number.isNaN(Number(text)) ? Given.Anything : Number(text) === 0 ? Given.OtherFalsy : Given.OtherTruthy;
  }
}
