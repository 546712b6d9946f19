/**
 * Whether a finding is worth showing unasked. A step that is not sure may be right; a long way of such steps hardly ever is: what is
 * called there, or which object's field is read, was taken for several things again and again. Such findings are kept and stored
 * like others, and shown to whoever asks for the unlikely ones.
 */
import type { ResolvedFinding } from '../model/finding';

/** By confidence, how often a way may go from one function to another without becoming unlikely. */
const MAX_CROSSINGS = [0, 9, 7, Infinity] as const;
/** The same where it goes through a variable or field that functions share. */
const MAX_CROSSINGS_BY_SHARED = 4;
/** Of these, on one way. */
const MAX_SHARED = 2;
/** Less sure than this, nothing should go through shared places besides. */
const LIKELY = 2;
/** The threat model of what callers of a package hand to it. */
const LIBRARY = 'library';
/** How often a way that is not sure may go from function to function when what comes in is not a caller's: that is named where it comes in, and has to be followed exactly. */
const MAX_UNSURE_CROSSINGS = 3;

type Judged = Pick<
  ResolvedFinding,
  'confidence' | 'crossings' | 'sharedPlaces' | 'sharesParts' | 'hasGap' | 'storedIn' | 'sourceKinds'
> & {
  readonly rule: Pick<
    ResolvedFinding['rule'],
    'unsureCrossings' | 'guessedCrossings' | 'unsureCrossingsOfOthers' | 'guessedCrossingsOfOthers' | 'seldom'
  >;
};

export function isUnlikely(finding: Judged): boolean {
  const { confidence, crossings = 0, sharedPlaces = 0, sharesParts, storedIn, sourceKinds, rule } = finding;
  // What cannot be shown step by step, nobody can check either; mostly it holds in a circle alone, for something that no longer begins it.
  if (finding.hasGap === true) return true;
  const most = MAX_CROSSINGS[confidence];
  if (crossings > most) return true;
  if (sourceKinds.every((kind) => rule.seldom?.includes(kind) === true)) return true;
  // A caller's settings, addresses and markup go through so many hands that some of them were surely guessed wrong. What is less sure
  // than that is so by one guess about a package that nobody describes, however long the way is.
  const isCallers = sourceKinds.every((kind) => kind === LIBRARY);
  if (isCallers) {
    if (confidence === LIKELY && crossings > (rule.unsureCrossings ?? most)) return true;
    if (confidence < LIKELY && crossings > (rule.guessedCrossings ?? most)) return true;
    // What is kept outside of the program and read again is never sure, and says so.
  } else if (confidence <= LIKELY && sharedPlaces === 0 && storedIn === undefined) {
    const { unsureCrossingsOfOthers: unsure, guessedCrossingsOfOthers: guessed } = rule;
    const isGuessed = confidence < LIKELY;
    if (unsure !== undefined && !isGuessed && crossings > unsure) return true;
    // A guess is a step of its own, unless the rule says otherwise.
    if (unsure !== undefined && isGuessed && crossings > (guessed ?? unsure + LIKELY - confidence)) return true;
    if (confidence === LIKELY && crossings > MAX_UNSURE_CROSSINGS) return true;
  }
  if (sharedPlaces === 0) return false;
  return (
    sharesParts === true || confidence < LIKELY || sharedPlaces > MAX_SHARED || crossings > MAX_CROSSINGS_BY_SHARED
  );
}
