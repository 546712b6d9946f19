/**
 * Names of places outside of the program that keep data: files, tables, keys. A place is only known by a name that is: a constant, also one of
 * another function or file, a text or path put together from constants, or what the object was made by
 * (`db.collection('notes')`). What is put in under a name comes back where something is taken out under the same one.
 */
import { NONE, Op, type NodeId } from '../model/graph';
import { fileOf } from '../model/ids';
import type { Medium, ModelStoredName, StoredPlace } from '../model/summary';
import { EMPTY, MAX_LENGTH, type PathId } from './accessPaths';
import { cellNode } from './constants';
import { operandAt } from './conventions';
import type { FunctionView } from './functionView';
import { Outcome, type Predicate } from './predicates';
import { NAMES_ROOT } from './questions';

/** How many copies, calls of one chain and parts within each other are looked through. */
const LOOK_BACK = 60;
const MAX_DEPTH = 6;
/** Names of one function that others are told, and how deep in what it exports. */
const MAX_NAMES = 200;
const MAX_EXPORT_DEPTH = 2;
/** Longer texts are no names; statements are looked at up to here. */
const MAX_TEXT = 1_000;
/** Begins a path that starts at a folder of the workspace, and not where the program is run. */
const ROOTED = '//';

/** A text as far as it is known from its beginning on. */
interface Text {
  readonly text: string;
  readonly isWhole: boolean;
}

/** A method that took part in making an object, with the name it was given; the method is empty for a function that is called by itself. */
interface Maker {
  readonly method: string;
  readonly name: string;
}

/** The place that a call speaks of; undefined when its name is not known. `writes` tells what puts something in from what takes it out. */
export function storedPlace(
  p: FunctionView,
  call: NodeId,
  { medium, at, of }: ModelStoredName,
  shift: number,
  writes: boolean,
): StoredPlace | undefined {
  const node = at === 'callee' ? p.operand(call, 0) : at.path.length === 0 ? operandAt(p, call, at, shift) : NONE;
  if (node === NONE) return undefined;
  let text: Text | undefined;
  if (of !== undefined) text = whole(makersOf(p, node).find(({ method }) => of.includes(method))?.name);
  else if (at === 'callee' || at.root === 'receiver') text = whole(propertyName(p, node));
  else text = textAt(p, node, MAX_DEPTH);
  const name = text === undefined ? undefined : nameIn(text, medium, writes);
  if (name === undefined || name === '') return undefined;
  const scope = p.environment.links.packageOf?.(fileOf(p.body.id)) ?? 0;
  const shown = name.startsWith(ROOTED) ? name.slice(ROOTED.length) : name;
  return { key: `${String(scope)} ${medium.name} ${name}`, label: `${medium.label} "${shown}"` };
}

const whole = (text: string | undefined): Text | undefined =>
  text === undefined ? undefined : { text, isWhole: true };

/** The name that a text is, or that stands in it where it is a statement. */
function nameIn({ text, isWhole }: Text, medium: Medium, writes: boolean): string | undefined {
  const { written, read, arePaths } = medium;
  const pattern = writes ? written : read;
  if (pattern !== undefined && /\s/.test(text)) return pattern.exec(text)?.[1]?.toLowerCase();
  if (!isWhole) return undefined;
  if (arePaths) return plainPath(text);
  return pattern === undefined ? text : text.toLowerCase();
}

/** A path without `.`, `..` and doubled slashes, as far as it shows. */
function plainPath(path: string): string {
  const isRooted = path.startsWith(ROOTED);
  const parts: string[] = [];
  for (const part of (isRooted ? path.slice(ROOTED.length) : path).split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '.' && (part !== '' || (parts.length === 0 && !isRooted))) parts.push(part);
  }
  return (isRooted ? ROOTED : '') + parts.join('/');
}

/** The text of a value. */
function textAt(p: FunctionView, start: NodeId, depth: number): Text | undefined {
  const node = valueOf(p, start);
  if (node === NONE || depth === 0) return undefined;
  const { graph } = p.body;
  switch (graph.op[node] as Op) {
    case Op.StringConst: {
      const text = p.text(graph.aux[node]);
      return { text: text.slice(0, MAX_TEXT), isWhole: text.length <= MAX_TEXT };
    }
    case Op.Concat:
      return joined(p, node, 0, '', depth);
    case Op.Global: {
      const isFolder = p.environment.models.folderNames?.has(p.text(graph.aux[node])) === true;
      const folder = isFolder ? p.environment.folderOf?.(p.body.id) : undefined;
      return folder === undefined ? undefined : { text: ROOTED + folder, isWhole: true };
    }
    case Op.Call: {
      const separator = p.modelsOf(node).find((model) => model.joined !== undefined)?.joined;
      return separator === undefined ? toldText(p, node) : joined(p, node, 2, separator, depth);
    }
    default:
      return toldText(p, node);
  }
}

