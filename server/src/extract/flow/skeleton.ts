/**
 * Derives a file's skeleton from its finished flow graph in one pass over the nodes: each node's value becomes a term,
 * calls and property writes become rows over terms. Guards, awaits of plain values and versions of an object are
 * looked through. A variable that closures share becomes the one term it is assigned, or a `Variable` over all of
 * them. Language-neutral; what the terms mean across files is linking's business.
 */
import { IntArray } from '../../base/intArray';
import type { FlatFunction, FlatGraph } from '../../model/flatGraph';
import { CallFlag, NONE, Op, ARGUMENTS } from '../../model/graph';
import { NO_TERM, NodeFlag, ObjectFlag, SiteFlag, STORE_COPY, STORE_ELEMENT, TermKind } from '../../model/skeleton';
import type { Skeleton, Term } from '../../model/skeleton';
import { methodsIn, type GraphView } from './classHelpers';
import { copiedFrom } from './copiedLists';
import { listsEntriesOf, madeWith, newObject } from './newObjects';
import { grown } from './nodes';
import { classTables, functionTables, importTables } from './skeletonFileTables';
import { addInterface } from './skeletonInterface';
import { isEntry, isPlain } from './skeletonOps';
import { Arena, bytesOf, int32Of, uint32Of } from './skeletonTables';
import { SkeletonTerms } from './skeletonTerms';

/** The tables of the result hold until the next skeleton is built on this thread. */
export function buildSkeleton(graph: FlatGraph): Skeleton {
  return builder.build(graph);
}

/** Longest text that counts as the name of a property when it is an argument. */
const MAX_NAME = 60;

/** In place of a string of the graph: the name of prototype objects, where the file itself does not have it. */
const PROTOTYPE_TEXT = -1;
const PROTOTYPE = 'prototype';
/** The same for the name of first elements. */
const FIRST_TEXT = -2;
const FIRST_ELEMENT = '0';
const SECOND_ELEMENT = '1';

/** Methods that add their arguments to a list. */
const APPENDING: ReadonlySet<string> = new Set(['push', 'unshift']);
/** Methods that keep their last argument in a map or set, by how many they take. */
const KEEPING: ReadonlyMap<string, number> = new Map([
  ['set', 2],
  ['add', 1],
]);

/** What becomes of a node's value; bits. */
const enum Use {
  /** Receiver of a call. */
  Receiver = 1,
  /** Argument of a call, or returned. */
  Handed = 2,
  /** Anything but being called or tested. */
  Other = 4,
  /** Compared, or decides what is done. */
  Tested = 8,
  Called = 16,
}

class SkeletonBuilder implements GraphView {
  private readonly arena = new Arena();
  private readonly terms = new SkeletonTerms();
  private readonly sites = {
    node: new IntArray(),
    callee: new IntArray(),
    flags: new IntArray(),
    ordinal: new IntArray(),
    count: new IntArray(),
    args: new IntArray(),
  };
  private readonly nodes = { id: new IntArray(), term: new IntArray(), flags: new IntArray() };
  private readonly stores = { node: new IntArray(), base: new IntArray(), name: new IntArray(), value: new IntArray() };
  private readonly objects = { fn: new IntArray(), ordinal: new IntArray(), flags: new IntArray() };
  private readonly texts = new IntArray();
  private stringIndex = new Int32Array(0);
  private prototypeText = -1;
  private firstText = -1;
  /** Terms of the current function's nodes. */
  private current = new Int32Array(256);
  /** `Use` bits of the current function's nodes. */
  private uses = new Uint8Array(256);
  /** Nodes of the current function. */
  private readonly loopPhis = new IntArray();
  private readonly cells = new IntArray();
  private readonly returns = new IntArray();
  /** Object literals of the current function that hold functions, or what the function is given. */
  private readonly holders = new Set<Term>();
  private cellStart = new Uint32Array(0);
  /** By cell of the file: the term of reads, 0 where not known yet, -1 where there is none. */
  private cellTerm = new Int32Array(0);
  private cellWritten = new Uint8Array(0);
  /** By callee: the serial number of the function that called it last, and how often. */
  private calleeFunction = new Int32Array(256);
  private calleeCount = new Int32Array(256);
  private serial = 0;
  /** Arguments of the call that is being looked at. */
  private readonly args = new IntArray();
  // Of the graph that is being read.
  op: Uint8Array = new Uint8Array(0);
  aux: Int32Array = new Int32Array(0);
  operandStart: Int32Array = new Int32Array(0);
  operands: Int32Array = new Int32Array(0);
  private captures: Int32Array = new Int32Array(0);
  graphStrings: readonly string[] = [];
  private f = 0;
  nodeFrom = 0;
  private capturesFrom = 0;

