/**
 * What a function does with taint, for any caller. Library models compile to the same shape, so the solver applies
 * both in one way.
 *
 * An entry says: what is at `from` reaches `to`. An access path is a list of components from a root; an input path
 * tells what is read from the input, an output path where it lies in the output. Components: a property name;
 * `[]` an element or a property with unknown name; `()` the result of calling the value; `(0)`, `(1)`, … an argument
 * passed to the value when it is called; `@rejected` what a promise is rejected with; `^` the prototype object that a
 * controlled key selects; `*` (last only) anything below, where a path was cut.
 */
import type { FunctionId, FileId } from './ids';
import type { NodeId } from './graph';

export type Component = string;
export type AccessPath = readonly Component[];

export const ELEMENT = '[]';
export const RESULT = '()';
export const PROTOTYPE = '^';
export const ANYTHING = '*';
export const REJECTED = '@rejected';
/** Begins components for what is told by name, and heard by whoever asked to hear of that name, before or after: `@channel 0 saved`. */
export const CHANNEL = '@channel';
/** `(n)`, and `(this)` for the receiver. */
export const argumentComponent = (index: number): Component => (index < 0 ? '(this)' : `(${String(index)})`);

/** A bit set of sink kinds; the bit numbers are given by the compiled models. */
export type KindSet = number;

/** 3 certain: value flow and modelled calls only; 2: through a summary of a guess (dynamic key, class field); 1: through a call nobody knows. */
export type Confidence = 1 | 2 | 3;

/** Where a value comes in. */
export type Input =
  | { readonly root: 'parameter'; readonly index: number }
  | { readonly root: 'cell'; readonly owner: FunctionId; readonly cell: number }
  /** A field shared by the methods of a class; path starts with the field. */
  | { readonly root: 'field'; readonly of: string }
  /** A source inside the function or its callees. */
  | { readonly root: 'source'; readonly source: SourceRef };

/** Where it goes. */
export type Output =
  | { readonly root: 'return' }
  | { readonly root: 'throw' }
  | { readonly root: 'parameter'; readonly index: number }
  | { readonly root: 'cell'; readonly owner: FunctionId; readonly cell: number }
  | { readonly root: 'field'; readonly of: string }
  | { readonly root: 'sink'; readonly sink: SinkRef };

export interface SourceRef {
  readonly function: FunctionId;
  readonly node: NodeId;
  /** Source kind bit set: `remote`, `local`, `library`, … */
  readonly kinds: number;
  /** What it is, for people: `Express request query`. */
  readonly label: string;
  /** It is what was kept there: no source by itself, but where a way goes on that led to the place. */
  readonly stored?: StoredPlace;
  /** Of a parameter: its name and the function's. */
  readonly parameter?: { readonly name: string; readonly owner: string };
}

export interface SinkRef {
  readonly function: FunctionId;
  /** The call (or store, or element) that does harm. */
  readonly node: NodeId;
  /** Operand of that node which must not be tainted. */
  readonly operand: number;
  /** Exactly one kind bit. */
  readonly kind: KindSet;
  readonly label: string;
}

/** A place outside of the program in which it keeps data under a name: a file, a table, a key of a store. */
export interface StoredPlace {
  /** Equal where the place is the same. */
  readonly key: string;
  /** For people: `file "notes.json"`. */
  readonly label: string;
}

/** Where something is put into such a place. */
export interface StoreRef {
  readonly function: FunctionId;
  readonly node: NodeId;
  /** Operand of that node which is kept. */
  readonly operand: number;
  readonly place: StoredPlace;
}

export interface SummaryEntry {
  readonly input: Input;
  readonly inputPath: AccessPath;
  readonly output: Output;
  readonly outputPath: AccessPath;
  /** Sink kinds for which the value is still dangerous at the output. */
  readonly kinds: KindSet;
  readonly confidence: Confidence;
}

export interface FunctionSummary {
  readonly entries: readonly SummaryEntry[];
  /** Sentences for limits that were hit; empty normally. */
  readonly truncated: readonly string[];
  /** Hash of the entries in stable terms. Equal hash: callers need not be recomputed. */
  readonly hash: string;
}

/** One side of a model's effect. `argument` ranges are [from, to] with to = Infinity for "and all that follow". */
export type ModelPlace =
  | { readonly root: 'argument'; readonly from: number; readonly to: number; readonly path: AccessPath }
  | { readonly root: 'receiver'; readonly path: AccessPath }
  | { readonly root: 'return'; readonly path: AccessPath };

