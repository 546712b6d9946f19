/** Answers whether matching a regular expression can take more than linear time; remembers what it was asked. */
import { superLinearity, type Verdict } from './superLinear';

export { superLinearity, type Growth, type Verdict } from './superLinear';

/** Verdicts that are kept: programs use the same expressions again and again. */
const MAX_KNOWN = 5_000;
const known = new Map<string, Verdict>();

/** Of a literal as it stands in a program: `/\s+$/g`. With `isTidy`, on texts without line breaks and several blanks in a row. */
export function superLinearityOfLiteral(literal: string, isTidy = false): Verdict {
  const key = isTidy ? `tidy ${literal}` : literal;
  let verdict = known.get(key);
  if (verdict === undefined) {
    const end = literal.lastIndexOf('/');
    verdict = superLinearity(literal.slice(1, end), literal.slice(end + 1), isTidy);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(key, verdict);
  }
  return verdict;
}
