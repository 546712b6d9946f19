/**
 * What the lowering of one file carries along: the current function and its environment, the names in scope, and
 * the dispatch tables. The rules for each kind of node live in the files beside this one, as functions that take a
 * Lowering first.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import {
  ARGUMENTS,
  NONE,
  Op,
  RECEIVER,
  type Dialect,
  type ImportKind,
  type NodeId,
  type StringId,
} from '../../model/graph';
import { IntArray } from '../../base/intArray';
import { tokenStart } from '../../parse/javascript/position';
import { CellMode, type Slot } from '../flow/environment';
import type { FileBuilder } from '../flow/fileBuilder';
import type { FunctionBuilder } from '../flow/functionBuilder';
import type { Bindings } from './bind';
import type { Bundle } from './bundles';
import { CAPTURED, IMPLICIT, IMPORTED, INNER_WRITTEN, isReassigned, READ, VALUED, WRITTEN } from './scopes';
import { firstIdentifier, NEW_TARGET, THIS, typeRoot, unescapeName } from './names';
import type { TestFacts } from './madeOf';
import type { ParameterCondition } from './parameterBranches';

/** A variable of some function of the file, or a global. */
export class Variable {
  slot: Slot = NONE;
  /** Index into the owner's cells, or NONE. */
  cell = NONE;
  /** For imported names: the import and the exported name to load from it (NONE for the namespace itself). */
  importIndex = NONE;
  importName: StringId = NONE;
  /** For a constant that holds the result of a test: what it tells about other variables. */
  tests: TestFacts | undefined = undefined;
  /** Texts that are this variable's and constants, with what they were when they were made. */
  derived: { readonly variable: Variable; readonly value: NodeId }[] | undefined = undefined;
  /** Slot in the innermost open function that uses it and does not own it; see `closeForeign`. */
  lastFunction = NONE;
  lastSlot: Slot = NONE;

  constructor(
    /** As the syntax tree spells it. */
    readonly name: string,
    /** Function index, or NONE for a global. */
    readonly owner: number,
    readonly flags: number,
  ) {}
}

/** What is known of the function being lowered, beside its graph. */
export class FunctionScope {
  constructor(
    /** Class whose `super` is meant, or NONE. */
    public superClass: number,
    readonly isModule: boolean,
  ) {}
}

/** How a function or class that is about to be lowered is called by what surrounds it. */
export interface Naming {
  /** Its name for people; empty when it has none. */
  readonly name: string;
  /** Its name in keys: `exports.run`, `in app.get("/users")`. */
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/** An object that exported names are stored on when its module or namespace ends. */
export interface ExportTarget {
  readonly object: Variable;
  readonly names: { readonly name: string; readonly local: string; readonly start: number; readonly end: number }[];
}

/** The function being lowered is the body of an async function that a compiler wrote for old engines; see `stateMachines.ts`. */
export interface Stepping {
  /** `body`: a function that gives a machine of regenerator or TypeScript; `generator`: `yield` waits; the others are the steps of a machine. */
  readonly kind: 'body' | 'generator' | 'typescript' | 'regenerator';
  /** Name of the parameter that steps are told by. */
  readonly context: string;
  /** What was waited for last, in the order of the text. */
  waitedFor: NodeId;
}

export type LowerExpression = (cx: Lowering, node: ts.Node) => NodeId;
export type LowerStatement = (cx: Lowering, node: ts.Node) => void;

/** Handlers by SyntaxKind. */
export interface Tables {
  readonly expressions: readonly (LowerExpression | undefined)[];
  readonly statements: readonly (LowerStatement | undefined)[];
  readonly identifier: (cx: Lowering, node: ts.Identifier) => NodeId;
}

export class Lowering {
  fn!: FunctionBuilder;
  scope!: FunctionScope;
  /** Taken by the function, class or object literal that is lowered next. */
  naming: Naming | undefined = undefined;
  /** Labels that stand directly before the statement that is lowered next. */
  labels: readonly string[] = [];
  /** What holds of parameters behind the `if` that was just lowered, because its branch does not come back. */
  behindIf: readonly ParameterCondition[] | undefined = undefined;
  /** The exports object of the module. */
  exports: Variable | undefined = undefined;
  /** The module, or the namespace that is being lowered: who gets what is exported. */
  exportTarget: ExportTarget | undefined = undefined;
  /** The class whose fields the next constructor holds. */
  openFields: ts.Node | undefined = undefined;
  stepping: Stepping | undefined = undefined;
  /** Of the function that is lowered next. */
  steppingNext: Stepping | undefined = undefined;
  /** By the names of tables of modules, what modules are got by; undefined until a table is seen that may be one. */
  moduleRunners: ReadonlyMap<string, string> | undefined = undefined;
  /** Modules of a bundle that the code being lowered is part of. */
  bundle: Bundle | undefined = undefined;
  /** Of the module's function that is lowered next. */
  bundleNext: Omit<Bundle, 'owner'> | undefined = undefined;
  /** Modules that the file has defined under names so far (`amd.ts`). */
  definitions: Map<string, Variable> | undefined = undefined;
  /** Links of member and call chains that are being lowered. */
  readonly chain: ts.Node[] = [];
  private readonly claimed: boolean[] = [];
  /** Variables of outer functions that were used, in order of first use by a function. */
  private readonly captured: Variable[] = [];
  /** Of the function declaration that is lowered next: where its captures go. */
  captures: Slot[] | undefined;
  /** Variables that open functions use and do not own, with triples: that function, and the variable's `lastFunction` and `lastSlot` before. */
  private readonly foreign: Variable[] = [];
  private readonly foreignBefore = new IntArray(96);
  /** Texts of variables that always hold the same one and that inner functions use, by owner and cell. */
  private readonly constants = new Map<string, string>();
  private scopePosition = 0;
  /** What names mean here, by the numbers they have in `bindings.scopes`. */
  private readonly variables: (Variable | undefined)[] = [];
  private readonly thisId: number;
  private readonly shadowedNames: number[] = [];
  private readonly shadowed: (Variable | undefined)[] = [];