/** A propagator (and, with kinds removed, a sanitizer). */
export interface ModelFlow {
  readonly from: ModelPlace;
  readonly to: ModelPlace;
  /** Sink kinds made harmless on the way. */
  readonly removes: KindSet;
  /** True where the output is derived text or data, false where it is the very same value (so that paths below it stay). */
  readonly derives: boolean;
  /**
   * The text passes with all matches replaced: argument `pattern` is a regular expression or text, argument `by` what comes
   * instead (of every occurrence of a text with `everyText`, else of the first). Where both are constants, `ModelView.replacementRemoves` tells what becomes harmless beside `removes`.
   * Without `by`, the text passes in the pieces between the matches; see `ModelView.splitRemoves`.
   */
  readonly replaces?: { readonly pattern: number; readonly by?: number; readonly everyText?: boolean };
  /** Kinds that the value can be dangerous for again: what was encoded is not any more. */
  readonly restores?: KindSet;
  /** The value comes behind the text there (before the first `upTo` in it): what that fixes, the value no longer decides. */
  readonly behind?: { readonly at: ModelPlace; readonly upTo?: string };
  /** The value is put below what is there: these kinds are removed, unless whoever gave the value gave that, too. */
  readonly below?: { readonly at: ModelPlace; readonly removes: KindSet; readonly keepsTidy?: true };
  /** The argument at this position names, as a constant, the channel that components beginning with `CHANNEL` stand for. */
  readonly channel?: number;
  /** The elements of the array are put behind each other, with the argument at this position between them. */
  readonly joins?: number;
  /** The result holds what the groups of the regular expression there hold of the text: each what its part lets through. */
  readonly groups?: ModelPlace;
  /** Position of a function that was asked of what passes, and answered with something true: `list.filter(isSlug)`. */
  readonly test?: number;
  /** What passes conforms to the schema there. */
  readonly schema?: SchemaPlace;
  /** Only then: `reduce(f)` starts with the first element, `reduce(f, start)` does not. */
  readonly when?: ModelCondition;
}

/** Where a schema is: a place of the call, or the very function that is called (`validate = compile(schema)`). */
export type SchemaPlace = ModelPlace | 'callee';

/** The value is a schema, or a call makes one: what conforms to it can no longer serve some kinds. Demands of several parts all hold. */
export interface ModelSchema {
  /** Kinds that a conforming value is harmless for. */
  readonly removes: KindSet;
  /** Schemas whose demands hold, too: the one that a method is called on, or one that is wrapped. */
  readonly like?: readonly ModelPlace[];
  /** An object of schemas: one for each property of a conforming value. */
  readonly fields?: ModelPlace;
  /** The schema of each element. */
  readonly elements?: ModelPlace;
  /** Arguments, or a list, of schemas of which one holds. */
  readonly either?: ModelPlace;
  /** Constants, or lists of them, of which a conforming value is one. */
  readonly constants?: ModelPlace;
  /** A regular expression that matches a conforming text. */
  readonly pattern?: ModelPlace;
  /** A constant that a conforming text begins with. */
  readonly prefix?: ModelPlace;
  /** A function that answers with something true for a conforming value. */
  readonly test?: ModelPlace;
  /** A schema in the JSON Schema language, as an object literal. */
  readonly written?: ModelPlace;
  /** A schema of which the deepest fields have to meet these demands, too: `body('age').isInt()`. */
  readonly refines?: ModelPlace;
  /** Names of the fields (`a.b` for one within another) that the demands are made of, instead of the value itself, and where these fields are. */
  readonly named?: ModelPlace;
  readonly within?: readonly string[];
  /** Field names that computed keys stand for, by the name of the property that they were read from: `[Segments.BODY]`. */
  readonly keys?: ReadonlyMap<string, string>;
  /** Only then. */
  readonly when?: ModelCondition;
}

/** What a function that is handed to the call is given there, or the call's result, conforms to a schema. */
export interface ModelCheck {
  readonly at: ModelPlace;
  /** Where the schema is; of several arguments, what all of them that are schemas demand. */
  readonly schema: ModelPlace;
  /** Fields that the schema does not name come through as they are. */
  readonly isLoose: boolean;
  /** The schema's place is a request that was checked itself: the fields of all its parts come together. */
  readonly isMerged: boolean;
}

export interface ModelSink {
  readonly at: ModelPlace;
  readonly kind: KindSet;
  readonly label: string;
  /** Only dangerous when this holds of another argument: constant property or argument equals one of the texts. */
  readonly when?: ModelCondition;
  /** What lies in an object or list does no harm there. */
  readonly ofTexts?: true;
}

