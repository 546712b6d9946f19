/**
 * Derives a file's skeleton from its finished flow graph in one pass over the nodes: each node's value becomes a term,
 * calls and property writes become rows over terms. Guards, awaits of plain values and versions of an object are
 * looked through. A variable that closures share becomes the one term it is assigned, or a `Variable` over all of
 * them. Language-neutral; what the terms mean across files is linking's business.
 */
import { keyHashes } from '../../model/ids';
import { CallFlag, FunctionFlag, NONE, Op, ARGUMENTS } from '../../model/graph';
import type { FileGraph, FunctionGraph } from '../../model/graph';
import {
  IMPORT_KINDS,
  NO_TERM,
  NodeFlag,
  ObjectFlag,
  SiteFlag,
  STORE_COPY,
  STORE_ELEMENT,
  TermKind,
} from '../../model/skeleton';
import type { Skeleton, Term } from '../../model/skeleton';
import { interfaceOf } from './skeletonInterface';
import { isEntry, isPlain, twinOrdinals } from './skeletonOps';
import { Arena, Numbers, NumberLists, TermTable } from './skeletonTables';

/** The tables of the result hold until the next skeleton is built on this thread. */
export function buildSkeleton(graph: FileGraph): Skeleton {
  return builder.build(graph);
}

/** Unions and variables keep this many alternatives. */
const MAX_ALTERNATIVES = 48;

/** Longest chain of properties kept in one term; below it nothing is known. */
const MAX_DEPTH = 12;

/** Longest text that counts as the name of a property when it is an argument. */
const MAX_NAME = 60;

class SkeletonBuilder {
  private readonly arena = new Arena();
  private readonly terms = new TermTable();
  private readonly lists = new NumberLists();
  private readonly sites = {
    node: new Numbers(),
    callee: new Numbers(),
    flags: new Numbers(),
    ordinal: new Numbers(),
    count: new Numbers(),
    args: new Numbers(),
  };
  private readonly nodes = { id: new Numbers(), term: new Numbers(), flags: new Numbers() };
  private readonly stores = { node: new Numbers(), base: new Numbers(), name: new Numbers(), value: new Numbers() };
  private readonly objects = { fn: new Numbers(), ordinal: new Numbers(), flags: new Numbers() };
  private readonly depth = new Numbers();
  private readonly strings = new Numbers();
  private stringIndex = new Int32Array(0);
  /** Terms of the current function's nodes. */
  private current = new Int32Array(256);
  /** Receivers and arguments of calls, and what is returned; the latter two are handed on. */
  private used = new Uint8Array(256);
  private handed = new Uint8Array(256);
  private uses = new Uint32Array(256);
  private calleeUses = new Uint32Array(256);
  private cellStart = new Uint32Array(0);
  /** By cell of the file: the term of reads, 0 where not known yet, -1 where there is none. */
  private cellTerm = new Int32Array(0);
  private cellWritten = new Uint8Array(0);
  /** By callee: calls of it in the current function. */
  private readonly calleeCount = new Map<Term, number>();
  /** By variable term: what is assigned to it. */
  private readonly assigned = new Map<Term, Term[]>();

  build(graph: FileGraph): Skeleton {
    this.reset(graph);
    const { functions } = graph;
    const { arena } = this;
    const hashes = keyHashes(functions.map((fn) => fn.key));
    const siteStart = arena.uint32(functions.length + 1);
    const nodeStart = arena.uint32(functions.length + 1);
    const storeStart = arena.uint32(functions.length + 1);
    const functionReturn = arena.int32(functions.length);
    const classSuper = arena.int32(graph.classes.length);
    let exports = NO_TERM;
    for (let f = 0; f < functions.length; f++) {
      const fn = functions[f];
      this.function(graph, fn, f);
      siteStart[f + 1] = this.sites.node.length;
      nodeStart[f + 1] = this.nodes.id.length;
      storeStart[f + 1] = this.stores.node.length;
      if (f === 0) exports = this.lastReturn(fn);
      else functionReturn[f] = this.returned(fn);
      this.superclasses(graph, f, classSuper);
    }
    this.closeVariables();
    const skeleton = this.assemble(graph, {
      hashes,
      siteStart,
      nodeStart,
      storeStart,
      functionReturn,
      classSuper,
      exports,
    });
    return interfaceOf(skeleton, arena);
  }