  build(graph: FlatGraph): Skeleton {
    this.reset(graph);
    const { functions } = graph;
    const { arena } = this;
    const siteStart = arena.uint32(functions.length + 1);
    const nodeStart = arena.uint32(functions.length + 1);
    const storeStart = arena.uint32(functions.length + 1);
    const functionReturn = arena.int32(functions.length);
    const classSuper = arena.int32(graph.classes.length);
    let exports = NO_TERM;
    for (let f = 0; f < functions.length; f++) {
      this.function(functions[f], f);
      siteStart[f + 1] = this.sites.node.length;
      nodeStart[f + 1] = this.nodes.id.length;
      storeStart[f + 1] = this.stores.node.length;
      if (f === 0) exports = this.lastReturn();
      else functionReturn[f] = this.returned();
      if (graph.classes.length > 0) this.superclasses(graph, f, classSuper);
    }
    this.terms.closeVariables();
    const ofClasses = classTables(graph, arena, this);
    const ofImports = importTables(graph, arena, this);
    const ofFunctions = functionTables(graph, arena);
    const { terms, sites, nodes, stores, objects } = this;
    const { lists } = terms;
    return addInterface(
      {
        strings: this.strings(),
        isEsm: graph.isEsm,
        exports,
        termKind: bytesOf(terms.kind, arena),
        termA: int32Of(terms.a),
        termB: int32Of(terms.b),
        listStart: uint32Of(lists.start),
        lists: int32Of(lists.values),
        functionKeyHash: ofFunctions.keyHash,
        functionFlags: ofFunctions.flags,
        functionClass: ofFunctions.ofClass,
        functionParameters: ofFunctions.parameters,
        functionReturn,
        siteStart,
        siteNode: int32Of(sites.node),
        siteCallee: int32Of(sites.callee),
        siteFlags: int32Of(sites.flags),
        siteOrdinal: int32Of(sites.ordinal),
        siteCount: int32Of(sites.count),
        siteArguments: int32Of(sites.args),
        nodeStart,
        nodeId: int32Of(nodes.id),
        nodeTerm: int32Of(nodes.term),
        nodeFlags: bytesOf(nodes.flags, arena),
        storeStart,
        storeNode: int32Of(stores.node),
        storeBase: int32Of(stores.base),
        storeName: int32Of(stores.name),
        storeValue: int32Of(stores.value),
        objectFunction: int32Of(objects.fn),
        objectOrdinal: int32Of(objects.ordinal),
        objectFlags: int32Of(objects.flags),
        className: ofClasses.name,
        classFunction: ofClasses.inFunction,
        classConstructor: ofClasses.ofConstructor,
        classSuper,
        classOrdinal: ofClasses.ordinal,
        memberStart: ofClasses.memberStart,
        memberName: ofClasses.memberName,
        memberFunction: ofClasses.memberFunction,
        memberIsStatic: ofClasses.memberIsStatic,
        importSpecifier: ofImports.specifier,
        importKind: ofImports.kind,
        interfaceHash: '',
        argumentHash: '',
        returns: [],
      },
      arena,
    );
  }

  /** Index in the skeleton's string table. Offset by one in the map, so that 0 is "not there". */
  string(id: number): number {
    const known = this.stringIndex[id];
    if (known !== 0) return known - 1;
    const index = this.texts.push(id);
    this.stringIndex[id] = index + 1;
    return index;
  }

  /** `string` for the name of prototype objects. */
  private prototypeName(): number {
    if (this.prototypeText < 0) this.prototypeText = this.nameOf(PROTOTYPE, PROTOTYPE_TEXT);
    return this.prototypeText;
  }