/** A kind of places that keep data under a name. */
export interface Medium {
  readonly name: string;
  /** What one such place is called: `file`. */
  readonly label: string;
  /** Names are paths of files: `./a.json` is `a.json`. */
  readonly arePaths: boolean;
  /** Names are found in statements: by the first group of these, in what puts something in and in what takes something out. */
  readonly written?: RegExp;
  readonly read?: RegExp;
}

/** Where the name of such a place stands in a call. */
export interface ModelStoredName {
  readonly medium: Medium;
  /** The constant that is the name; of the receiver, the name of the property that it was read from. `callee` is what is called, or constructed. */
  readonly at: ModelPlace | 'callee';
  /** Names of the methods that made what is there, one of which was given the name; empty for the function itself (`knex('users')`). */
  readonly of?: readonly string[];
}

/** The call keeps something in a place outside of the program. */
export interface ModelStore {
  readonly at: ModelPlace;
  readonly name: ModelStoredName;
}

export interface ModelCondition {
  readonly at: ModelPlace;
  /** Texts of constants; `true`, `false`, numbers by their text. */
  readonly oneOf: readonly string[];
  /** Texts of constants that match this count too. */
  readonly pattern?: RegExp;
  /**
   * The text there ends with one of these behind something else, as far as it can be seen; or its last part is what was imported under that
   * name (`root + path.sep`).
   */
  readonly ends?: readonly string[];
  /** True: the condition is that it is *not* one of them (or unknown). */
  readonly negated: boolean;
  /** True: one of them may be there, by one of several ways. */
  readonly isPossible?: boolean;
  /** Instead of a whole constant: what the text there begins with matches this. */
  readonly beginning?: RegExp;
  /** Instead of a constant: the value is of this type of the models, or may be. */
  readonly type?: string;
}

/** A call or write that decides whether later sinks on the same object do harm: `res.type('txt')`. */
export interface ModelSettlement {
  readonly kinds: KindSet;
  /** Names of methods, and of properties that are written. */
  readonly calls: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
  /** Only such calls are about the matter. */
  readonly when?: ModelCondition;
  /** Where the constant stands that decides (of a write: what is written), and what it is where no harm is done. */
  readonly harmless: ModelCondition;
  /** These calls are sinks themselves. Where nothing else is said of the object, they do no harm if all that they are given begins so. */
  readonly isOfBeginnings?: boolean;
  /** Those of them after which the object is given nothing any more. */
  readonly last?: ReadonlySet<string>;
}

/** Source at a place: calling gives it (`at` return), it is handed to a callback, or the value itself is one (empty path). */
export interface ModelSource {
  readonly at: ModelPlace;
  readonly kinds: number;
  readonly label: string;
  /** Sink kinds it is harmless for from the start; none when absent. */
  readonly removes?: KindSet;
  /** Only then (`req.on('data', …)`, but not `req.on('error', …)`). */
  readonly when?: ModelCondition;
  /** It is what was kept under this name, if that is known; otherwise there is none. */
  readonly stored?: ModelStoredName;
}

/**
 * Outcome of a call that says something: its result as a condition; `first` where it is 0 (`x.indexOf(y) === 0`), `equal` where it
 * equals something (`x.slice(0, n) === y`), `returned` where the call did not throw. `same`: whatever a test
 * says of the result is said of the value that it was made of.
 */
export type GuardResult = boolean | 'first' | 'equal' | 'returned' | 'same';

export interface ModelGuard {
  /** The tested value. */
  readonly at: ModelPlace;
  /** Kinds made harmless where the call's result is `result`. */
  readonly removes: KindSet;
  readonly result: GuardResult;
  /** With `equal`: the result equals one of these constants, or a text that surely ends with one of these behind something else, or (`itself`) the very value. */
  readonly to?: { readonly is?: readonly string[]; readonly ends?: readonly string[]; readonly itself?: boolean };
  /** A regular expression that the value was tested against: what it lets through counts beside `removes`, for both results. */
  readonly pattern?: ModelPlace;
  /** A constant that the value begins with where the test held; see `ModelView.prefixRemoves`. */
  readonly prefix?: ModelPlace;
  /** A function that was asked of each element: what it says of its first parameter counts for the elements. */
  readonly test?: ModelPlace;
  /** The call only comes back if the argument is true: what the argument says as a condition then holds. */
  readonly asserts?: boolean;
  /** The guard only holds when the receiver is a collection of constants (`['a', 'b'].includes(x)`). */
  readonly constantReceiver?: boolean;
  /** The guard only holds when this argument is a collection of constants (`contains(['a', 'b'], x)`). */
  readonly constantArgument?: number;
  /** The value conforms to the schema there. */
  readonly schema?: SchemaPlace;
  /** What counts is this property of the call's result, as a condition: `if (schema.safeParse(x).success)`. */
  readonly property?: string;
  /** The value is then a key of its own of the object there, and safe when read of that one (`object.hasOwnProperty(key)`). */
  readonly keyOf?: ModelPlace;
  /** The guard only holds when this does (`x.includes('..')`, but not `x.includes('a')`). */
  readonly when?: ModelCondition;
}