  constructor(
    readonly text: string,
    readonly dialect: Dialect,
    readonly isEsm: boolean,
    readonly file: FileBuilder,
    readonly bindings: Bindings,
    readonly lost: readonly (readonly [number, number])[],
    private readonly tables: Tables,
  ) {
    this.thisId = bindings.scopes.idOf(THIS);
  }

  expression(node: ts.Expression): NodeId {
    return this.expressionOf(node.kind, node);
  }

  /** `expression` for who knows the node's kind: nodes have hundreds of shapes, so that each look at one costs. */
  expressionOf(kind: ts.SyntaxKind, node: ts.Expression): NodeId {
    // A call that always meets the same function costs next to nothing, and half of all expressions are names.
    if (kind === Kind.Identifier) return this.tables.identifier(this, node as ts.Identifier);
    const lower = this.tables.expressions[kind];
    if (lower === undefined) return this.fn.emit0(Op.Unknown, 0, node.pos, node.end);
    return lower(this, node);
  }

  statement(node: ts.Statement): void {
    const lower = this.tables.statements[node.kind];
    if (lower !== undefined) lower(this, node);
  }

  /** Lowers an expression that a function, class or object literal takes its name from. */
  named(node: ts.Expression, naming: Naming): NodeId {
    this.naming = naming;
    const value = this.expression(node);
    this.naming = undefined;
    return value;
  }

  takeNaming(): Naming | undefined {
    const { naming } = this;
    this.naming = undefined;
    return naming;
  }

  takeLabels(): readonly string[] {
    const { labels } = this;
    if (labels.length > 0) this.labels = [];
    return labels;
  }

  /** Where the first token at or after a node's `pos` is. A node itself would have a hundred shapes here. */
  start(pos: number): number {
    return tokenStart(this.text, pos);
  }

  intern(text: string): StringId {
    return this.file.strings.intern(text);
  }

  /** The variable holds this text and never another. */
  rememberConstant({ owner, cell }: Variable, text: string): void {
    this.constants.set(`${String(owner)} ${String(cell)}`, text);
  }

  /** The text of a captured variable that never holds another, where it is known already. */
  capturedConstant(capture: number): string | undefined {
    const { captureOwner, captureCell } = this.fn;
    return this.constants.get(`${String(captureOwner.items[capture])} ${String(captureCell.items[capture])}`);
  }

  /** The text that was interned. */
  stringOf(id: StringId): string {
    return this.file.strings.list[id];
  }

  unknown(node: ts.Node): NodeId {
    return this.fn.emit0(Op.Unknown, 0, this.start(node.pos), node.end);
  }

  undefinedAt(node: ts.Node): NodeId {
    return this.fn.constant('undefined', node.end, node.end);
  }

