/**
 * The shape of a model document as it comes out of YAML: what `server/models/schema.json` describes, as types. Documents
 * are plain data; the compiler reads them and never changes them.
 */

import type { GuardResult } from '../../model/summary';

/** A text or several. */
export type Texts = string | readonly string[];

/** A test of a constant argument or option. Texts of constants; `absent` where there is none. */
export interface ConditionDocument {
  readonly at: string;
  readonly is?: readonly (string | number | boolean | null)[];
  readonly isNot?: readonly (string | number | boolean | null)[];
  /** One of these may be there, by one of several ways. */
  readonly may?: readonly (string | number | boolean | null)[];
  /** A regular expression for the text of the constant. */
  readonly matches?: string;
  readonly matchesNot?: string;
  /** A regular expression for the constant that the text there begins with. */
  readonly begins?: string;
  /** What the text ends with, behind something else: texts, or names of what was imported (`sep`). */
  readonly ends?: readonly string[];
  /** Not about a constant: the value is of this type. */
  readonly type?: string;
}

export interface FlowDocument {
  readonly from: Texts;
  readonly to: Texts;
  /** The very same value, so that its properties come along. */
  readonly same?: boolean;
  readonly removes?: Texts;
  /** Kinds that the value can be dangerous for again. */
  readonly restores?: Texts;
  /** The text that the value is put behind, up to the first `upTo` in it. */
  readonly behind?: { readonly at: string; readonly upTo?: string };
  /** What the value is put below, and what that removes unless whoever gave the value gave that, too. */
  readonly below?: { readonly at: string; readonly removes: Texts; readonly keepsTidy?: true };
  /** Position of the constant that names the channel which `Member[@channel …]` stands for. */
  readonly channel?: number;
  /** The elements are put behind each other, with the argument at this position between them. */
  readonly joins?: number;
  /** Where the regular expression is of whose groups the result holds what they captured. */
  readonly groups?: string;
  /** Position of a function that lets through what it answers with something true for. */
  readonly test?: number;
  readonly replaces?: { readonly pattern: number; readonly by?: number; readonly everyText?: boolean };
  /** Where the schema is that passing values conform to; `Callee` for the called function itself. */
  readonly schema?: string;
  readonly when?: ConditionDocument;
}

/** A schema, or what a call makes one of; see `ModelSchema`. */
export interface SchemaDocument {
  readonly removes?: Texts;
  readonly like?: Texts;
  readonly fields?: string;
  readonly elements?: string;
  readonly either?: string;
  readonly constants?: string;
  readonly pattern?: string;
  readonly prefix?: string;
  readonly test?: string;
  readonly written?: string;
  readonly refines?: string;
  readonly named?: string;
  readonly within?: Texts;
  readonly keys?: Readonly<Record<string, string>>;
  readonly when?: ConditionDocument;
}

/** What is given to a function that is handed over conforms to a schema; see `ModelCheck`. */
export interface CheckDocument {
  readonly at: Texts;
  readonly schema: string;
  readonly loose?: boolean;
  readonly merged?: boolean;
}

export interface GuardDocument {
  readonly at: string;
  readonly removes?: Texts;
  /** The result that makes the value safe; `true` when left out. */
  readonly result?: GuardResult;
  /** With `equal`: what the result is equal to. */
  readonly to?: { readonly is?: readonly string[]; readonly ends?: readonly string[]; readonly itself?: boolean };
  /** The call only comes back if this argument, a condition, is true. */
  readonly asserts?: boolean;
  /** Where the regular expression is that the value is tested against. */
  readonly pattern?: string;
  /** Where the constant is that the value begins with. */
  readonly prefix?: string;
  /** Where the function is that each element is tested with. */
  readonly test?: string;
  readonly constantReceiver?: boolean;
  readonly constantArgument?: number;
  readonly keyOf?: string;
  /** Where the schema is that the value conforms to. */
  readonly schema?: string;
  /** Property of the call's result that is tested. */
  readonly property?: string;
  readonly when?: ConditionDocument;
}

/** Where the name of a place stands that keeps data outside of the program; see `ModelStoredName`. */
interface StoredNameDocument {
  /** `Argument[0]`; `Receiver` or `Callee` for what that was made by, or read from. */
  readonly name: string;
  /** Methods that made it, one of which was given the name; `Self` for a function that is called by itself. */
  readonly of?: Texts;
}

export interface StoresDocument extends StoredNameDocument {
  /** The medium. */
  readonly in: string;
  readonly value: Texts;
}

export interface RetrievesDocument extends StoredNameDocument {
  readonly from: string;
  readonly to: Texts;
}