  private superclasses({ classes }: FileGraph, f: number, classSuper: Int32Array): void {
    for (let c = 0; c < classes.length; c++) {
      const { functionIndex, superNode } = classes[c];
      if (functionIndex === f && superNode !== NONE) classSuper[c] = this.current[superNode];
    }
  }

  private reset(graph: FileGraph): void {
    const { arena } = this;
    arena.clear();
    this.terms.clear();
    this.lists.clear();
    for (const group of [this.sites, this.nodes, this.stores, this.objects])
      for (const table of Object.values(group)) table.clear();
    this.depth.clear();
    this.depth.push(0);
    this.strings.clear();
    this.stringIndex = arena.int32(graph.strings.length);
    this.assigned.clear();
    this.cellStart = arena.uint32(graph.functions.length + 1);
    for (let f = 0; f < graph.functions.length; f++)
      this.cellStart[f + 1] = this.cellStart[f] + graph.functions[f].cells.length;
    const cells = this.cellStart[graph.functions.length];
    this.cellTerm = arena.int32(cells);
    this.cellWritten = arena.bytes(cells);
    for (const fn of graph.functions) {
      if (fn.captures.length === 0) continue;
      for (let n = 0; n < fn.op.length; n++) {
        if (fn.op[n] !== Op.CapturedWrite) continue;
        const capture = fn.captures[fn.aux[n]];
        this.cellWritten[this.cellStart[capture.owner] + capture.cell] = 1;
      }
    }
  }

  private function(graph: FileGraph, fn: FunctionGraph, f: number): void {
    const count = fn.op.length;
    if (this.current.length < count) {
      this.current = new Int32Array(count * 2);
      this.used = new Uint8Array(count * 2);
      this.handed = new Uint8Array(count * 2);
      this.uses = new Uint32Array(count * 2);
      this.calleeUses = new Uint32Array(count * 2);
    }
    this.current.fill(0, 0, count);
    this.used.fill(0, 0, count);
    this.handed.fill(0, 0, count);
    this.calleeCount.clear();
    const phis: number[] = [];
    let ordinal = 0;
    for (let n = 0; n < count; n++) {
      const op: Op = fn.op[n];
      if (op === Op.ObjectLiteral || op === Op.ArrayLiteral) {
        this.current[n] = this.term(TermKind.Object, this.objects.fn.length, 0);
        this.objects.fn.push(f);
        this.objects.ordinal.push(ordinal++);
        this.objects.flags.push(op === Op.ArrayLiteral ? ObjectFlag.Array : 0);
      } else if (op === Op.Phi) this.current[n] = this.phi(fn, n, phis);
      else this.current[n] = this.value(graph, fn, f, n, op);
    }
    for (const n of phis) this.assign(this.current[n], this.operandTerms(fn, n));
    for (let n = 0; n < count; n++) {
      if (fn.op[n] === Op.Cell) this.cell(fn, f, n);
    }
    this.nodeTerms(fn);
  }