  addImport(specifier: string, kind: ImportKind, typeOnly: boolean, start: number, end: number): number {
    return this.file.imports.push({ specifier: this.intern(specifier), kind, typeOnly, start, end }) - 1;
  }

  /** What arrow functions in the fields of a class do with the constructor's `this`. */
  fieldThisFlags(): number {
    const node = this.openFields;
    this.openFields = undefined;
    return node === undefined ? 0 : this.bindings.scopes.flagsOf(node, THIS) | READ;
  }

  /** True for types that `lowerTyped` would give a value to, primitives apart. */
  isValueType(type: ts.TypeNode): boolean {
    const root = typeRoot(type);
    if (root === undefined || typeof root === 'string') return false;
    if (root.kind === Kind.ImportType) return true;
    const name = firstIdentifier(root);
    return this.lookupAt(name) !== undefined || !this.bindings.typeNames.has(name.escapedText as string);
  }

  /** True when a range that was lost lies inside and no inner function has claimed it. */
  claimLost(start: number, end: number): boolean {
    let found = false;
    for (let i = 0; i < this.lost.length; i++) {
      const [from, to] = this.lost[i];
      if (this.claimed[i] || to <= start || from >= end) continue;
      if (from >= start && to <= end) this.claimed[i] = true;
      found = true;
    }
    return found;
  }

  // Names

  lookup(name: string): Variable | undefined {
    return this.variables[this.bindings.scopes.idOf(name)];
  }

  lookupAt(name: ts.Identifier): Variable | undefined {
    return this.variables[this.bindings.scopes.idAt(name)];
  }

  /** The variable a name means here; a name nobody declared is a global. */
  variable(name: string): Variable {
    const id = this.bindings.scopes.idOf(name);
    return this.variables[id] ?? this.addGlobal(name, id);
  }

  variableAt(name: ts.Identifier): Variable {
    const id = this.bindings.scopes.idAt(name);
    return this.variables[id] ?? this.addGlobal(name.escapedText as string, id);
  }

  private addGlobal(name: string, id: number): Variable {
    const variable = new Variable(name, NONE, 0);
    this.setVariable(id, variable);
    return variable;
  }

  private setVariable(id: number, variable: Variable | undefined): void {
    // No gaps: the array stays a packed one.
    while (this.variables.length <= id) this.variables.push(undefined);
    this.variables[id] = variable;
  }

  slotOf(variable: Variable): Slot {
    const { index } = this.fn;
    if (variable.owner === index && variable.importIndex === NONE) return variable.slot;
    if (variable.lastFunction === index) return variable.lastSlot;
    const slot = this.foreignSlot(variable);
    this.foreign.push(variable);
    this.foreignBefore.push(index);
    this.foreignBefore.push(variable.lastFunction);
    this.foreignBefore.push(variable.lastSlot);
    variable.lastFunction = index;
    variable.lastSlot = slot;
    return slot;
  }

  /** The functions in the current one are lowered: variables have the slots they had in this one. */
  closeForeign(): void {
    const { foreignBefore: before } = this;
    // Inner functions have larger numbers.
    while (before.length > 0 && before.items[before.length - 3] > this.fn.index) {
      const variable = this.foreign.pop();
      const slot = before.pop();
      const lastFunction = before.pop();
      before.pop();
      if (variable === undefined) break;
      variable.lastFunction = lastFunction;
      variable.lastSlot = slot;
    }
  }

  private foreignSlot(variable: Variable): Slot {
    if (variable.importIndex !== NONE) return this.fn.newLazySlot(Op.Import, variable.importIndex, variable.importName);
    if (variable.owner === NONE) return this.fn.newLazySlot(Op.Global, this.intern(unescapeName(variable.name)), NONE);
    if (variable.cell !== NONE) {
      this.captured.push(variable);
      return this.fn.newCaptureSlot(variable.owner, variable.cell);
    }
    return this.fn.newSlot();
  }

  read(variable: Variable, start: number, end: number): NodeId {
    return this.fn.read(this.slotOf(variable), start, end);
  }