/** Everything the models say about calling an API state. */
export interface CallModel {
  readonly flows: readonly ModelFlow[];
  readonly sinks: readonly ModelSink[];
  readonly sources: readonly ModelSource[];
  readonly guards: readonly ModelGuard[];
  readonly schemas: readonly ModelSchema[];
  readonly checks?: readonly ModelCheck[];
  readonly stores: readonly ModelStore[];
  /** True when a model speaks of this API at all: then what it doesn't mention doesn't flow. */
  readonly known: boolean;
  /** The result is an object without a prototype, when this holds: `Object.create(null)`. */
  readonly withoutPrototype?: ModelCondition;
  /** The result is the list of the keys of the object there. */
  readonly listsKeysOf?: ModelPlace;
  /** The result is a list of pairs, of the keys of the object there with their values. */
  readonly listsEntriesOf?: ModelPlace;
  /** Properties of the arguments from `from` on are copied to argument `to`, those of later arguments in place of earlier ones, or with `isFirst` only where there is none; with `isDeep` objects in them are merged. */
  readonly copies?: { readonly from: number; readonly to: number; readonly isFirst: boolean; readonly isDeep: boolean };
  /** The result is an object of its own, whatever it was made of: nothing that is there already is written through it. */
  readonly clones?: boolean;
  /** The result is the text of the arguments with this between them: `path.join`. */
  readonly joined?: string;
  /** The result is a text that begins as this does, or with something else that means as little: `{`. */
  readonly begins?: string;
  /** The result holds no way up (`..`) behind its beginning: from the top on, it is harmless for these kinds below something else. */
  readonly tidy?: KindSet;
}

/** What a value at an API state carries from the start: itself (empty path) or below some properties. */
export interface ValueSource {
  readonly path: AccessPath;
  readonly kinds: number;
  readonly label: string;
  /** Sink kinds it is harmless for from the start; none when absent. */
  readonly removes?: KindSet;
  /** A property: it comes in where that is read, and not where the value is handed on. */
  readonly isRead: boolean;
  /** It is an object, and what lies in it is meant. */
  readonly isObject?: true;
}

/** Writing to a property of an API value is a sink (`element.innerHTML = x`, `location.href = x`). */
export interface StoreSink {
  readonly property: string;
  readonly kind: KindSet;
  readonly label: string;
}

/** Kinds that what a regular expression matched is harmless for. */
export interface MatchedKinds {
  /** The match as a whole first, then its groups by number. */
  readonly parts: readonly { readonly name: string | undefined; readonly removes: KindSet }[];
  /** What holds for all of these. */
  readonly common: KindSet;
  readonly isGlobal: boolean;
}