  private value(graph: FileGraph, fn: FunctionGraph, f: number, n: number, op: Op): Term {
    const aux = fn.aux[n];
    const from = fn.operandStart[n];
    const { operands } = fn;
    switch (op) {
      case Op.Param:
        return aux === ARGUMENTS ? this.term(TermKind.RestParam, f, 0) : this.term(TermKind.Param, f, aux);
      case Op.RestParam:
        return this.term(TermKind.RestParam, f, aux);
      case Op.Cell:
        // Unless inner functions write it, nobody in this function reads the cell: its term is known at the end.
        return this.cellWritten[this.cellStart[f] + aux] === 1 ? this.variable(this.cellStart[f] + aux) : NO_TERM;
      case Op.Captured: {
        const capture = fn.captures[aux];
        return this.variable(this.cellStart[capture.owner] + capture.cell);
      }
      case Op.CapturedWrite: {
        const capture = fn.captures[aux];
        const value = this.current[operands[from]];
        this.assign(this.variable(this.cellStart[capture.owner] + capture.cell), [value]);
        return value;
      }
      case Op.Global:
        return this.term(TermKind.Global, this.string(aux), 0);
      case Op.Import:
        return this.term(TermKind.Import, aux, 0);
      case Op.Guard:
      case Op.Rest:
        return this.operand(fn, from);
      case Op.Spread:
        return this.operand(fn, from);
      case Op.Load:
        return this.member(this.operand(fn, from), aux);
      case Op.LoadElement: {
        const key = operands[from + 1];
        if (key >= 0 && fn.op[key] === Op.StringConst) return this.member(this.operand(fn, from), fn.aux[key]);
        return this.element(this.operand(fn, from));
      }
      case Op.Store: {
        const base = this.operand(fn, from);
        this.store(n, base, aux, this.operand(fn, from + 1));
        return base;
      }
      case Op.StoreElement: {
        const base = this.operand(fn, from);
        const key = operands[from + 1];
        const value = this.operand(fn, from + 2);
        if (key >= 0 && fn.op[key] === Op.StringConst) this.store(n, base, fn.aux[key], value);
        else this.storeElement(n, base, value);
        return base;
      }
      case Op.Copy: {
        const target = this.operand(fn, from);
        this.storeRow(n, target, STORE_COPY, this.operand(fn, from + 1));
        return target;
      }
      case Op.Call:
      case Op.New:
        return this.site(graph, fn, n, op);
      case Op.Closure:
        return this.term(TermKind.Function, aux, 0);
      case Op.Class:
        return this.term(TermKind.Class, aux, 0);
      case Op.Super:
        return this.term(TermKind.Super, aux, 0);
      case Op.Await: {
        const value = this.operand(fn, from);
        return value === NO_TERM ? NO_TERM : this.nested(TermKind.Await, value, 0);
      }
      case Op.Iterate:
        return this.element(this.operand(fn, from));
      case Op.Typed: {
        const value = this.operand(fn, from);
        const type = this.operand(fn, from + 1);
        return type === NO_TERM || type === value ? value : this.term(TermKind.Typed, value, type);
      }
      case Op.Return:
        if (operands[from] >= 0) this.handed[operands[from]] = 1;
        return this.operand(fn, from);
      case Op.StringConst:
      case Op.Const:
      case Op.Regex:
      case Op.Concat:
      case Op.Binary:
      case Op.Unary:
      case Op.Yield:
      case Op.Throw:
      case Op.Catch:
      case Op.ForInKey:
      case Op.Unknown:
        return NO_TERM;
      case Op.Phi:
      case Op.ObjectLiteral:
      case Op.ArrayLiteral:
        throw new Error(`operation ${Op[op]} is handled before`);
    }
  }

  private operand(fn: FunctionGraph, position: number): Term {
    const operand = fn.operands[position];
    return operand === NONE ? NO_TERM : this.current[operand];
  }

  private operandTerms(fn: FunctionGraph, n: number): Term[] {
    const result: Term[] = [];
    for (let i = fn.operandStart[n]; i < fn.operandStart[n + 1]; i++) {
      const operand = fn.operands[i];
      if (operand !== NONE) result.push(this.current[operand]);
    }
    return result;
  }

  private term(kind: TermKind, a: number, b: number): Term {
    const term = this.terms.intern(kind, a, b);
    while (this.depth.length <= term) this.depth.push(0);
    return term;
  }

  /** A term over another one; none when they nest too deep. */
  private nested(kind: TermKind, base: Term, b: number): Term {
    const depth = this.depth.at(base) + 1;
    if (depth > MAX_DEPTH) return NO_TERM;
    const term = this.term(kind, base, b);
    this.depth.set(term, depth);
    return term;
  }

  private member(base: Term, name: number): Term {
    return base === NO_TERM ? NO_TERM : this.nested(TermKind.Member, base, this.string(name));
  }

  private element(base: Term): Term {
    return base === NO_TERM ? NO_TERM : this.nested(TermKind.Element, base, 0);
  }

  /** A join: one term, a union, or a variable when a loop carries the value. */
  private phi(fn: FunctionGraph, n: number, phis: number[]): Term {
    const alternatives: Term[] = [];
    for (let i = fn.operandStart[n]; i < fn.operandStart[n + 1]; i++) {
      const operand = fn.operands[i];
      if (operand === NONE || operand === n) continue;
      if (operand > n) {
        if (isPlain[fn.op[operand]] === 1) continue;
        phis.push(n);
        return this.newVariable();
      }
      alternatives.push(this.current[operand]);
    }
    return this.union(alternatives);
  }