  /** `string` for the name of first elements. */
  private firstName(): number {
    if (this.firstText < 0) this.firstText = this.nameOf(FIRST_ELEMENT, FIRST_TEXT);
    return this.firstText;
  }

  private nameOf(text: string, own: number): number {
    const known = this.graphStrings.indexOf(text);
    return known < 0 ? this.texts.push(own) : this.string(known);
  }

  private strings(): string[] {
    const strings: string[] = [];
    for (let i = 0; i < this.texts.length; i++) {
      const text = this.texts.items[i];
      strings.push(text === PROTOTYPE_TEXT ? PROTOTYPE : text === FIRST_TEXT ? FIRST_ELEMENT : this.graphStrings[text]);
    }
    return strings;
  }

  private superclasses({ classes }: FlatGraph, f: number, classSuper: Int32Array): void {
    for (let c = 0; c < classes.length; c++) {
      const { functionIndex, superNode } = classes[c];
      if (functionIndex === f && superNode !== NONE) classSuper[c] = this.current[superNode];
    }
  }

  private reset(graph: FlatGraph): void {
    const { arena, sites, nodes, stores, objects } = this;
    const { functions } = graph;
    arena.clear();
    this.terms.clearAll();
    sites.node.length = sites.callee.length = sites.flags.length = 0;
    sites.ordinal.length = sites.count.length = sites.args.length = 0;
    nodes.id.length = nodes.term.length = nodes.flags.length = 0;
    stores.node.length = stores.base.length = stores.name.length = stores.value.length = 0;
    objects.fn.length = objects.ordinal.length = objects.flags.length = 0;
    this.texts.length = 0;
    this.prototypeText = -1;
    this.firstText = -1;
    this.op = graph.op;
    this.aux = graph.aux;
    this.operandStart = graph.operandStart;
    this.operands = graph.operands;
    this.captures = graph.captures;
    this.graphStrings = graph.strings;
    this.stringIndex = arena.int32(graph.strings.length);
    this.cellStart = arena.uint32(functions.length + 1);
    for (let f = 0; f < functions.length; f++)
      this.cellStart[f + 1] = this.cellStart[f] + functions[f].namesTo - functions[f].cellsFrom;
    const cells = this.cellStart[functions.length];
    this.cellTerm = arena.int32(cells);
    this.cellWritten = arena.bytes(cells);
    for (let f = 0; f < functions.length; f++) {
      const { nodeFrom, nodeTo, capturesFrom, capturesTo } = functions[f];
      if (capturesFrom === capturesTo) continue;
      this.capturesFrom = capturesFrom;
      for (let at = nodeFrom; at < nodeTo; at++) {
        if (graph.op[at] === Op.CapturedWrite) this.cellWritten[this.captured(graph.aux[at])] = 1;
      }
    }
  }

  private function(fn: FlatFunction, f: number): void {
    const { nodeFrom, nodeTo } = fn;
    const count = nodeTo - nodeFrom;
    this.f = f;
    this.serial++;
    this.nodeFrom = nodeFrom;
    this.capturesFrom = fn.capturesFrom;
    if (this.current.length < count) {
      this.current = new Int32Array(count * 2);
      this.uses = new Uint8Array(count * 2);
    }
    const { current, uses, op, operandStart, operands } = this;
    current.fill(NO_TERM, 0, count);
    uses.fill(0, 0, count);
    this.loopPhis.length = 0;
    this.cells.length = 0;
    this.returns.length = 0;
    this.holders.clear();
    let ordinal = 0;
    for (let n = 0; n < count; n++) {
      const kind: Op = op[nodeFrom + n];
      if (kind === Op.Call || kind === Op.New) {
        const flags = newObject(this, n);
        current[n] = this.site(n, kind);
        if (flags !== undefined) {
          const object = this.object(ordinal++, flags);
          if (flags === ObjectFlag.Keyed)
            madeWith(this, n, (value) => {
              if (current[value] !== NO_TERM) this.storeRow(n, object, this.firstName(), current[value]);
            });
          current[n] = this.terms.either(current[n], object);
        }
        const table = listsEntriesOf(this, n);
        // What callers hand over is mostly data.
        if (table !== NONE && !this.isParameter(current[table])) {
          const list = this.object(ordinal++, ObjectFlag.Array);
          this.entries(n, list, this.object(ordinal++, ObjectFlag.Array), current[table]);
          current[n] = this.terms.either(current[n], list);
        }
        continue;
      }
      const to = operandStart[nodeFrom + n + 1];
      const isTest = kind === Op.Guard || kind === Op.Binary || kind === Op.Unary;
      for (let i = operandStart[nodeFrom + n]; i < to; i++)
        if (operands[i] >= 0) uses[operands[i]] |= isTest ? Use.Tested : Use.Other;
      // The tested variable, under its new name.
      if (kind === Op.Guard && operands[operandStart[nodeFrom + n]] >= 0)
        uses[operands[operandStart[nodeFrom + n]]] |= Use.Other;
      if (kind === Op.ObjectLiteral || kind === Op.ArrayLiteral) {
        current[n] = this.object(ordinal++, kind === Op.ArrayLiteral ? ObjectFlag.Array : 0);
      } else if (kind === Op.Phi) current[n] = this.phi(n);
      else current[n] = this.value(n, kind);
    }
    for (let i = 0; i < this.loopPhis.length; i++) {
      const n = this.loopPhis.items[i];
      this.assignOperands(this.current[n], n);
    }
    for (let i = 0; i < this.cells.length; i++) this.cell(this.cells.items[i]);
    this.nodeTerms(count);
  }

