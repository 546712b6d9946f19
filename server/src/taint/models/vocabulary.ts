/**
 * Kinds and rules: the words models are written in. Source and sink kinds are declared in documents and get one bit
 * each, in the order of their declaration; rules say which source kinds reaching which sink kinds make a finding.
 */
import type { KindSet, MatchedKinds, Medium, ModelSettlement, Rule } from '../../model/summary';
import {
  closest,
  textsOf,
  type AskedDocument,
  type CharactersDocument,
  type MediumDocument,
  type ModelDocument,
  type PrefixDocument,
  type RefusedDocument,
  type RuleDocument,
  type SettledDocument,
  type Texts,
} from './document';
import { matchedParts } from './matchedGroups';
import { parseCondition } from './places';
import { NOTHING_STRIPPED, runStrippedBy, strippedBy } from './replacement';
import { readPattern } from './testedPattern';

/** The solver keeps sink kinds and confidence in one small integer. */
export const MAX_KINDS = 30;
/** Source kinds are part of what a root is; see `references.ts`. */
const MAX_SOURCE_KINDS = 26;
/** What is no longer than this keeps no regular expression busy. */
const MAX_SHORT = 1000;
/** Stands for every sink kind in `removes`. */
export const ALL = 'all';

/** A kind or type that no document declares. */
export class UnknownNameError extends Error {
  override readonly name = 'UnknownNameError';
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

interface Characters {
  readonly kinds: KindSet;
  readonly needed: readonly string[];
  readonly escape: string | undefined;
  readonly single: string | undefined;
}

/** The same between quotes. */
interface Quoted extends Characters {
  readonly within: string;
  readonly by: readonly string[];
}

interface Refused {
  readonly kinds: KindSet;
  readonly texts: readonly string[];
  readonly exact: boolean;
}

/** Names by which a caller is asked for what the rule is about. */
interface Asked {
  readonly sources: number;
  readonly names: RegExp | undefined;
  readonly objects: RegExp | undefined;
  readonly configured: RegExp | undefined;
  readonly handedOn: RegExp | undefined;
  readonly settings: RegExp | undefined;
  readonly functions: RegExp | undefined;
  readonly butNot: RegExp | undefined;
}

interface Prefix {
  readonly pattern: RegExp;
  readonly removes: KindSet;
  readonly afterUnknown: boolean;
}

export class Vocabulary {
  readonly sinkKinds: readonly string[];
  /** Kinds for which there was no bit left. */
  readonly surplusKinds: readonly string[];
  readonly sourceKinds: readonly string[];
  readonly rules: readonly RuleDocument[];
  readonly allKinds: KindSet;
  /** Kinds that stand for several others. */
  private readonly groups = new Map<string, readonly string[]>();
  /** By source kind, the threat models in which it counts. */
  private readonly threatModels = new Map<string, readonly string[]>();
  private readonly prefixes: Prefix[] = [];
  private readonly characters: Characters[] = [];
  private readonly quoted: Quoted[] = [];
  private readonly refused: Refused[] = [];
  private readonly asked = new Map<string, Asked>();
  private readonly settlements: ModelSettlement[] = [];
  private readonly patternCache = new Map<string, KindSet>();
  private readonly matchedCache = new Map<string, MatchedKinds | undefined>();
  private readonly replacementCache = new Map<string, KindSet>();
  private readonly prefixCache = new Map<string, KindSet>();
  private readonly innerCache = new Map<string, KindSet>();
  private readonly ruleCache = new Map<string, readonly Rule[]>();
  private readonly companions = new Map<KindSet, KindSet>();
  private readonly media = new Map<string, Medium>();
  readonly folderNames = new Set<string>();