  /** A real assignment to a variable, wherever it lives. */
  assign(variable: Variable, value: NodeId, start: number, end: number): void {
    const slot = this.slotOf(variable);
    if (variable.owner === this.fn.index) {
      this.fn.assign(slot, value);
      return;
    }
    if (variable.owner === NONE) {
      // A global is a property of the global object; that it was written must be visible to others.
      const globals = this.fn.emit0(Op.Global, this.intern('globalThis'), start, end);
      this.fn.emit2(Op.Store, this.intern(unescapeName(variable.name)), globals, value, start, end);
    } else if (variable.cell !== NONE && variable.importIndex === NONE) {
      this.fn.emitCapturedWrite(slot, value, start, end);
    }
    this.fn.set(slot, value);
  }

  /** A property of the variable's value was written: `store` is its new version. */
  version(variable: Variable, store: NodeId): void {
    const slot = this.slotOf(variable);
    if (variable.owner === this.fn.index && variable.importIndex === NONE) this.fn.version(slot, store);
    else this.fn.set(slot, store);
  }

  /** Declares what the binding pass found for a scope node. Close with `closeScope`. */
  openScope(node: ts.Node): number {
    const mark = this.shadowedNames.length;
    this.scopePosition = node.pos;
    this.bindings.scopes.forEachDeclared(node, this.declareName);
    return mark;
  }

  closeScope(mark: number): void {
    while (this.shadowedNames.length > mark) {
      const id = this.shadowedNames.pop();
      const before = this.shadowed.pop();
      if (id !== undefined) this.variables[id] = before;
    }
  }

  get captureCount(): number {
    return this.captured.length;
  }

  /**
   * A function was lowered and its closure is about to be made: what it and the functions in it use of this one's variables. `uses` gets that
   * for later, where the closure is that of a declaration.
   */
  closeCaptures(mark: number, uses: Slot[] | undefined): void {
    const { captured, fn } = this;
    for (let i = mark; i < captured.length; i++) {
      if (captured[i].owner !== fn.index) {
        if (captured[i].lastFunction === fn.index) fn.keepJoin(captured[i].lastSlot);
        continue;
      }
      if (uses === undefined) fn.capture(captured[i].slot);
      else uses.push(captured[i].slot);
    }
    if (captured.length > 0 && this.file.openFunctions === 1) captured.length = 0;
  }

  get openNames(): number {
    return this.shadowedNames.length;
  }

  private readonly declareName = (name: string, flags: number, id: number): void => {
    if (name === THIS || name === NEW_TARGET) return;
    const position = this.scopePosition;
    const variable = this.declareAs(id, name, flags, position);
    if ((flags & IMPLICIT) !== 0) {
      this.fn.assign(variable.slot, this.fn.emit0(Op.Param, ARGUMENTS, position, position));
    }
  };

  /** A new variable of the current function, with a cell if inner functions use it. */
  declare(name: string, flags: number, position: number): Variable {
    return this.declareAs(this.bindings.scopes.idOf(name), name, flags, position);
  }

  private declareAs(id: number, name: string, flags: number, position: number): Variable {
    const { fn } = this;
    const variable = new Variable(name, fn.index, flags);
    this.bindAs(id, variable);
    if ((flags & IMPORTED) !== 0) return variable;
    if ((flags & CAPTURED) !== 0) {
      const isOnce = !isReassigned(flags);
      const mode =
        (flags & INNER_WRITTEN) === 0
          ? isOnce
            ? CellMode.Single
            : CellMode.Shown
          : isOnce && (flags & VALUED) !== 0
            ? CellMode.Watched
            : CellMode.Shared;
      variable.cell = fn.cells.length;
      variable.slot = fn.newCellSlot(this.intern(unescapeName(name)), mode, position, position);
    } else variable.slot = fn.newSlot();
    return variable;
  }

  /** Makes a name mean a variable until the scope closes. */
  bind(name: string, variable: Variable): void {
    this.bindAs(this.bindings.scopes.idOf(name), variable);
  }

  private bindAs(id: number, variable: Variable): void {
    this.shadowedNames.push(id);
    this.shadowed.push(this.variables[id]);
    this.setVariable(id, variable);
  }

  /** `this` of a function: its receiver, or `value` where that is known. */
  declareThis(flags: number, start: number, end: number, value = NONE): Variable {
    const variable = this.declare(THIS, flags & ~WRITTEN, start);
    this.fn.assign(variable.slot, value === NONE ? this.fn.emit0(Op.Param, RECEIVER, start, end) : value);
    return variable;
  }

  readThis(start: number, end: number): NodeId {
    const variable = this.variables[this.thisId];
    if (variable === undefined) return this.fn.emit0(Op.Param, RECEIVER, start, end);
    return this.read(variable, start, end);
  }
}