  /** An object that the current function makes. */
  private object(ordinal: number, flags: number): Term {
    const { objects } = this;
    const term = this.terms.intern(TermKind.Object, objects.fn.push(this.f), 0);
    objects.ordinal.push(ordinal);
    objects.flags.push(flags);
    return term;
  }

  /** A list of pairs, the second of each an element of the table. */
  private entries(n: number, list: Term, entry: Term, table: Term): void {
    const second = this.graphStrings.indexOf(SECOND_ELEMENT);
    if (second < 0) return;
    this.storeRow(n, list, STORE_ELEMENT, entry);
    this.storeRow(n, entry, this.string(second), this.element(table));
  }

  private isParameter(term: Term): boolean {
    const kind: TermKind = this.terms.kind.items[term];
    return kind === TermKind.Param || kind === TermKind.RestParam;
  }

  private value(n: number, op: Op): Term {
    const at = this.nodeFrom + n;
    const aux = this.aux[at];
    const from = this.operandStart[at];
    switch (op) {
      case Op.Param:
        return aux === ARGUMENTS
          ? this.terms.intern(TermKind.RestParam, this.f, 0)
          : this.terms.intern(TermKind.Param, this.f, aux);
      case Op.RestParam:
        return this.terms.intern(TermKind.RestParam, this.f, aux);
      case Op.Cell:
        this.cells.push(n);
        // Unless inner functions write it, nobody in this function reads the cell: its term is known at the end.
        return this.cellWritten[this.cellStart[this.f] + aux] === 1
          ? this.variable(this.cellStart[this.f] + aux)
          : NO_TERM;
      case Op.Captured:
        return this.variable(this.captured(aux));
      case Op.CapturedWrite: {
        const value = this.operand(from);
        this.terms.assign(this.variable(this.captured(aux)), value);
        return value;
      }
      case Op.Global:
        return this.terms.intern(TermKind.Global, this.string(aux), 0);
      case Op.Import:
        return this.terms.intern(TermKind.Import, aux, 0);
      case Op.Guard:
      case Op.Rest:
      case Op.Spread:
        return this.operand(from);
      case Op.Load:
        return this.member(this.operand(from), aux);
      case Op.LoadElement: {
        const key = this.operands[from + 1];
        if (this.isText(key)) return this.member(this.operand(from), this.aux[this.nodeFrom + key]);
        return this.element(this.operand(from));
      }
      case Op.Store: {
        const base = this.operand(from);
        this.store(n, base, aux, this.operand(from + 1));
        return base;
      }
      case Op.StoreElement: {
        const base = this.operand(from);
        const key = this.operands[from + 1];
        const value = this.operand(from + 2);
        if (this.isText(key)) this.store(n, base, this.aux[this.nodeFrom + key], value);
        else this.storeElement(n, base, value);
        return base;
      }
      case Op.Copy: {
        const target = this.operand(from);
        this.storeRow(n, target, STORE_COPY, this.operand(from + 1));
        return target;
      }
      case Op.Closure:
        return this.terms.intern(TermKind.Function, aux, 0);
      case Op.Class:
        return this.terms.intern(TermKind.Class, aux, 0);
      case Op.Super:
        return this.terms.intern(TermKind.Super, aux, 0);
      case Op.Await: {
        const value = this.operand(from);
        return value === NO_TERM ? NO_TERM : this.terms.nested(TermKind.Await, value, 0);
      }
      case Op.Iterate:
        return this.element(this.operand(from));
      case Op.Typed: {
        const value = this.operand(from);
        const type = this.operand(from + 1);
        return type === NO_TERM || type === value ? value : this.terms.intern(TermKind.Typed, value, type);
      }
      case Op.Return:
        if (this.operands[from] < 0) return NO_TERM;
        this.returns.push(n);
        this.uses[this.operands[from]] |= Use.Handed;
        return this.operand(from);
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
      case Op.Call:
      case Op.New:
      case Op.Phi:
      case Op.ObjectLiteral:
      case Op.ArrayLiteral:
        throw new Error(`operation ${Op[op]} is handled before`);
    }
  }