  constructor(documents: readonly ModelDocument[]) {
    for (const document of documents)
      for (const [name, members] of Object.entries(document.kindGroups ?? {})) this.groups.set(name, members);
    const sinkKinds = unique(documents.flatMap((document) => Object.keys(document.sinkKinds ?? {}))).filter(
      (name) => !this.groups.has(name),
    );
    this.sinkKinds = sinkKinds.slice(0, MAX_KINDS);
    this.surplusKinds = sinkKinds.slice(MAX_KINDS);
    this.sourceKinds = unique(documents.flatMap((document) => Object.keys(document.sourceKinds ?? {}))).slice(
      0,
      MAX_SOURCE_KINDS,
    );
    for (const document of documents) {
      for (const [name, kind] of Object.entries(document.sourceKinds ?? {}))
        this.threatModels.set(name, typeof kind === 'string' ? [name] : kind.threatModels);
    }
    this.allKinds = 2 ** this.sinkKinds.length - 1;
    // A later document may replace a rule of an earlier one.
    const rules = new Map<string, RuleDocument>();
    for (const document of documents) for (const rule of document.rules ?? []) rules.set(rule.id, rule);
    this.rules = [...rules.values()];
    for (const { unless } of this.rules) {
      for (const [name, { still }] of Object.entries(unless ?? {})) {
        const kind = this.kindBit(name);
        this.companions.set(kind, (this.companions.get(kind) ?? 0) | this.kindBit(still));
      }
    }
  }

  /** Kinds by which rules tell a value that is all there is from a part; see `unless`. */
  get stillKinds(): KindSet {
    let kinds = 0;
    for (const companions of this.companions.values()) kinds |= companions;
    return kinds;
  }

  /** Kinds that decide, together with a kind of sink, whether a rule counts; see `unless`. */
  companionsOf(kind: KindSet): KindSet {
    return this.companions.get(kind) ?? 0;
  }

  /** Throws `UnknownNameError`, and `SyntaxError` for a pattern that is none. */
  addPrefix({ pattern, removes, afterUnknown = false }: PrefixDocument): void {
    this.prefixes.push({ pattern: new RegExp(pattern), removes: this.sinkKindsOf(removes), afterUnknown });
  }

  /** Throws `UnknownNameError`. */
  addCharacters({ needed, kinds, escape, single, within, by }: CharactersDocument): void {
    const characters = { kinds: this.sinkKindsOf(kinds), needed: Array.from(needed), escape, single };
    if (within === undefined) this.characters.push(characters);
    else this.quoted.push({ ...characters, within, by: textsOf(by) });
  }

  /** Throws `UnknownNameError`, and `SyntaxError` for a pattern that is none. */
  addAsked(ruleId: string, asked: AskedDocument): void {
    const fitting = (pattern: string | undefined): RegExp | undefined =>
      pattern === undefined ? undefined : new RegExp(pattern, 'i');
    this.asked.set(ruleId, {
      sources: this.sourceKindsOf(asked.sources),
      names: fitting(asked.names),
      objects: fitting(asked.objects),
      configured: fitting(asked.configured),
      handedOn: fitting(asked.handedOn),
      functions: fitting(asked.functions),
      settings: fitting(asked.settings),
      butNot: fitting(asked.butNot),
    });
  }

  /** Throws `UnknownNameError`. */
  addRefused({ kinds, texts, exact }: RefusedDocument): void {
    this.refused.push({ kinds: this.sinkKindsOf(kinds), texts, exact: exact === true });
  }

  /** Throws `SyntaxError` for a pattern that is none. */
  addMedium(name: string, { label, arePaths = false, folders, written, read }: MediumDocument): void {
    const names = textsOf(folders);
    for (const folder of names) this.folderNames.add(folder);
    this.media.set(name, {
      name,
      label,
      arePaths,
      ...(written === undefined ? {} : { written: new RegExp(written, 'i') }),
      ...(read === undefined ? {} : { read: new RegExp(read, 'i') }),
    });
  }

  /** Throws `UnknownNameError`. */
  medium(name: string): Medium {
    const medium = this.media.get(name);
    if (medium !== undefined) return medium;
    const near = closest(name, this.media.keys());
    throw new UnknownNameError(
      `"${name}" is not a medium.`,
      `${near === undefined ? '' : `Did you mean "${near}"? `}Known are ${[...this.media.keys()].join(', ')}; others are declared under "media".`,
    );
  }