  private union(alternatives: readonly Term[]): Term {
    const flat: Term[] = [];
    for (const term of alternatives) this.addAlternative(flat, term);
    if (flat.length === 0) return NO_TERM;
    if (flat.length === 1) return flat[0];
    return this.term(TermKind.Union, this.lists.add(flat), 0);
  }

  private addAlternative(flat: Term[], term: Term): void {
    if (term === NO_TERM || flat.length >= MAX_ALTERNATIVES) return;
    if (this.terms.kind.at(term) !== TermKind.Union) {
      if (!flat.includes(term)) flat.push(term);
      return;
    }
    const list = this.terms.a.at(term);
    for (let i = this.lists.start.at(list); i < this.lists.start.at(list + 1); i++)
      this.addAlternative(flat, this.lists.values.at(i));
  }

  /** Term for reading a shared variable. */
  private variable(cell: number): Term {
    const known = this.cellTerm[cell];
    if (known !== 0) return known < 0 ? NO_TERM : known;
    return (this.cellTerm[cell] = this.newVariable());
  }

  private newVariable(): Term {
    const term = this.terms.append(TermKind.Variable, 0, 0);
    while (this.depth.length <= term) this.depth.push(0);
    this.assigned.set(term, []);
    return term;
  }

  private assign(variable: Term, values: readonly Term[]): void {
    const assigned = this.assigned.get(variable);
    if (assigned === undefined) return;
    for (const value of values) if (value !== variable) this.addAlternative(assigned, value);
  }

  /** All values are known now. A variable that nobody else writes and that has one value is that value from here on. */
  private cell(fn: FunctionGraph, f: number, n: number): void {
    const cell = this.cellStart[f] + fn.aux[n];
    const values: Term[] = [];
    for (const value of this.operandTerms(fn, n)) this.addAlternative(values, value);
    let term = this.cellTerm[cell];
    if (this.cellWritten[cell] === 0 && values.length <= 1) {
      this.cellTerm[cell] = values.length === 0 ? -1 : values[0];
    } else if (term === 0) term = this.variable(cell);
    if (this.current[n] === NO_TERM) this.current[n] = Math.max(this.cellTerm[cell], NO_TERM);
    if (term > 0) this.assign(term, values);
  }

  private closeVariables(): void {
    for (const [term, values] of this.assigned) this.terms.a.set(term, this.lists.add(values));
  }

  private store(n: number, base: Term, name: number, value: Term): void {
    if (base === NO_TERM) return;
    // Whatever is written may run a setter, but not in a literal.
    if (value === NO_TERM && this.terms.kind.at(base) === TermKind.Object) return;
    const property = this.string(name);
    // `a.b.x = v` also writes `a.b` back to `a`, which says nothing new.
    if (
      this.terms.kind.at(value) === TermKind.Member &&
      this.terms.a.at(value) === base &&
      this.terms.b.at(value) === property
    )
      return;
    this.pushStore(n, base, property, value);
  }

  /** Copying under computed names (`for (k in from) to[k] = from[k]`) is a copy of everything. */
  private storeElement(n: number, base: Term, value: Term): void {
    if (value !== NO_TERM && this.terms.kind.at(value) === TermKind.Element) {
      const source = this.terms.a.at(value);
      if (source !== base) this.storeRow(n, base, STORE_COPY, source);
    } else this.storeRow(n, base, STORE_ELEMENT, value);
  }

  private storeRow(n: number, base: Term, name: number, value: Term): void {
    if (base !== NO_TERM && value !== NO_TERM) this.pushStore(n, base, name, value);
  }

  private pushStore(n: number, base: Term, name: number, value: Term): void {
    this.stores.node.push(n);
    this.stores.base.push(base);
    this.stores.name.push(name);
    this.stores.value.push(value);
  }