  private operand(position: number): Term {
    const operand = this.operands[position];
    return operand === NONE ? NO_TERM : this.current[operand];
  }

  private isText(node: number): boolean {
    return node >= 0 && this.op[this.nodeFrom + node] === Op.StringConst;
  }

  /** The cell of the file that a capture of the current function stands for. */
  private captured(capture: number): number {
    const at = this.capturesFrom + capture * 2;
    return this.cellStart[this.captures[at]] + this.captures[at + 1];
  }

  private member(base: Term, name: number): Term {
    return base === NO_TERM ? NO_TERM : this.terms.nested(TermKind.Member, base, this.string(name));
  }

  private element(base: Term): Term {
    return base === NO_TERM ? NO_TERM : this.terms.nested(TermKind.Element, base, 0);
  }

  /** A join: one term, a union, or a variable when a loop carries the value. */
  private phi(n: number): Term {
    const at = this.nodeFrom + n;
    const to = this.operandStart[at + 1];
    this.terms.alternatives.length = 0;
    for (let i = this.operandStart[at]; i < to; i++) {
      const operand = this.operands[i];
      if (operand === NONE || operand === n) continue;
      if (operand > n) {
        if (isPlain[this.op[this.nodeFrom + operand]] === 1) continue;
        this.loopPhis.push(n);
        return this.terms.newVariable();
      }
      this.terms.addAlternative(this.current[operand]);
    }
    return this.terms.union();
  }

  /** Term for reading a shared variable. */
  private variable(cell: number): Term {
    const known = this.cellTerm[cell];
    if (known !== 0) return known < 0 ? NO_TERM : known;
    return (this.cellTerm[cell] = this.terms.newVariable());
  }

  private assignOperands(variable: Term, n: number): void {
    const at = this.nodeFrom + n;
    const to = this.operandStart[at + 1];
    for (let i = this.operandStart[at]; i < to; i++) {
      if (this.operands[i] !== NONE) this.terms.assign(variable, this.current[this.operands[i]]);
    }
  }

  /** All values are known now. A variable that nobody else writes and that has one value is that value from here on. */
  private cell(n: number): void {
    const at = this.nodeFrom + n;
    const cell = this.cellStart[this.f] + this.aux[at];
    const { alternatives } = this.terms;
    alternatives.length = 0;
    for (let i = this.operandStart[at]; i < this.operandStart[at + 1]; i++) this.terms.addAlternative(this.operand(i));
    let term = this.cellTerm[cell];
    if (this.cellWritten[cell] === 0 && alternatives.length <= 1) {
      this.cellTerm[cell] = alternatives.length === 0 ? -1 : alternatives.items[0];
    } else if (term === 0) term = this.variable(cell);
    if (this.current[n] === NO_TERM) this.current[n] = Math.max(this.cellTerm[cell], NO_TERM);
    if (term > 0) for (let i = 0; i < alternatives.length; i++) this.terms.assign(term, alternatives.items[i]);
  }