  /** Throws `UnknownNameError`, `PathSyntaxError`, and `SyntaxError` for a pattern that is none. */
  addSettled({ kinds, calls, writes, when, at, harmless, beginning, last }: SettledDocument): void {
    const places = textsOf(at ?? 'Argument[0]');
    const conditions = when === undefined ? [undefined] : parseCondition(when, (name) => name);
    for (const place of places) {
      for (const decides of parseCondition({ at: place, matches: harmless }, (name) => name)) {
        for (const condition of conditions) {
          this.settlements.push({
            kinds: this.sinkKindsOf(kinds),
            calls: new Set(textsOf(calls)),
            writes: new Set(textsOf(writes)),
            harmless: decides,
            ...(condition === undefined ? {} : { when: condition }),
            ...(beginning === true ? { isOfBeginnings: true, last: new Set(textsOf(last)) } : {}),
          });
        }
      }
    }
  }

  /** See `ModelView`. */
  get settled(): { readonly kinds: KindSet; readonly all: readonly ModelSettlement[] } {
    return { kinds: this.settlements.reduce((all, { kinds }) => all | kinds, 0), all: this.settlements };
  }

  /** 0 when there is no such kind. */
  kindBit(name: string): KindSet {
    const group = this.groups.get(name);
    if (group !== undefined) return group.reduce((bits, member) => bits | this.kindBit(member), 0);
    const index = this.sinkKinds.indexOf(name);
    return index < 0 ? 0 : 2 ** index;
  }

  /** Of a kind that belongs to a group, the name of the group. */
  kindName(kind: KindSet): string {
    return unique(
      this.sinkKinds.filter((_, index) => (kind & (2 ** index)) !== 0).map((name) => this.groupOf(name) ?? name),
    ).join(', ');
  }

  private groupOf(kind: string): string | undefined {
    for (const [name, members] of this.groups) if (members.includes(kind)) return name;
    return undefined;
  }

  sourceKindBit(name: string): number {
    const index = this.sourceKinds.indexOf(name);
    return index < 0 ? 0 : 2 ** index;
  }

  /** Source kinds that count in these threat models. */
  sourceKindsIn(threatModels: readonly string[]): number {
    let kinds = 0;
    for (const name of this.sourceKinds) {
      if (this.threatModels.get(name)?.some((model) => threatModels.includes(model)) === true)
        kinds |= this.sourceKindBit(name);
    }
    return kinds;
  }

  /** Threat models in which one of these source kinds counts. */
  threatModelsOf(sourceKinds: number): readonly string[] {
    const names = this.sourceKinds.filter((name) => (this.sourceKindBit(name) & sourceKinds) !== 0);
    return unique(names.flatMap((name) => this.threatModels.get(name) ?? []));
  }

  /** Throws `UnknownNameError`. */
  sinkKindsOf(names: Texts | undefined): KindSet {
    let kinds = 0;
    for (const name of textsOf(names))
      kinds |= name === ALL ? this.allKinds : bitOf(this.kindBit(name), name, 'sink kind', this.sinkKinds);
    return kinds;
  }

  /** Throws `UnknownNameError`. */
  sourceKindsOf(names: Texts | undefined): number {
    let kinds = 0;
    for (const name of textsOf(names)) kinds |= bitOf(this.sourceKindBit(name), name, 'source kind', this.sourceKinds);
    return kinds;
  }

  /** `kinds`: what the value is still dangerous as. */
  rulesFor(sourceKinds: number, sinkKind: KindSet, kinds: KindSet = 0): readonly Rule[] {
    const companions = kinds & this.companionsOf(sinkKind);
    const key = `${String(sourceKinds)} ${String(sinkKind)} ${String(companions)}`;
    let found = this.ruleCache.get(key);
    if (found === undefined) {
      found = this.rules.filter(
        (rule) =>
          rule.sinks.some((name) => (this.kindBit(name) & sinkKind) !== 0) &&
          this.sourcesFor(rule, sinkKind, companions).some((name) => (this.sourceKindBit(name) & sourceKinds) !== 0),
      );
      this.ruleCache.set(key, found);
    }
    return found;
  }