/** What is said of the places in an API that `path` names. */
export interface ApiDocument {
  readonly path: Texts;
  readonly type?: Texts;
  readonly source?: Texts;
  /** With `source`: it is an object, and what lies in it is meant. */
  readonly isObject?: boolean;
  readonly sink?: Texts;
  /** With `sink`: what lies in an object or list does no harm there. */
  readonly ofTexts?: boolean;
  readonly label?: string;
  readonly when?: ConditionDocument;
  /** `from -> to` (made from), `from => to` (the very same value), or `none`. */
  readonly flow?: string | FlowDocument | readonly (string | FlowDocument)[];
  readonly removes?: Texts;
  /** With `removes`, of a property: only of what holds elements. */
  readonly ofCollections?: boolean;
  /** Kinds harmless where this property is not above some constant. */
  readonly limits?: Texts;
  /** Kinds harmless where this property is known. */
  readonly decides?: Texts;
  readonly guard?: string | GuardDocument | readonly (string | GuardDocument)[];
  readonly schema?: SchemaDocument;
  readonly checks?: CheckDocument | readonly CheckDocument[];
  readonly passesThrough?: number;
  readonly copies?: { readonly from: number; readonly to: number; readonly first?: true; readonly deep?: true };
  readonly withoutPrototype?: ConditionDocument;
  readonly listsKeysOf?: string;
  readonly listsEntriesOf?: string;
  readonly inherits?: { readonly sub: number; readonly base: number };
  /** The call keeps something in a place outside of the program that has a name. */
  readonly stores?: StoresDocument | readonly StoresDocument[];
  /** The call gives what is kept in one. */
  readonly retrieves?: RetrievesDocument | readonly RetrievesDocument[];
  /** The result of a call is a copy, and no object that is there already. */
  readonly clones?: boolean;
  /** The result is the text of the arguments, with this between them. */
  readonly joined?: string;
  /** The result is a text that begins like this, or with something that means as little: `{` for JSON. */
  readonly begins?: string;
  readonly tidy?: Texts;
}

export interface TypeDocument {
  /** What people call it; the name when left out. */
  readonly label?: string;
  readonly extends?: Texts;
  /** A computed key reads none of the properties described: one of hundreds is hardly one of them. */
  readonly namedOnly?: boolean;
  readonly at?: Texts;
  /** Functions of one package that are given such a value see what others of them wrote on theirs. */
  readonly shared?: boolean;
  readonly apis?: readonly ApiDocument[];
}

export interface RuleDocument {
  readonly id: string;
  readonly name: string;
  readonly cwe: readonly number[];
  readonly severity: 'critical' | 'high' | 'medium' | 'low' | 'note';
  readonly sources: readonly string[];
  readonly sinks: readonly string[];
  /** Sink kinds for which fewer source kinds count. */
  readonly only?: Readonly<Record<string, readonly string[]>>;
  /** Sink kinds that don't count for some source kinds, as long as the value is dangerous as another kind, too. */
  readonly unless?: Readonly<Record<string, UnlessDocument>>;
  /** Source kinds that don't count where the value is called by a name that asks for such text. */
  readonly asked?: AskedDocument;
  /** How often a way that is not sure, of what callers hand in, may go from function to function and still be likely. */
  readonly unsureCrossings?: number;
  /** The same where a package that nobody describes is on the way. */
  readonly guessedCrossings?: number;
  /** The same for what comes from others than callers, where that is less often than for all. */
  readonly unsureCrossingsOfOthers?: number;
  readonly guessedCrossingsOfOthers?: number;
  /** Threat models whose data hardly ever is chosen by anybody else than who runs the program, so that findings are shown on request only. */
  readonly seldom?: readonly string[];
  readonly message: string;
  readonly description: string;
  readonly help: string;
}

export interface AskedDocument {
  readonly sources: readonly string[];
  /** Regular expressions for the name of the parameter or property, and of the function it is given to. */
  readonly names?: string;
  readonly functions?: string;
  /** For the name of the parameter that the value lies in, however deep. */
  readonly objects?: string;
  /** The same for objects that hold other things as well; what is read of them under a name that `handedOn` fits is not asked for. */
  readonly configured?: string;
  readonly handedOn?: string;
  /** For the names of parameters that are no such text, whatever the function is called. */
  readonly settings?: string;
  /** For the names of functions that promise to make such text harmless. */
  readonly butNot?: string;
}

/** A kind of source: one sentence, or also the threat models in which it counts (its own name when left out). */
export type SourceKindDocument = string | { readonly description: string; readonly threatModels: readonly string[] };
export interface UnlessDocument {
  readonly still: string;
  readonly sources: readonly string[];
}

