/**
 * Links one file: evaluates every call and every entry of values, and writes down targets, API states, hashes and
 * contributions. Calls contribute, so they are looked at in every round; what has no say in the rounds (entries of values,
 * what functions a value holds, accessors, receivers) is looked at once, when the file is finished. A pure function of
 * the file's skeleton and of what it reads of others.
 */
import { FunctionFlag } from '../model/graph';
import { NodeFlag, SiteFlag, TermKind, type Term } from '../model/skeleton';
import type { FileId } from '../model/ids';
import { sameNumbers, sortRows } from './bindings';
import { calleesOf, ContributionWriter, FoundCallees } from './contributions';
import type { CallForm } from './contributions';
import type { Evaluator, FileContext } from './evaluator';
import { EMPTY, TOO_MANY } from './intSets';
import type { SetId } from './intSets';
import { LinkPacker, LinkWriter, NO_RECEIVER } from './packedLinks';
import { accessorsOf, openOwner } from './members';
import { findableFunctions, isGiven } from './findable';
import { constructorsOf, madeClass, receiverClass } from './classes';
import type { StableNames } from './stableNames';
import { ValueKind } from './values';
import type { ValueId } from './values';

/** What linking says of a file's functions. */
export interface LinkedFunctions {
  /** Keys of all functions, in file order. */
  readonly keys: Uint32Array;
  /** Two 32-bit hashes a function. */
  readonly hashes: Int32Array;
  /** By function the class whose methods share fields through `this` with it, or `NO_RECEIVER`. */
  readonly receivers: Int32Array;
  /** By function the class of which it gives back a new one, or `NO_RECEIVER`. */
  readonly made: Int32Array;
  /** Packed targets and states (`packedLinks.ts`). */
  readonly links: Uint8Array;
}

/** Result of linking a file in one round. */
export interface FileVersion {
  /** Sorted rows of entity, slot, value. */
  readonly contributions: Int32Array;
  /** Only of the round that counts; let go of for the others. */
  functions: LinkedFunctions | undefined;
}

/** One part's share of a result. */
interface FoundPart {
  /** Rows of links as they came. */
  readonly rows: readonly number[];
  /** Rows as they came. */
  readonly contributions: readonly number[];
}

/** A file on its way through the rounds of an update. */
export interface LiveFile {
  readonly context: FileContext;
  /** What was found by part, and for the file as a whole. */
  readonly parts: FoundPart[];
  /** Parts that may not hold any more, in any order, some of them several times. */
  readonly stale: number[];
  /** The last result. */
  version: FileVersion;
}

const NO_ROWS = new Int32Array(0);

/** Calls, nodes and writes of a function whose share of its hash is worked out together. */
const HASHED_UNITS = 12;

export class FileLinker {
  private readonly contributions: ContributionWriter;
  private readonly links: LinkWriter;
  private readonly packer: LinkPacker;
  /** Of the site being linked. */
  private readonly called = new FoundCallees();

  constructor(
    private readonly evaluator: Evaluator,
    private readonly stable: StableNames,
    isDevelopment: (file: FileId) => boolean = () => false,
  ) {
    this.contributions = new ContributionWriter(evaluator, isDevelopment);
    this.links = new LinkWriter(evaluator.values);
    this.packer = new LinkPacker(stable);
  }

  /** Links a file. */
  link(context: FileContext): LiveFile {
    const version: FileVersion = { contributions: NO_ROWS, functions: undefined };
    const live: LiveFile = { context, parts: [], stale: [], version };
    const count = context.index.parts.of.length;
    for (let p = 0; p <= count; p++) live.parts.push(this.part(context, p));
    this.contribute(live);
    return live;
  }

  /** Links those parts of a file again for which something they read has changed. The result is a new one when it contributes something else. */
  update(live: LiveFile): void {
    const { context, parts, stale } = live;
    stale.sort((a, b) => a - b);
    let contributesElse = false;
    for (let i = 0; i < stale.length; i++) {
      const p = stale[i];
      if (this.evaluator.holds(context.partNode(p))) continue;
      const before = parts[p].contributions;
      const part = this.part(context, p);
      parts[p] = part;
      if (!sameNumbers(before, part.contributions)) contributesElse = true;
    }
    stale.length = 0;
    if (contributesElse) this.contribute(live);
  }