  /** See `ModelView`. */
  isAsked(ruleId: string, sourceKinds: number, name: string, functionName: string, parameter = name): boolean {
    const asked = this.asked.get(ruleId);
    if (asked === undefined || (sourceKinds & ~asked.sources) !== 0) return false;
    if (asked.butNot?.test(functionName) === true) return false;
    return (
      asked.names?.test(name) === true ||
      asked.objects?.test(parameter) === true ||
      (asked.configured?.test(parameter) === true && asked.handedOn?.test(name) !== true) ||
      (asked.functions?.test(functionName) === true && asked.settings?.test(parameter) !== true)
    );
  }

  /** Source kinds of a rule that count for a sink of this kind. */
  private sourcesFor(rule: RuleDocument, sinkKind: KindSet, kinds: KindSet): readonly string[] {
    const only = Object.entries(rule.only ?? {}).find(([name]) => (this.kindBit(name) & sinkKind) !== 0);
    const sources = only === undefined ? rule.sources : only[1];
    const unless = Object.entries(rule.unless ?? {}).find(
      ([name, { still }]) => (this.kindBit(name) & sinkKind) !== 0 && (this.kindBit(still) & kinds) !== 0,
    );
    return unless === undefined ? sources : sources.filter((name) => !unless[1].sources.includes(name));
  }

  /** See `ModelView`. */
  replacementRemoves(pattern: string, isRegex: boolean, by: string | undefined): KindSet {
    const key = `${String(isRegex)} ${by ?? ''} ${by === undefined ? '' : 'by'} ${pattern}`;
    let removes = this.replacementCache.get(key);
    if (removes === undefined) {
      removes = 0;
      const isStripped = strippedBy(pattern, isRegex);
      const isRunStripped = isRegex ? runStrippedBy(pattern) : NOTHING_STRIPPED;
      for (const { kinds, needed, escape, single } of this.characters) {
        if (single !== undefined && by === single && needed.every(isRunStripped)) removes |= kinds;
        if (needed.every(isStripped) && isHarmless(needed, escape, by)) removes |= kinds;
      }
      if (this.replacementCache.size < 10_000) this.replacementCache.set(key, removes);
    }
    return removes;
  }

  /** See `ModelView`. */
  quotedRemoves(quote: string, pattern: string, isRegex: boolean, replacement: string): KindSet {
    const key = `quoted ${quote} ${String(isRegex)} ${replacement} by ${pattern}`;
    let removes = this.replacementCache.get(key);
    if (removes === undefined) {
      removes = 0;
      const isStripped = strippedBy(pattern, isRegex);
      for (const { kinds, needed, escape, within, by } of this.quoted)
        if (within === quote && needed.every(isStripped))
          if (by.includes(replacement) || isHarmless(needed, escape, replacement)) removes |= kinds;
      if (this.replacementCache.size < 10_000) this.replacementCache.set(key, removes);
    }
    return removes;
  }

  /** See `ModelView`. */
  splitRemoves(pattern: string, isRegex: boolean): KindSet {
    const key = `split ${String(isRegex)} ${pattern}`;
    let removes = this.replacementCache.get(key);
    if (removes === undefined) {
      // In single characters there is nothing to be tried again.
      removes = !isRegex && pattern === '' ? this.kindBit('redos') : 0;
      // The text is split at every match, whatever the flags say.
      const isStripped = strippedBy(isRegex ? `${pattern}g` : pattern, isRegex);
      for (const { kinds, needed, single } of this.characters)
        if (single !== undefined && needed.every(isStripped)) removes |= kinds;
      if (this.replacementCache.size < 10_000) this.replacementCache.set(key, removes);
    }
    return removes;
  }