/** Operands from one on, put together, up to the first that is not known. */
function joined(p: FunctionView, node: NodeId, first: number, separator: string, depth: number): Text | undefined {
  let text = '';
  for (let i = first; i < p.operandCount(node); i++) {
    const operand = p.operand(node, i);
    const part = operand === NONE ? undefined : textAt(p, operand, depth - 1);
    if (part === undefined) return i === first ? undefined : { text, isWhole: false };
    text += (i === first ? '' : separator) + part.text;
    if (!part.isWhole || text.length > MAX_TEXT) return { text: text.slice(0, MAX_TEXT), isWhole: false };
  }
  return { text, isWhole: true };
}

function toldText(p: FunctionView, node: NodeId): Text | undefined {
  const told = toldAt(p, node);
  const found = told?.names.find(
    ({ parameter, outcome, yardstick }) =>
      parameter === told.parameter && outcome === Outcome.Named && yardstick?.at === told.at,
  );
  const { paths } = p.environment;
  if (found?.yardstick === undefined) return undefined;
  return { text: paths.text(paths.head(found.yardstick.below)), isWhole: true };
}

/** By what an object was made, the last call first: `knex('notes').where(…)`. */
function makersOf(p: FunctionView, start: NodeId): readonly Maker[] {
  const { graph } = p.body;
  const makers: Maker[] = [];
  let node = valueOf(p, start);
  for (let step = 0; step < LOOK_BACK && node !== NONE && graph.op[node] === Op.Call; step++) {
    const callee = p.operand(node, 0);
    const isMethod = callee !== NONE && graph.op[callee] === Op.Load && p.operand(node, 1) !== NONE;
    const name = p.operandCount(node) > 2 ? textAt(p, p.operand(node, 2), MAX_DEPTH) : undefined;
    if (name?.isWhole === true) makers.push({ method: isMethod ? p.text(graph.aux[callee]) : '', name: name.text });
    const receiver = isMethod ? valueOf(p, p.operand(node, 1)) : NONE;
    if (receiver === NONE || (graph.op[receiver] !== Op.Call && makers.length > 0)) return makers;
    node = receiver;
  }
  if (node === NONE) return makers;
  const told = toldAt(p, node);
  const { paths } = p.environment;
  for (const { parameter, outcome, yardstick } of told?.names ?? []) {
    if (parameter !== told?.parameter || outcome !== Outcome.MadeBy || yardstick?.at !== told.at) continue;
    const [method, name] = paths.components(yardstick.below);
    makers.push({ method: method === NO_METHOD ? '' : method, name });
  }
  return makers;
}

/** Paths have no empty components. */
const NO_METHOD = '()';

/** Name of the property that an object was read from: `prisma.note`. */
function propertyName(p: FunctionView, start: NodeId): string | undefined {
  const { graph } = p.body;
  const node = valueOf(p, start);
  return node !== NONE && graph.op[node] === Op.Load ? p.text(graph.aux[node]) : undefined;
}

/** The node that a value was made at, looking through copies. */
function valueOf(p: FunctionView, start: NodeId): NodeId {
  const { graph } = p.body;
  let node = start;
  for (let step = 0; step < LOOK_BACK && node !== NONE; step++) {
    switch (graph.op[node] as Op) {
      case Op.Typed:
      case Op.Guard:
      case Op.Await:
        node = p.operand(node, 0);
        break;
      case Op.Phi:
      case Op.Cell:
        if (p.operandCount(node) !== 1) return NONE;
        node = p.operand(node, 0);
        break;
      case Op.Load: {
        const stored = p.index.forwarded(node);
        if (stored === NONE) return node;
        node = stored;
        break;
      }
      default:
        return node;
    }
  }
  return NONE;
}

interface Told {
  readonly names: readonly Predicate[];
  /** See `Predicate.parameter`. */
  readonly parameter: number;
  readonly at: PathId;
}

/** What another function says of the names at a value that it made. */
function toldAt(p: FunctionView, start: NodeId): Told | undefined {
  const { graph } = p.body;
  const { environment } = p;
  const { paths } = environment;
  let at = EMPTY;
  let node = start;
  for (let step = 0; step < LOOK_BACK && node !== NONE; step++) {
    switch (graph.op[node] as Op) {
      case Op.Load:
        if (paths.length(at) >= MAX_LENGTH) return undefined;
        at = paths.cons(p.property(graph.aux[node]), at);
        node = valueOf(p, p.operand(node, 0));
        break;
      case Op.Captured: {
        const { owner, cell } = graph.captures[graph.aux[node]];
        const kept = cellNode(p.body.graphOf(owner), cell);
        if (kept === NONE) return undefined;
        return { names: environment.answer(p.body.functionIds(owner), NAMES_ROOT).predicates, parameter: cell + 1, at };
      }
      case Op.Import:
      case Op.Call: {
        const targets = p.targets(node);
        if (targets.length !== 1 || targets[0].kind !== 'function') return undefined;
        return { names: environment.answer(targets[0].function, NAMES_ROOT).predicates, parameter: 0, at };
      }
      default:
        return undefined;
    }
  }
  return undefined;
}