  /** Puts together what the parts contribute. */
  private contribute(live: LiveFile): void {
    const { parts, version } = live;
    let count = 0;
    for (let p = 0; p < parts.length; p++) count += parts[p].contributions.length;
    const rows: number[] = new Array<number>(count);
    let at = 0;
    for (let p = 0; p < parts.length; p++) {
      const { contributions } = parts[p];
      for (let i = 0; i < contributions.length; i++) rows[at++] = contributions[i];
    }
    const contributions = sortRows(rows);
    if (!sameNumbers(contributions, version.contributions)) live.version = { contributions, functions: undefined };
  }

  /** Gives the last result of a file its functions. What they read is noted for the end of the file. */
  finish({ context, parts, version }: LiveFile): void {
    const { evaluator, links, packer } = this;
    const { skeleton } = context.index;
    const { of } = context.index.parts;
    const keys = skeleton.functionKeyHash;
    const hashes = new Int32Array(keys.length * 2);
    const receivers = new Int32Array(keys.length).fill(NO_RECEIVER);
    const made = new Int32Array(keys.length).fill(NO_RECEIVER);
    evaluator.begin(context.file, context.endNode);
    for (let f = 0, part = 0; f < keys.length; f++) {
      const { rows } = links;
      for (; part < of.length && of[part] === f; part++) {
        const found = parts[part].rows;
        for (let i = 0; i < found.length; i++) rows.push(found[i]);
      }
      const receiver = receiverClass(evaluator, this.stable, context, f);
      if (receiver !== undefined) {
        receivers[f] = receiver;
        links.receiver(this.stable.entityHash(receiver));
      }
      const makes = madeClass(evaluator, this.stable, context, f);
      if (makes !== undefined) {
        made[f] = makes;
        links.receiver(~this.stable.entityHash(makes));
      }
      let extra = this.units(context, f);
      // What APIs keep outside of the program they keep for the files of one package.
      if (links.callsApis) extra = (Math.imul(extra, 31) + context.index.packageHash) | 0;
      packer.add(f, links.take(), extra, hashes);
    }
    evaluator.end();
    evaluator.graph.finish(context.endNode);
    version.functions = inOneBlock(keys, hashes, receivers, made, packer.take());
  }

  /** One part; after the last one, what belongs to the file as a whole. */
  private part(context: FileContext, part: number): FoundPart {
    const { evaluator } = this;
    const { of, from, to } = context.index.parts;
    const node = context.partNode(part);
    evaluator.begin(context.file, node);
    if (part < of.length) for (let site = from[part]; site < to[part]; site++) this.site(context, of[part], site);
    else this.contributions.file(context);
    evaluator.end();
    evaluator.graph.finish(node);
    return { rows: this.links.take(), contributions: this.contributions.take() };
  }

  /** What a function has beside calls; tells what goes into its hash only. */
  private units(context: FileContext, f: number): number {
    const { siteStart, nodeStart, storeStart } = context.index.skeleton;
    const sites = siteStart[f + 1] - siteStart[f];
    const nodes = nodeStart[f + 1] - nodeStart[f];
    const count = sites + nodes + storeStart[f + 1] - storeStart[f];
    let extra = 0;
    for (let from = 0; from === 0 || from < count; from += HASHED_UNITS) {
      const to = Math.min(from + HASHED_UNITS, count);
      for (let unit = Math.max(from, sites); unit < to; unit++) {
        if (unit < sites + nodes) this.node(context, f, nodeStart[f] + unit - sites);
        else this.setter(context, storeStart[f] + unit - sites - nodes);
      }
      extra = (Math.imul(extra, 31) + this.links.takeExtra()) | 0;
    }
    return extra;
  }

