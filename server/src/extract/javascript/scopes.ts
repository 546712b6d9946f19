/**
 * Names in nested scopes, for the binding pass. A name is a number; what the innermost scope that mentions it knows
 * of it lies in one array for all scopes, and a stack remembers what an outer scope knew. Closing a scope hands what
 * it did not declare on to the outer one, so that use before declaration needs no second look.
 */
import type ts from 'typescript';
import { IntArray } from '../../base/intArray';
import * as Kind from '../../parse/javascript/syntaxKind';
import { NEW_TARGET, THIS } from './names';

// Bits of what is known of a name in a scope.
export const DECLARED = 1;
export const READ = 2;
export const WRITTEN = 4;
/** An inner function uses it. */
export const CAPTURED = 8;
/** An inner function assigns it. */
export const INNER_WRITTEN = 16;
/** Declared by an import. */
export const IMPORTED = 32;
/** Declared by `const`. */
export const CONSTANT = 64;
/** `arguments`, declared by nobody. */
export const IMPLICIT = 128;

/** Declared by `var x;` or `let x;`, so that the first assignment is what gives it a value. */
export const BARE = 256;
/** It has a value from its declaration, or is a parameter. */
export const VALUED = 512;
/** Assigned in more than one place. */
export const REWRITTEN = 1024;

/** Whether a variable with these flags ever gets a second value. */
export function isReassigned(flags: number): boolean {
  return (flags & WRITTEN) !== 0 && ((flags & BARE) === 0 || (flags & (VALUED | REWRITTEN)) !== 0);
}

/** What kind of scope it is; bits. */
export enum ScopeKind {
  Block = 0,
  /** Names that pass out of it are captured. */
  Function = 1,
  /** Takes `var` declarations. */
  Variables = 2,
  /** Has a `this` of its own. */
  This = 4,
  /** Has `arguments` of its own. */
  Arguments = 8,
}

/** Called for each name a scope declares, in the order they were first mentioned. `id` is the name's number. */
export type DeclaredName = (name: string, flags: number, id: number) => void;

const THIS_ID = 0;
const NEW_TARGET_ID = 1;
const ARGUMENTS_ID = 2;

/** The memory of all scope tables, of which there is one at a time on a thread: the one of the file being read. */
const kept = {
  flags: new IntArray(256),
  owners: new IntArray(256),
  saved: new IntArray(256),
  open: new IntArray(64),
  hoisted: new IntArray(32),
  passedOn: new IntArray(64),
  results: new IntArray(256),
  rangeEnds: new IntArray(64),
};
const keptArrays = Object.values(kept);

export class ScopeTable {
  private readonly ids = new Map<string, number>();
  private readonly texts: string[] = [];
  /** By name: flags in the innermost scope that mentions it, and that scope's serial number. */
  private readonly flags = kept.flags;
  private readonly owners = kept.owners;
  /** Triples: name, owner before, flags before. */
  private readonly saved = kept.saved;
  /** Stack of open scopes: serial, kind, start in `saved`, start in `hoisted`. */
  private readonly open = kept.open;
  /** Names that nested blocks declare for the nearest scope that takes variables. */
  private readonly hoisted = kept.hoisted;
  private readonly passedOn = kept.passedOn;
  private serial = 0;
  /** Results: pairs name, flags; a scope is a range of them. */
  private readonly results = kept.results;
  /** Ranges of scopes that have a name for their node; other nodes keep theirs, see `rangeOf`. */
  private readonly ranges = new Map<ts.Node, number>();
  private readonly rangeEnds = kept.rangeEnds;

  constructor() {
    for (let i = 0; i < keptArrays.length; i++) keptArrays[i].length = 0;
    this.idOf(THIS);
    this.idOf(NEW_TARGET);
    this.idOf('arguments');
  }

  enter(kind: ScopeKind): void {
    this.open.push(++this.serial);
    this.open.push(kind);
    this.open.push(this.saved.length);
    this.open.push(this.hoisted.length);
  }

  /** Adds to what the innermost scope knows of a name. */
  note(name: string, flags: number): void {
    this.noteId(this.idOf(name), flags);
  }

  noteAt(name: ts.Identifier, flags: number): void {
    this.noteId(this.idAt(name), flags);
  }

  /** Declares a name in the nearest scope that takes `var`. */
  hoistAt(name: ts.Identifier): void {
    const kind = this.open.items[this.open.length - 3];
    if ((kind & ScopeKind.Variables) !== 0) this.noteAt(name, DECLARED);
    else this.hoisted.push(this.idAt(name));
  }

  /** The number of a name. Names that were not there get the next one. */
  idOf(name: string): number {
    let id = this.ids.get(name);
    if (id === undefined) {
      id = this.texts.push(name) - 1;
      this.ids.set(name, id);
      this.flags.push(0);
      this.owners.push(0);
    }
    return id;
  }