export interface PrefixDocument {
  readonly pattern: string;
  readonly removes: Texts;
  /** The text stands after a part of the string that nobody knows, not at its beginning. */
  readonly afterUnknown?: boolean;
}

/** A kind does no harm without these characters: replacing all of them makes a text harmless. */
export interface CharactersDocument {
  readonly kinds: Texts;
  /** One text, each character of which has to be replaced. */
  readonly needed: string;
  /** Put before a match that is kept, this makes it harmless too. */
  readonly escape?: string;
  /** In place of a whole run of such characters, this one does no harm; nor do texts that were split at them. */
  readonly single?: string;
  /** Only between two of this quote. */
  readonly within?: string;
  /** What the characters may be replaced by there, though it holds some of them. */
  readonly by?: Texts;
}

/** Functions that a framework calls because of the name of their file and of their export. */
export interface ConventionDocument {
  /** Globs of paths, below the package or any folder in it. */
  readonly files: Texts;
  /** Names of exports; `*` for all of them. */
  readonly exports: Texts;
  /** What the exports are. */
  readonly type: Texts;
  /** Packages of which the file imports one, or its package depends on one; a name may end in `*`. */
  readonly requires: Texts;
}

/** What a test has to refuse for a text to be harmless, where single characters don't say it. */
export interface RefusedDocument {
  readonly kinds: Texts;
  readonly texts: readonly string[];
  /** Harm comes of these very texts, and not of others that hold them. */
  readonly exact?: boolean;
}

/** What a call of a method, or a write to a property, says of later sinks on the same object. */
export interface SettledDocument {
  readonly kinds: Texts;
  readonly calls?: Texts;
  readonly writes?: Texts;
  readonly when?: ConditionDocument;
  /** Where the constant stands that decides: `Argument[1]`, or several places. */
  readonly at?: Texts;
  /** Regular expression for constants with which no harm is done. */
  readonly harmless: string;
  /** It is about the beginnings of what these calls, which are sinks, are given, and counts where nothing else is said. */
  readonly beginning?: boolean;
  /** With `beginning`: those of the calls that are the last ones on the object. */
  readonly last?: Texts;
}

/** A kind of places that keep data under names; see `Medium`. */
export interface MediumDocument {
  readonly label: string;
  readonly arePaths?: boolean;
  readonly folders?: Texts;
  /** Regular expressions whose first group is the name in a statement. */
  readonly written?: string;
  readonly read?: string;
}

/** Files that serve to develop a program: its tests, examples and scripts. */
export interface DevelopmentDocument {
  /** Paths below the folder that is analysed, or below any folder in it. */
  readonly files: Texts;
  /** Source kinds that don't count there: who writes and runs these files is the program's author. */
  readonly uncounted: Texts;
}

export interface ModelDocument {
  readonly library: string;
  /** What people call it; `library` when left out. */
  readonly label?: string;
  readonly packages?: readonly string[];
  readonly globals?: readonly string[];
  readonly types?: Readonly<Record<string, TypeDocument>>;
  readonly apis?: readonly ApiDocument[];
  readonly globalApis?: readonly ApiDocument[];
  readonly methods?: readonly ApiDocument[];
  readonly conventions?: readonly ConventionDocument[];
  readonly development?: DevelopmentDocument;
  readonly sourceKinds?: Readonly<Record<string, SourceKindDocument>>;
  readonly sinkKinds?: Readonly<Record<string, string>>;
  /** Sink kinds that stand for several others. */
  readonly kindGroups?: Readonly<Record<string, readonly string[]>>;
  readonly rules?: readonly RuleDocument[];
  readonly prefixes?: readonly PrefixDocument[];
  readonly characters?: readonly CharactersDocument[];
  readonly refused?: readonly RefusedDocument[];
  readonly settled?: readonly SettledDocument[];
  readonly media?: Readonly<Record<string, MediumDocument>>;
}

/** Something wrong in a model document. */
export interface ModelProblem {
  /** Name of the document: its file, or its `library` when it came without one. */
  readonly document: string;
  /** Where in the document, as keys and positions: `['apis', 2, 'path']`. */
  readonly at: readonly (string | number)[];
  readonly message: string;
  /** What is allowed, or what to do; may be empty. */
  readonly hint: string;
  /** Line and column from 1, where the text of the document is known. */
  readonly line?: number;
  readonly column?: number;
}

/** A problem found while compiling several documents. */
export interface CompileProblem extends ModelProblem {
  /** Position of the document among those compiled. */
  readonly index: number;
  /** It names something that another document may declare. */
  readonly isReference: boolean;
}

export const textsOf = (value: Texts | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

/** The closest of the known words, or undefined when none is near. */
export function closest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      current.push(Math.min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + change));
    }
    previous = current;
  }
  return previous[b.length];
}