  private site(context: FileContext, f: number, site: number): void {
    const { evaluator, links } = this;
    const { values, sets } = evaluator;
    const { skeleton } = context.index;
    const node = skeleton.siteNode[site];
    const { called } = this;
    calleesOf(evaluator, context, site, called);
    const { count, bases, isBind } = called;
    const symbolic = this.isParameterCall(context, f, site);
    const receiver = this.dynamicReceiver(context, site, bases);
    for (let i = 0; i < count; i++) {
      const value = called.values[i];
      const how = called.hows[i];
      switch (values.kind(value)) {
        case ValueKind.Function:
        case ValueKind.Bound: {
          this.contributions.call(context, site, value, how, receiver);
          const isGiven = symbolic && !this.isMethod(value);
          if (!isGiven) links.functionTarget(node, value, conventionOf(how));
          break;
        }
        case ValueKind.Class:
          if (how !== 'construct' && how !== 'super') break;
          for (const target of constructorsOf(evaluator, value)) {
            if (values.kind(target) === ValueKind.Api) links.apiTarget(node, target, conventionOf(how));
            else {
              this.contributions.call(context, site, target, how, EMPTY);
              links.functionTarget(node, target, conventionOf(how));
            }
          }
          break;
        case ValueKind.Api:
          links.apiTarget(node, value, conventionOf(how));
          if (how !== 'apply') this.contributions.apiCall(context, site, value, how === 'call' ? 1 : 0);
          break;
        case ValueKind.Unmodelled:
          links.unmodelledTarget(node, values.name(value));
          break;
        case ValueKind.Instance:
        case ValueKind.Prototype:
        case ValueKind.Object:
        case ValueKind.Allocated:
          break;
      }
    }
    if (count === 0) this.unknownMember(context, site, bases, node);
    if (bases !== EMPTY && bases !== TOO_MANY) {
      if (isBind) {
        for (const base of sets.members(bases))
          if (values.kind(base) === ValueKind.Function) this.contributions.bind(context, site, base);
      }
      this.contributions.callbackMethod(context, site, bases);
    }
  }

  /** A method that no model knows, of an API value: known by name. */
  private unknownMember(context: FileContext, site: number, bases: SetId, node: number): void {
    const { skeleton } = context.index;
    const { values, sets } = this.evaluator;
    const callee = skeleton.siteCallee[site];
    if (skeleton.termKind[callee] !== TermKind.Member || bases === TOO_MANY) return;
    const found = sets.members(bases);
    for (let i = 0; i < found.length; i++) {
      const base = found[i];
      if (values.kind(base) !== ValueKind.Api) continue;
      this.links.unmodelledTarget(node, `${this.stable.api(base)}.${skeleton.strings[skeleton.termB[callee]]}`);
    }
  }

  /**
   * A function that came in as (a property of) a parameter is called by the caller's leave: the solver takes it from
   * each call of this function, so no target is given here. Methods of class instances are no such thing, and neither
   * are parameters of an outer function, which may have returned long ago.
   */
  private isParameterCall(context: FileContext, f: number, site: number): boolean {
    const { siteCallee } = context.index.skeleton;
    return isGiven(context, siteCallee[site], f);
  }

  private isMethod(value: ValueId): boolean {
    const { values } = this.evaluator;
    if (values.kind(value) !== ValueKind.Function) return false;
    const context = openOwner(this.evaluator, value);
    const f = this.evaluator.place(context, value);
    if (context === undefined || f < 0) return false;
    const { functionClass, functionFlags } = context.index.skeleton;
    return functionClass[f] >= 0 && (functionFlags[f] & FunctionFlag.Arrow) === 0;
  }

  /** `this` of a method call, where the method alone does not tell: objects that got their methods from elsewhere. */
  private dynamicReceiver(context: FileContext, site: number, bases: SetId): SetId {
    const { values, sets } = this.evaluator;
    const { skeleton } = context.index;
    if (bases === EMPTY || bases === TOO_MANY) return EMPTY;
    if (
      (skeleton.siteFlags[site] & SiteFlag.Construct) !== 0 ||
      skeleton.termKind[skeleton.siteCallee[site]] !== TermKind.Member
    )
      return EMPTY;
    let kept = EMPTY;
    const found = sets.members(bases);
    for (let i = 0; i < found.length; i++) {
      if (values.kind(found[i]) === ValueKind.Allocated) kept = sets.union(kept, sets.single(found[i]));
    }
    return kept;
  }

  private node(context: FileContext, f: number, n: number): void {
    const { evaluator, links } = this;
    const { skeleton } = context.index;
    if ((skeleton.nodeFlags[n] & NodeFlag.Entry) !== 0) this.entry(context, f, n);
    // What functions a value holds belongs to the hash: the solver looks into it (`LinkView.functionsAt`).
    const functions = findableFunctions(evaluator, context, f, n);
    if (functions !== EMPTY) links.shape(this.stable.shape(evaluator, functions), skeleton.nodeId[n]);
  }

