/**
 * Which inputs a function returns as they are, and what the result of a call is therefore the same object as: builders
 * that return their receiver, accessors that hand out a field. Found backward from what is returned, because it is asked where an object
 * is written to, whoever wrote it.
 */
import { NONE, Op, type NodeId } from '../model/graph';
import { C_ELEMENT, EMPTY, MAX_LENGTH, MAX_PATHS, type PathId } from './accessPaths';
import { operandOf } from './conventions';
import { modelFlows } from './modelTransfer';
import type { FunctionView } from './functionView';
import { ALIASES_ROOT } from './questions';
import {
  EXPORTS_CELL,
  REST,
  RETURN_ROOT,
  RootKind,
  kindOf,
  maskOf,
  parameterIndex,
  parameterRoot,
  type Root,
} from './references';
import { Mode, type Entry } from './summaryTable';

/** Nodes looked at; functions that return more things than that are not builders. */
const MAX_STEPS = 400;

interface Place {
  readonly node: NodeId;
  /** Leads from the node's value to the object in question. */
  readonly path: PathId;
}

/** Objects that the result of a call is the same as, with the path that leads to each. */
export function sameObjects(p: FunctionView, call: NodeId): Place[] {
  const { environment } = p;
  const result: Place[] = [];
  const push = (operand: number | undefined, path: PathId): void => {
    if (operand === undefined || operand >= p.operandCount(call)) return;
    const node = p.operand(call, operand);
    if (node !== NONE) result.push({ node, path });
  };
  for (const target of p.targets(call)) {
    if (target.kind !== 'function') continue;
    const { inRoot, inPath } = environment.answer(target.function, ALIASES_ROOT);
    for (let i = 0; i < inRoot.length; i++) {
      const root = inRoot[i];
      if (kindOf(root) === RootKind.Parameter && parameterIndex(root) < REST) {
        push(operandOf(parameterIndex(root), target.convention), inPath[i]);
      } else if (kindOf(root) === RootKind.Cell) {
        const cell = environment.references.cellOf(root);
        if (cell.owner === p.body.id && cell.cell !== EXPORTS_CELL && cell.cell < p.index.cellNodes.length)
          result.push({ node: p.index.cellNodes[cell.cell], path: inPath[i] });
      }
    }
  }
  for (const model of p.modelsOf(call)) {
    for (const flow of modelFlows(model, environment.paths)) {
      if (flow.mode !== Mode.Identity || flow.to.root !== 'return' || flow.toPath !== EMPTY) continue;
      if (flow.from.root === 'receiver') push(1, flow.fromPath);
      else if (flow.from.root === 'argument') push(flow.from.from + 2, flow.fromPath);
    }
  }
  return result;
}

/**
 * The same for a call of known functions alone, where it is known of all that they give back: what is missing there they make themselves.
 * `undefined` where they may give back something else that is there already.
 */
export function givenBack(p: FunctionView, call: NodeId): Place[] | undefined {
  const { environment } = p;
  const targets = p.targets(call);
  if (targets.length === 0 || p.modelsOf(call).length > 0) return undefined;
  const result: Place[] = [];
  for (const target of targets) {
    if (target.kind !== 'function') return undefined;
    const { inRoot, inPath } = environment.answer(target.function, ALIASES_ROOT);
    for (let i = 0; i < inRoot.length; i++) {
      const root = inRoot[i];
      if (kindOf(root) !== RootKind.Parameter || parameterIndex(root) >= REST) return undefined;
      const operand = operandOf(parameterIndex(root), target.convention);
      if (operand === undefined) return undefined;
      const node = operand < p.operandCount(call) ? p.operand(call, operand) : NONE;
      if (node !== NONE) result.push({ node, path: inPath[i] });
    }
  }
  return result;
}

/** Entries from each input that is returned, or from what lies at a path of it, to the result. */
export function aliasesOf(p: FunctionView): Entry[] {
  const { graph } = p.body;
  const { paths, references, models } = p.environment;
  const found = new Map<string, Entry>();
  const stack: Place[] = [];
  const seen = new Set<number>();
  const push = (node: NodeId, path: PathId): void => {
    if (node !== NONE && paths.length(path) <= MAX_LENGTH) stack.push({ node, path });
  };
  const input = (root: Root, path: PathId): void => {
    found.set(`${String(root)}.${String(path)}`, {
      inRoot: root,
      inPath: path,
      inMode: Mode.Identity,
      outRoot: RETURN_ROOT,
      outPath: EMPTY,
      mask: maskOf(models.allKinds, 3),
    });
  };
  for (let node = 0; node < graph.op.length; node++) if (graph.op[node] === Op.Return) push(p.operand(node, 0), EMPTY);
  for (let place = stack.pop(), steps = 0; place !== undefined && steps < MAX_STEPS; place = stack.pop(), steps++) {
    const { node, path } = place;
    const key = node * MAX_PATHS + path;
    if (seen.has(key)) continue;
    seen.add(key);
    switch (graph.op[node] as Op) {
      case Op.Param:
        input(parameterRoot(graph.aux[node]), path);
        break;
      case Op.RestParam:
        input(parameterRoot(REST + graph.aux[node]), path);
        break;
      case Op.Captured: {
        const capture = graph.captures[graph.aux[node]];
        input(references.cell(p.body.functionIds(capture.owner), capture.cell), path);
        break;
      }
      case Op.Load:
        if (p.index.forwarded(node) !== NONE) push(p.index.forwarded(node), path);
        else push(p.index.loadBase(node), paths.cons(p.property(graph.aux[node]), path));
        break;
      case Op.LoadElement:
        push(p.operand(node, 0), paths.cons(p.keyComponent(node), path));
        break;
      case Op.Iterate:
        push(p.operand(node, 0), paths.cons(C_ELEMENT, path));
        break;
      case Op.Store:
        if (path !== EMPTY && paths.head(path) === p.property(graph.aux[node]))
          push(p.operand(node, 1), paths.tail(path));
        else push(p.operand(node, 0), path);
        break;
      case Op.StoreElement:
      case Op.Copy:
      case Op.Guard:
      case Op.Typed:
      case Op.Await:
        push(p.operand(node, 0), path);
        break;
      case Op.Phi:
      case Op.Cell:
        for (let i = 0; i < p.operandCount(node); i++) push(p.operand(node, i), path);
        break;
      case Op.Call:
      case Op.New:
        for (const same of sameObjects(p, node)) push(same.node, paths.concat(same.path, path));
        break;
      default:
        break;
    }
  }
  return [...found.values()];
}