  private site(graph: FileGraph, fn: FunctionGraph, n: number, op: Op): Term {
    const from = fn.operandStart[n];
    const to = fn.operandStart[n + 1];
    if (fn.operands[from + 1] >= 0) this.used[fn.operands[from + 1]] = 1;
    for (let i = from + 2; i < to; i++) if (fn.operands[i] >= 0) this.handed[fn.operands[i]] = 1;
    const callee = this.operand(fn, from);
    if (callee === NO_TERM) return NO_TERM;
    const args: Term[] = [];
    let flags = (fn.aux[n] & 0xff) | (op === Op.New ? SiteFlag.Construct : 0);
    const count = to - from - 2;
    for (let i = from + 2; i < to; i++) {
      const node = fn.operands[i];
      args.push(this.argument(graph, fn, node, i - from - 2, count));
      if (node >= 0 && fn.op[node] === Op.Spread) {
        flags |= SiteFlag.Spread;
        break;
      }
    }
    while (args.length > 0 && args[args.length - 1] === NO_TERM && (flags & SiteFlag.Spread) === 0) args.pop();
    const site = this.sites.node.length;
    this.sites.node.push(n);
    this.sites.callee.push(callee);
    this.sites.flags.push(flags);
    const ordinal = this.calleeCount.get(callee) ?? 0;
    this.calleeCount.set(callee, ordinal + 1);
    this.sites.ordinal.push(ordinal);
    this.sites.count.push(count);
    this.sites.args.push(this.lists.add(args));
    if ((flags & CallFlag.SuperCall) !== 0) return NO_TERM;
    const term = this.terms.append(op === Op.New ? TermKind.New : TermKind.Call, site, 0);
    while (this.depth.length <= term) this.depth.push(0);
    // A chain of calls may be long: only properties count towards the depth.
    this.depth.set(term, 0);
    return term;
  }

  /** Texts count only where they may name a property: second of at least three arguments. */
  private argument(graph: FileGraph, fn: FunctionGraph, node: number, position: number, count: number): Term {
    if (node < 0) return NO_TERM;
    if (
      position === 1 &&
      count >= 3 &&
      fn.op[node] === Op.StringConst &&
      graph.strings[fn.aux[node]].length <= MAX_NAME
    ) {
      return this.term(TermKind.Text, this.string(fn.aux[node]), 0);
    }
    return this.current[node];
  }

  private lastReturn(fn: FunctionGraph): Term {
    for (let n = fn.op.length - 1; n >= 0; n--) if (fn.op[n] === Op.Return) return this.current[n];
    return NO_TERM;
  }

  private returned(fn: FunctionGraph): Term {
    const values: Term[] = [];
    for (let n = 0; n < fn.op.length; n++) {
      if (fn.op[n] === Op.Return) values.push(this.current[n]);
    }
    return this.union(values);
  }

  private nodeTerms(fn: FunctionGraph): void {
    this.countUses(fn);
    for (let n = 0; n < fn.op.length; n++) {
      const term = this.current[n];
      if (term === NO_TERM) continue;
      const op: Op = fn.op[n];
      let flags = this.handed[n] === 1 ? NodeFlag.Handed : 0;
      // What a load that is only called stands for, the call's targets say.
      const isCallee = (op === Op.Load || op === Op.LoadElement) && this.calleeUses[n] === this.uses[n];
      if (isEntry[op] === 1 && !isCallee) flags |= NodeFlag.Entry;
      if (flags === 0 && this.used[n] === 0) continue;
      this.nodes.id.push(n);
      this.nodes.term.push(term);
      this.nodes.flags.push(flags);
    }
  }

  private countUses(fn: FunctionGraph): void {
    const count = fn.op.length;
    this.uses.fill(0, 0, count);
    this.calleeUses.fill(0, 0, count);
    for (let n = 0; n < count; n++) {
      const isCall = fn.op[n] === Op.Call || fn.op[n] === Op.New;
      for (let i = fn.operandStart[n]; i < fn.operandStart[n + 1]; i++) {
        const operand = fn.operands[i];
        if (operand < 0) continue;
        this.uses[operand]++;
        if (isCall && i === fn.operandStart[n]) this.calleeUses[operand]++;
      }
    }
  }

  /** Index in the skeleton's string table. Offset by one in the map, so that 0 is "not there". */
  private string(id: number): number {
    const known = this.stringIndex[id];
    if (known !== 0) return known - 1;
    this.strings.push(id);
    this.stringIndex[id] = this.strings.length;
    return this.strings.length - 1;
  }