  private entry(context: FileContext, f: number, n: number): void {
    const { evaluator, links } = this;
    const { values, sets } = evaluator;
    const { index } = context;
    const { skeleton } = index;
    const term = skeleton.nodeTerm[n];
    const node = skeleton.nodeId[n];
    const kind: TermKind = skeleton.termKind[term];
    if (kind === TermKind.Import) {
      const target = index.imports[skeleton.termA[term]];
      if (target !== undefined && 'file' in target) this.importTarget(node, target.file);
    } else if (kind !== TermKind.Member && kind !== TermKind.Element) {
      // Nothing that it is read of.
    } else if (skeleton.termKind[skeleton.termA[term]] === TermKind.RestParam) {
      // `arguments[0]`: the list itself is no value of an API, but what lies in it may be.
    } else if (kind === TermKind.Member) {
      const base = evaluator.read(context, skeleton.termA[term]);
      const name = skeleton.strings[skeleton.termB[term]];
      for (const getter of accessorsOf(evaluator, base, name, FunctionFlag.Getter)) {
        links.functionTarget(node, getter, 'accessor');
      }
      if (name !== 'default' && this.areAllApis(base)) return;
    } else if (this.areAllApis(evaluator.read(context, skeleton.termA[term]))) return;
    const set = evaluator.read(context, term);
    if (set === TOO_MANY) return;
    const members = sets.members(set);
    for (let i = 0; i < members.length; i++) {
      const value = members[i];
      if (values.kind(value) !== ValueKind.Api) continue;
      links.state(node, value);
      if (evaluator.automaton.isShared?.(values.state(value)) !== true) continue;
      const position = parameterAt(context, f, term);
      if (position >= 0) links.shared(position, value, index.packageHash);
    }
  }

  private importTarget(node: number, file: FileId): void {
    const index = this.evaluator.world.context(file)?.index;
    if (index === undefined) return;
    this.links.functionTarget(node, this.evaluator.values.function(file, index.skeleton.functionKeyHash[0]), 'direct');
  }

  /** The solver follows API values through loads itself. */
  private areAllApis(set: SetId): boolean {
    if (set === TOO_MANY) return false;
    const { values, sets } = this.evaluator;
    const members = sets.members(set);
    for (let i = 0; i < members.length; i++) {
      const value = members[i];
      if (values.kind(value) !== ValueKind.Api) return false;
    }
    return true;
  }

  private setter(context: FileContext, s: number): void {
    const { skeleton } = context.index;
    const name = skeleton.storeName[s];
    if (name < 0) return;
    const bases = this.evaluator.read(context, skeleton.storeBase[s]);
    for (const setter of accessorsOf(this.evaluator, bases, skeleton.strings[name], FunctionFlag.Setter)) {
      this.links.functionTarget(skeleton.storeNode[s], setter, 'accessor');
    }
  }
}

/** In one block of memory, which costs each file some hundred bytes less than four. */
export function inOneBlock(
  keys: Uint32Array,
  hashes: Int32Array,
  receivers: Int32Array,
  made: Int32Array,
  links: Uint8Array,
): LinkedFunctions {
  const { length } = keys;
  const block = new ArrayBuffer(length * 20 + links.length);
  const result = {
    keys: new Uint32Array(block, 0, length),
    hashes: new Int32Array(block, length * 4, length * 2),
    receivers: new Int32Array(block, length * 12, length),
    made: new Int32Array(block, length * 16, length),
    links: new Uint8Array(block, length * 20),
  };
  result.keys.set(keys);
  result.hashes.set(hashes);
  result.receivers.set(receivers);
  result.made.set(made);
  result.links.set(links);
  return result;
}

/** Position of the parameter of function `f` that a term is, also one with a declared type; -1 for other terms. */
function parameterAt(context: FileContext, f: number, term: Term): number {
  const { termKind, termA, termB } = context.index.skeleton;
  let at = term;
  while ((termKind[at] as TermKind) === TermKind.Typed) at = termA[at];
  return (termKind[at] as TermKind) === TermKind.Param && termA[at] === f ? termB[at] : -1;
}

function conventionOf(how: CallForm): 'direct' | 'construct' | 'call' | 'apply' | 'bound' {
  return how === 'super' ? 'direct' : how;
}