  /** The same for a name in the tree, which keeps it (plus one) in a field that only TypeScript's type checker would use. */
  idAt(name: ts.Identifier): number {
    const node = name as unknown as { id: number };
    const known = node.id;
    if (known > 0) return known - 1;
    const id = this.idOf(name.escapedText as string);
    node.id = id + 1;
    return id;
  }

  /** Closes the innermost scope; its names can be asked for by `node` from then on. */
  leave(node: ts.Node): void {
    const { open, saved, flags, owners, passedOn } = this;
    const hoistedFrom = open.items[open.length - 1];
    const savedFrom = open.items[open.length - 2];
    const kind = open.items[open.length - 3];
    if ((kind & ScopeKind.Variables) !== 0) {
      for (let i = hoistedFrom; i < this.hoisted.length; i++) this.noteId(this.hoisted.items[i], DECLARED);
      this.hoisted.length = hoistedFrom;
    }
    const isOutermost = open.length === 4;
    const from = this.results.length;
    passedOn.length = 0;
    for (let i = savedFrom; i < saved.length; i += 3) {
      const id = saved.items[i];
      const known = this.withOwn(id, flags.items[id], kind);
      if ((known & DECLARED) !== 0 || isOutermost) {
        this.results.push(id);
        this.results.push(known);
      } else {
        passedOn.push(id);
        passedOn.push(known);
      }
    }
    for (let i = saved.length - 3; i >= savedFrom; i -= 3) {
      owners.items[saved.items[i]] = saved.items[i + 1];
      flags.items[saved.items[i]] = saved.items[i + 2];
    }
    saved.length = savedFrom;
    open.length -= 4;
    if (this.results.length > from) {
      const range = this.rangeEnds.push(from);
      // Names have their number there.
      if (node.kind === Kind.Identifier) this.ranges.set(node, range);
      else (node as unknown as { id: number }).id = range + 1;
      this.rangeEnds.push(this.results.length);
    }
    const isFunction = (kind & ScopeKind.Function) !== 0;
    for (let i = 0; i < passedOn.length; i += 2) {
      const known = passedOn.items[i + 1];
      this.noteId(passedOn.items[i], isFunction ? seenFromOutside(known) : known);
    }
  }

  /** Calls back for each name that the scope of `node` declares. */
  forEachDeclared(node: ts.Node, callback: DeclaredName): void {
    const range = this.rangeOf(node);
    if (range === undefined) return;
    const end = this.rangeEnds.items[range + 1];
    for (let i = this.rangeEnds.items[range]; i < end; i += 2) {
      const flags = this.results.items[i + 1];
      const id = this.results.items[i];
      if ((flags & DECLARED) !== 0) callback(this.texts[id], flags, id);
    }
  }

  /** What the scope of `node` knows of a name that it declares (or, for the outermost scope, mentions); 0 for others. */
  flagsOf(node: ts.Node, name: string): number {
    const range = this.rangeOf(node);
    if (range === undefined) return 0;
    const id = this.ids.get(name);
    if (id === undefined) return 0;
    const end = this.rangeEnds.items[range + 1];
    for (let i = this.rangeEnds.items[range]; i < end; i += 2) {
      if (this.results.items[i] === id) return this.results.items[i + 1];
    }
    return 0;
  }

  /** Where the results of a scope start: nodes keep it (plus one) in the field that names have their number in. */
  private rangeOf(node: ts.Node): number | undefined {
    if (node.kind === Kind.Identifier) return this.ranges.get(node);
    const { id } = node as unknown as { readonly id: number };
    return id > 0 ? id - 1 : undefined;
  }

  private noteId(id: number, flags: number): void {
    const serial = this.open.items[this.open.length - 4];
    if (this.owners.items[id] === serial) {
      const isAgain = (this.flags.items[id] & flags & WRITTEN) !== 0;
      this.flags.items[id] |= isAgain ? flags | REWRITTEN : flags;
      return;
    }
    this.saved.push(id);
    this.saved.push(this.owners.items[id]);
    this.saved.push(this.flags.items[id]);
    this.owners.items[id] = serial;
    this.flags.items[id] = flags;
  }

  /** `this`, `new.target` and `arguments` are declared by the function itself. */
  private withOwn(id: number, flags: number, kind: number): number {
    if (id > ARGUMENTS_ID || (flags & DECLARED) !== 0) return flags;
    if (id === ARGUMENTS_ID) return (kind & ScopeKind.Arguments) === 0 ? flags : flags | DECLARED | IMPLICIT;
    return id === THIS_ID || id === NEW_TARGET_ID ? ((kind & ScopeKind.This) === 0 ? flags : flags | DECLARED) : flags;
  }
}

/** What an outer function sees of the use of a name by an inner one. */
function seenFromOutside(flags: number): number {
  return (flags & (WRITTEN | INNER_WRITTEN)) !== 0 ? CAPTURED | INNER_WRITTEN : CAPTURED;
}