  private store(n: number, base: Term, name: number, value: Term): void {
    if (base === NO_TERM) return;
    const { kind, a, b } = this.terms;
    // Whatever is written may run a setter, but not in a literal.
    if (value === NO_TERM && kind.items[base] === TermKind.Object) return;
    const property = this.string(name);
    // `a.b.x = v` also writes `a.b` back to `a`, which says nothing new.
    if (kind.items[value] === TermKind.Member && a.items[value] === base && b.items[value] === property) return;
    if (kind.items[base] === TermKind.Object && this.isWorthKeeping(value)) this.holders.add(base);
    this.pushStore(n, base, property, value);
  }

  /** Functions, what is declared to be something (an expression), and what the function is given. */
  private isWorthKeeping(value: Term): boolean {
    const { kind, b } = this.terms;
    const valueKind = kind.items[value] as TermKind;
    return (
      valueKind === TermKind.Function ||
      valueKind === TermKind.Typed ||
      (valueKind === TermKind.Param && b.items[value] >= 0)
    );
  }

  /** Copying under computed names (`for (k in from) to[k] = from[k]`) is a copy of everything. */
  private storeElement(n: number, base: Term, value: Term): void {
    if (value !== NO_TERM && this.terms.kind.items[value] === TermKind.Element) {
      const source = this.terms.a.items[value];
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

  private site(n: number, op: Op.Call | Op.New): Term {
    const { uses, operands, args, sites } = this;
    const at = this.nodeFrom + n;
    const from = this.operandStart[at];
    const to = this.operandStart[at + 1];
    if (operands[from] >= 0) uses[operands[from]] |= Use.Called;
    if (operands[from + 1] >= 0) uses[operands[from + 1]] |= Use.Receiver | Use.Other;
    for (let i = from + 2; i < to; i++) if (operands[i] >= 0) uses[operands[i]] |= Use.Handed | Use.Other;
    if (op === Op.Call && to - from > 3) this.classMethods(n, from);
    if (op === Op.Call && to - from > 2) this.appended(n, from, to);
    const callee = this.operand(from);
    if (callee === NO_TERM) return NO_TERM;
    let flags = (this.aux[at] & 0xff) | (op === Op.New ? SiteFlag.Construct : 0);
    const count = to - from - 2;
    args.length = 0;
    for (let i = from + 2; i < to; i++) {
      const node = operands[i];
      args.push(this.argument(node, i - from - 2, count));
      if (node >= 0 && this.op[this.nodeFrom + node] === Op.Spread) {
        flags |= SiteFlag.Spread;
        break;
      }
    }
    if ((flags & SiteFlag.Spread) === 0)
      while (args.length > 0 && args.items[args.length - 1] === NO_TERM) args.length--;
    const site = sites.node.push(n);
    sites.callee.push(callee);
    sites.flags.push(flags);
    sites.ordinal.push(this.ordinalOf(callee));
    sites.count.push(count);
    sites.args.push(this.terms.lists.add(args));
    if ((flags & CallFlag.SuperCall) !== 0) return NO_TERM;
    const list = op === Op.Call && to - from > 2 ? this.operand(from + 2) : NO_TERM;
    if (list !== NO_TERM && (this.terms.kind.items[list] as TermKind) === TermKind.RestParam) {
      // A copy of the arguments has the arguments in it.
      const start = copiedFrom(this, n);
      if (start >= 0) return this.terms.intern(TermKind.RestParam, this.f, this.terms.b.items[list] + start);
    }
    // A chain of calls may be long: only properties count towards the depth.
    return this.terms.append(op === Op.New ? TermKind.New : TermKind.Call, site, 0);
  }

  /** What a call may give a class: methods by its second argument, static ones by its third. */
  private classMethods(n: number, from: number): void {
    const { op, operandStart, operands, nodeFrom } = this;
    const target = this.operand(from + 2);
    if (target === NO_TERM) return;
    const to = operandStart[nodeFrom + n + 1];
    for (let i = from + 3; i < Math.min(from + 5, to); i++) {
      if (operands[i] === NONE || op[nodeFrom + operands[i]] !== Op.Store) continue;
      const isStatic = i > from + 3;
      methodsIn(this, operands[i], (name, method) => {
        const base = isStatic ? target : this.terms.nested(TermKind.Member, target, this.prototypeName());
        this.storeRow(n, base, this.string(name), this.current[method]);
      });
    }
  }

  /**
   * What `list.push(handler)` adds to a list, and `map.set(name, handler)` to a map: a write of its first element, so that it is no property of
   * another name.
   */
  private appended(n: number, from: number, to: number): void {
    const { op, aux, operands, nodeFrom, graphStrings } = this;
    const callee = operands[from];
    if (callee < 0 || op[nodeFrom + callee] !== Op.Load || operands[from + 1] < 0) return;
    const name = graphStrings[aux[nodeFrom + callee]];
    const isKeeping = KEEPING.get(name) === to - from - 2;
    if (!isKeeping && !APPENDING.has(name)) return;
    const base = this.operand(from + 1);
    for (let i = isKeeping ? to - 1 : from + 2; i < to; i++)
      if (this.mayBeCalled(this.operand(i))) this.storeRow(n, base, this.firstName(), this.operand(i));
  }

  /** Modules, classes, instances, expressions and functions, by themselves or in an object. What a function is given counts only where that may be a function, too. */
  private mayBeCalled(term: Term): boolean {
    const { kind, a, b } = this.terms;
    switch (kind.items[term] as TermKind) {
      case TermKind.Import:
      case TermKind.Class:
      case TermKind.Function:
      case TermKind.New:
      case TermKind.Typed:
      case TermKind.Global:
        return true;
      case TermKind.Member: {
        const base: TermKind = kind.items[a.items[term]];
        return base === TermKind.Import || base === TermKind.Global;
      }
      case TermKind.Param:
        return b.items[term] >= 0;
      case TermKind.Object:
        return this.holders.has(term);
      default:
        return false;
    }
  }

  /** How many calls of this callee there were in the current function. */
  private ordinalOf(callee: Term): number {
    if (callee >= this.calleeFunction.length) {
      this.calleeFunction = grown(this.calleeFunction, callee * 2);
      this.calleeCount = grown(this.calleeCount, callee * 2);
    }
    if (this.calleeFunction[callee] !== this.serial) {
      this.calleeFunction[callee] = this.serial;
      this.calleeCount[callee] = 1;
      return 0;
    }
    return this.calleeCount[callee]++;
  }

  /** Texts count only where they may name a property: second of at least three arguments. */
  private argument(node: number, position: number, count: number): Term {
    if (node < 0) return NO_TERM;
    if (position === 1 && count >= 3 && this.isText(node)) {
      const text = this.aux[this.nodeFrom + node];
      if (this.graphStrings[text].length <= MAX_NAME) return this.terms.intern(TermKind.Text, this.string(text), 0);
    }
    return this.current[node];
  }

  private lastReturn(): Term {
    const { items, length } = this.returns;
    return length === 0 ? NO_TERM : this.current[items[length - 1]];
  }

  private returned(): Term {
    this.terms.alternatives.length = 0;
    for (let i = 0; i < this.returns.length; i++) this.terms.addAlternative(this.current[this.returns.items[i]]);
    return this.terms.union();
  }

  private nodeTerms(count: number): void {
    const { current, uses, op, nodeFrom, nodes } = this;
    for (let n = 0; n < count; n++) {
      const term = current[n];
      if (term === NO_TERM) continue;
      const kind: Op = op[nodeFrom + n];
      const use = uses[n];
      let flags = (use & Use.Handed) !== 0 ? NodeFlag.Handed : 0;
      // What a load that is only called stands for, the call's targets say.
      const isCallee = (kind === Op.Load || kind === Op.LoadElement) && (use & (Use.Other | Use.Tested)) === 0;
      // What comes back from a call matters to who makes something of it.
      const isUnused = (kind === Op.Call || kind === Op.New) && (use & (Use.Other | Use.Called)) === 0;
      if (isEntry[kind] === 1 && !isCallee && !isUnused) flags |= NodeFlag.Entry;
      if (flags === 0 && (use & Use.Receiver) === 0) continue;
      nodes.id.push(n);
      nodes.term.push(term);
      nodes.flags.push(flags);
    }
  }
}

const builder = new SkeletonBuilder();