/** What a function tells of names: of what it returns, and of variables that others read. */
export function namesOf(p: FunctionView): readonly Predicate[] {
  const { graph } = p.body;
  const collector = new Collector(p);
  const returns: NodeId[] = [];
  for (let node = 0; node < graph.op.length; node++) if (graph.op[node] === Op.Return) returns.push(node);
  // The last of a module are its exports.
  const last = returns.at(-1);
  if (last !== undefined && (returns.length === 1 || graph.parent === NONE))
    collector.collect(p.operand(last, 0), 0, EMPTY, MAX_EXPORT_DEPTH);
  for (const node of p.index.cellNodes)
    if (node !== NONE && p.operandCount(node) === 1)
      collector.collect(p.operand(node, 0), graph.aux[node] + 1, EMPTY, MAX_EXPORT_DEPTH);
  return collector.found;
}

class Collector {
  readonly found: Predicate[] = [];

  constructor(private readonly p: FunctionView) {}

  collect(start: NodeId, parameter: number, at: PathId, depth: number): void {
    const { p } = this;
    const { paths } = p.environment;
    if (start === NONE || this.found.length >= MAX_NAMES) return;
    const node = valueOf(p, start);
    if (node === NONE) return;
    switch (p.body.graph.op[node] as Op) {
      case Op.Store:
      case Op.Copy:
        if (depth > 0) this.properties(node, parameter, at, depth);
        return;
      case Op.Import:
      case Op.Captured:
        this.forward(node, parameter, at);
        return;
      case Op.StringConst:
      case Op.Concat:
      case Op.Global:
      case Op.Load:
      case Op.Call:
        break;
      default:
        return;
    }
    const text = textAt(p, node, MAX_DEPTH);
    if (text?.isWhole === true && text.text !== '') this.add(parameter, Outcome.Named, at, paths.of([text.text]));
    for (const { method, name } of makersOf(p, node))
      this.add(parameter, Outcome.MadeBy, at, paths.of([method === '' ? NO_METHOD : method, name]));
  }

  /** What was written on an object, the latest first. */
  private properties(start: NodeId, parameter: number, at: PathId, depth: number): void {
    const { p } = this;
    const { graph } = p.body;
    const { paths } = p.environment;
    const seen = new Set<number>();
    let node = start;
    for (let step = 0; step < MAX_NAMES && node !== NONE; step++) {
      switch (graph.op[node] as Op) {
        case Op.Store: {
          const component = p.property(graph.aux[node]);
          if (!seen.has(component) && paths.length(at) < MAX_LENGTH)
            this.collect(p.operand(node, 1), parameter, paths.append(at, component), depth - 1);
          seen.add(component);
          node = p.operand(node, 0);
          break;
        }
        case Op.Copy:
          this.forward(p.operand(node, 1), parameter, at);
          node = p.operand(node, 0);
          break;
        case Op.Typed:
        case Op.Guard:
          node = p.operand(node, 0);
          break;
        default:
          return;
      }
    }
  }

  /** What another function tells of a value is told on. */
  private forward(start: NodeId, parameter: number, at: PathId): void {
    const { p } = this;
    const { paths } = p.environment;
    const node = start === NONE ? NONE : valueOf(p, start);
    const told = node === NONE ? undefined : toldAt(p, node);
    for (const { parameter: of, outcome, yardstick } of told?.names ?? []) {
      if (of !== told?.parameter || yardstick === undefined) continue;
      const rest = below(p, yardstick.at, told.at);
      if (rest === undefined || paths.length(at) + paths.length(rest) > MAX_LENGTH) continue;
      this.add(parameter, outcome, paths.concat(at, rest), yardstick.below);
    }
  }

  private add(parameter: number, outcome: Outcome, at: PathId, named: PathId): void {
    if (this.found.length >= MAX_NAMES || named === EMPTY) return;
    const isKnown = this.found.some(
      (known) =>
        known.parameter === parameter &&
        known.outcome === outcome &&
        known.yardstick?.at === at &&
        // A text goes by its place alone: what was exported by name goes before what comes along with all of a module.
        (outcome === Outcome.Named || known.yardstick.below === named),
    );
    if (!isKnown) this.found.push({ parameter, outcome, removes: 0, yardstick: { at, below: named } });
  }
}

/** What is left of a path below another one; undefined when it does not lie below it. */
function below(p: FunctionView, path: PathId, start: PathId): PathId | undefined {
  const { paths } = p.environment;
  let rest = path;
  for (let before = start; before !== EMPTY; before = paths.tail(before)) {
    if (rest === EMPTY || paths.head(rest) !== paths.head(before)) return undefined;
    rest = paths.tail(rest);
  }
  return rest;
}