  /** See `ModelView`. */
  patternRemoves(pattern: string, holds: boolean): KindSet {
    const key = `${String(holds)} ${pattern}`;
    let removes = this.patternCache.get(key);
    if (removes === undefined) {
      removes = this.judgePattern(pattern, holds);
      if (this.patternCache.size < 10_000) this.patternCache.set(key, removes);
    }
    return removes;
  }

  private judgePattern(pattern: string, holds: boolean): KindSet {
    const read = readPattern(pattern);
    if (read === undefined) return 0;
    const { allowed, forbidden, beginnings } = read;
    let removes = 0;
    for (const { kinds, needed } of this.characters) {
      if (holds ? allowed !== undefined && !needed.some(allowed) : needed.every(forbidden)) removes |= kinds;
    }
    // A miss rules out texts in which the expression would have found something; a match of the whole text, those that
    // don't match.
    for (const { kinds, texts, exact } of this.refused) {
      if (holds && (!exact || allowed === undefined)) continue;
      if (texts.every((text) => read.finds(text) !== holds)) removes |= kinds;
    }
    if (holds && beginnings.length > 0) {
      let common = this.allKinds;
      for (const beginning of beginnings) common &= beginning === '' ? 0 : this.prefixRemoves(beginning);
      removes |= common & ~this.notOfBeginnings;
    }
    return removes;
  }

  /** See `ModelView`. */
  matched(pattern: string): MatchedKinds | undefined {
    if (this.matchedCache.has(pattern)) return this.matchedCache.get(pattern);
    const read = matchedParts(pattern);
    let matched: MatchedKinds | undefined;
    if (read !== undefined) {
      const parts = read.parts.map(({ name, pattern: part, longest }) => ({
        name,
        removes:
          (part === undefined ? 0 : this.patternRemoves(part, true)) |
          (longest <= MAX_SHORT ? this.kindBit('redos') : 0),
      }));
      const common = parts.reduce((all, { removes }) => all & removes, this.allKinds);
      matched = { parts, common, isGlobal: read.isGlobal };
    }
    if (this.matchedCache.size < 10_000) this.matchedCache.set(pattern, matched);
    return matched;
  }

  /** Kinds of which a tested beginning says nothing: behind `--` anything may stand, and that is what is used. */
  private get notOfBeginnings(): KindSet {
    return this.allCompanions | this.kindBit('prototype');
  }

  /** Kinds that no text of its own has, but that say what rules to apply. */
  private get allCompanions(): KindSet {
    let all = 0;
    for (const kinds of this.companions.values()) all |= kinds;
    return all;
  }

  /** See `ModelView`. */
  beginningRemoves(prefix: string): KindSet {
    return prefix === '' ? 0 : this.prefixRemoves(prefix) & ~this.notOfBeginnings;
  }

  prefixRemoves(prefix: string, afterUnknown = false): KindSet {
    const cache = afterUnknown ? this.innerCache : this.prefixCache;
    let removes = cache.get(prefix);
    if (removes === undefined) {
      removes = 0;
      for (const rule of this.prefixes)
        if (rule.afterUnknown === afterUnknown && rule.pattern.test(prefix)) removes |= rule.removes;
      // Programs hold many texts; the few that repeat are the ones worth remembering.
      if (cache.size < 10_000) cache.set(prefix, removes);
    }
    return removes;
  }
}

/** Whether what comes instead of characters holds none of them, or only behind what takes their meaning. */
function isHarmless(needed: readonly string[], escape: string | undefined, by: string | undefined): boolean {
  if (by !== undefined && /\$[&\d`'<]/.test(by))
    return escape !== undefined && (by === `${escape}$&` || by === `${escape}$1`);
  return !needed.some((character) => by?.includes(character) === true);
}

function bitOf(bit: number, name: string, what: string, known: readonly string[]): number {
  if (bit !== 0) return bit;
  const near = closest(name, known);
  throw new UnknownNameError(
    `"${name}" is not a ${what}.`,
    `${near === undefined ? '' : `Did you mean "${near}"? `}Known are ${known.join(', ')}.`,
  );
}

const unique = (names: readonly string[]): string[] => [...new Set(names)];