  private assemble(graph: FileGraph, parts: Parts): Omit<Skeleton, 'interfaceHash' | 'argumentHash'> {
    const { functions, classes, imports } = graph;
    const optionalString = (id: number): number => (id === NONE || graph.strings[id] === '' ? NONE : this.string(id));
    const { arena } = this;
    const className = arena.int32(classes.length);
    const classFunction = arena.int32(classes.length);
    const classConstructor = arena.int32(classes.length);
    const memberStart = arena.uint32(classes.length + 1);
    for (let c = 0; c < classes.length; c++) {
      const facts = classes[c];
      className[c] = optionalString(facts.name);
      classFunction[c] = facts.functionIndex;
      classConstructor[c] = facts.constructorIndex;
      memberStart[c + 1] = memberStart[c] + facts.members.length;
    }
    const memberName = arena.int32(memberStart[classes.length]);
    const memberFunction = arena.int32(memberName.length);
    const memberIsStatic = arena.bytes(memberName.length);
    for (let c = 0, m = 0; c < classes.length; c++) {
      for (const member of classes[c].members) {
        memberName[m] = this.string(member.name);
        memberFunction[m] = member.functionIndex;
        memberIsStatic[m++] = member.isStatic ? 1 : 0;
      }
    }
    const importSpecifier = arena.int32(imports.length);
    const importKind = arena.bytes(imports.length);
    for (let i = 0; i < imports.length; i++) {
      importSpecifier[i] = this.string(imports[i].specifier);
      importKind[i] = IMPORT_KINDS.indexOf(imports[i].kind);
    }
    const functionFlags = arena.int32(functions.length);
    const functionClass = arena.int32(functions.length);
    const functionParameters = arena.int32(functions.length);
    for (let f = 0; f < functions.length; f++) {
      const fn = functions[f];
      functionFlags[f] = fn.flags & ~(FunctionFlag.Partial | FunctionFlag.Truncated);
      functionClass[f] = fn.classIndex;
      functionParameters[f] = fn.parameters.length;
    }
    const strings: string[] = [];
    for (let i = 0; i < this.strings.length; i++) strings.push(graph.strings[this.strings.at(i)]);
    return {
      strings,
      isEsm: graph.isEsm,
      exports: parts.exports,
      termKind: this.terms.kind.toBytes(arena),
      termA: this.terms.a.toInt32(),
      termB: this.terms.b.toInt32(),
      listStart: this.lists.start.toUint32(),
      lists: this.lists.values.toInt32(),
      functionKeyHash: parts.hashes,
      functionFlags,
      functionClass,
      functionParameters,
      functionReturn: parts.functionReturn,
      siteStart: parts.siteStart,
      siteNode: this.sites.node.toInt32(),
      siteCallee: this.sites.callee.toInt32(),
      siteFlags: this.sites.flags.toInt32(),
      siteOrdinal: this.sites.ordinal.toInt32(),
      siteCount: this.sites.count.toInt32(),
      siteArguments: this.sites.args.toInt32(),
      nodeStart: parts.nodeStart,
      nodeId: this.nodes.id.toInt32(),
      nodeTerm: this.nodes.term.toInt32(),
      nodeFlags: this.nodes.flags.toBytes(arena),
      storeStart: parts.storeStart,
      storeNode: this.stores.node.toInt32(),
      storeBase: this.stores.base.toInt32(),
      storeName: this.stores.name.toInt32(),
      storeValue: this.stores.value.toInt32(),
      objectFunction: this.objects.fn.toInt32(),
      objectOrdinal: this.objects.ordinal.toInt32(),
      objectFlags: this.objects.flags.toInt32(),
      className,
      classFunction,
      classConstructor,
      classSuper: parts.classSuper,
      classOrdinal: twinOrdinals(className, classes),
      memberStart,
      memberName,
      memberFunction,
      memberIsStatic,
      importSpecifier,
      importKind,
    };
  }
}

interface Parts {
  readonly hashes: Uint32Array;
  readonly siteStart: Uint32Array;
  readonly nodeStart: Uint32Array;
  readonly storeStart: Uint32Array;
  readonly functionReturn: Int32Array;
  readonly classSuper: Int32Array;
  readonly exports: Term;
}

const builder = new SkeletonBuilder();