/** The compiled models as the solver sees them. */
export interface ModelView {
  readonly hash: string;
  callModel(state: import('./ids').ApiState, construct: boolean): CallModel;
  /** Models by method name alone, for receivers nobody knows (`split`, `map`, `then`); undefined when there is none. */
  methodModel(name: string): CallModel | undefined;
  /** Names for which `methodModel` has sources, with the kinds of each. */
  readonly methodSources: ReadonlyMap<string, readonly number[]>;
  valueSources(state: import('./ids').ApiState): readonly ValueSource[];
  /** Names of the types of a state of which functions that are given such a value share what they write on it. */
  sharedTypes(state: import('./ids').ApiState): readonly string[];
  /** Whether the models speak of a property of a value, or of what lies in it. */
  describes(state: import('./ids').ApiState, path: readonly string[]): boolean;
  /** Sinks when `property` of a value at `state` is written. */
  storeSinks(state: import('./ids').ApiState, property: string): readonly StoreSink[];
  /** Sinks by property name alone (`innerHTML`, `outerHTML`, `srcdoc`), for bases nobody knows. */
  storeSinksByName(property: string): readonly StoreSink[];
  /** What reading a property does to taint, for bases nobody knows: kinds removed (`length` removes all), or 0. */
  loadRemoves(property: string): KindSet;
  /** Whether `loadRemoves` holds for what collections have only, and not for an object with any properties. */
  isOfCollections?(property: string): boolean;
  /** Kinds a value is harmless for where this property of it is known not to be above some constant (`length`), or 0. */
  limitRemoves(property: string): KindSet;
  /** Kinds a value is harmless for where this property of it (`hostname`) is harmless for them, too, because a test said so; or 0. */
  decidedBy?(property: string): KindSet;
  /** Whether a value at `state` is of a type that the models name. */
  isOfType(state: import('./ids').ApiState, type: string): boolean;
  /**
   * Kinds that a value can no longer serve when this constant text stands before it in the same string: at the string's
   * beginning, or, with `afterUnknown`, after a part that nobody knows.
   */
  prefixRemoves(prefix: string, afterUnknown?: boolean): KindSet;
  /**
   * Kinds made harmless where all matches of a pattern are replaced. `pattern` is a regular expression literal
   * (`/[<>]/g`) or, with `isRegex` false, a text of which every occurrence is replaced (`replaceAll`); `by` is the constant
   * that comes instead, undefined for a function or a value nobody knows.
   */
  replacementRemoves?(pattern: string, isRegex: boolean, by: string | undefined): KindSet;
  /**
   * Kinds that a text is harmless for between two of these quotes, of which all matches of a pattern were replaced; see `replacementRemoves`.
   */
  quotedRemoves?(quote: string, pattern: string, isRegex: boolean, by: string): KindSet;
  /** Kinds that the pieces of a text are harmless for, also put together again, which was split at a pattern. */
  splitRemoves?(pattern: string, isRegex: boolean): KindSet;
  /** Kinds that a text is harmless for which a regular expression literal matches (`holds`), or does not. */
  patternRemoves?(pattern: string, holds: boolean): KindSet;
  /** What a match of a regular expression literal holds; undefined for what is none. */
  matched?(pattern: string): MatchedKinds | undefined;
  /** Kinds that a text is harmless for which begins with a constant, as a test says. */
  beginningRemoves?(prefix: string): KindSet;
  /** What earlier calls on an object decide, and of which kinds. */
  readonly settlements?: { readonly kinds: KindSet; readonly all: readonly ModelSettlement[] };
  /** Globals that stand for the folder of the file that they are read in, for names of files. */
  readonly folderNames?: ReadonlySet<string>;
  kindBit(name: string): KindSet;
  kindName(kind: KindSet): string;
  readonly allKinds: KindSet;
  sourceKindBit(name: string): number;
  /** Rules that a source kind set and a sink kind make a finding of. `kinds`: what the value is still dangerous as at the sink. */
  rulesFor(sourceKinds: number, sinkKind: KindSet, kinds?: KindSet): readonly Rule[];
  /**
   * Whether a value of that name, given to a function of that name, is asked for as what the rule is about: `html`, given to `setContent`.
   * `parameter` names what it lies in; its own name when left out.
   */
  isAsked?(ruleId: string, sourceKinds: number, name: string, functionName: string, parameter?: string): boolean;
  /** Kinds that have a say, beside the sink's own, in whether a rule counts; a sink's entries keep them. */
  companionsOf?(kind: KindSet): KindSet;
  /** Kinds by which rules tell a value that is all there is from a part of something. */
  readonly stillKinds?: KindSet;
}

export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'note';

export interface Rule {
  readonly id: string;
  readonly name: string;
  readonly cwe: readonly number[];
  readonly severity: Severity;
  readonly sources: readonly string[];
  readonly sinks: readonly string[];
  /** How often a way that is not sure, of what callers hand in, may go from function to function and still be likely; see `likelihood.ts`. */
  readonly unsureCrossings?: number;
  /** The same for one that goes through a package that nobody describes. */
  readonly guessedCrossings?: number;
  /** The same for what comes from others than callers. */
  readonly unsureCrossingsOfOthers?: number;
  readonly guessedCrossingsOfOthers?: number;
  /** Threat models of which such findings are likely no flaws; see `likelihood.ts`. */
  readonly seldom?: readonly string[];
  /** One sentence for the diagnostic; `{source}` and `{sink}` are replaced. */
  readonly message: string;
  /** Markdown: why it is dangerous. */
  readonly description: string;
  /** Markdown: what would make it safe. */
  readonly help: string;
}

export type FileOfFunction = (id: FunctionId) => FileId;
