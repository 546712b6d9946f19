/** Where what a callee's answer tells arrives in the function that calls it, makes it, or hands it over. */
import { ARGUMENTS, CallFlag, NONE, Op, RECEIVER, type NodeId } from '../model/graph';
import type { FunctionId } from '../model/ids';
import type { Convention } from '../model/links';
import { argumentComponent } from '../model/summary';
import { C_ELEMENT, C_PROTOTYPE, C_RESULT, EMPTY, type ComponentId, type PathId } from './accessPaths';
import { operandOf } from './conventions';
import type { CalleeStep, OriginId } from './facts';
import type { FunctionView } from './functionView';
import type { Propagation } from './propagation';
import { EXPORTS_CELL, REST, RootKind, kindOf, parameterIndex, type Mask } from './references';
import type { SummaryTable } from './summaryTable';

/** Where a callee's outputs arrive. */
export type Site =
  | { readonly kind: 'call'; readonly node: NodeId; readonly convention: Convention }
  /** The function value is made: what it does whoever calls it. */
  | { readonly kind: 'closure'; readonly node: NodeId }
  /** Something else calls it, with a value that was handed over; `prefix` leads from the node's value to the function. */
  | { readonly kind: 'callback'; readonly node: NodeId; readonly prefix: readonly ComponentId[]; readonly at: NodeId };

/** One entry of the callee's answer, met by `origin`; `rest` stays below the output. */
export function output(
  p: Propagation,
  site: Site,
  callee: FunctionId,
  summary: SummaryTable,
  entry: number,
  origin: OriginId,
  rest: PathId,
  mask: Mask,
): void {
  const { paths, references } = p.environment;
  const root = summary.outRoot[entry];
  const path = paths.concat(summary.outPath[entry], rest);
  const at = site.kind === 'callback' ? site.at : site.node;
  const step: CalleeStep | undefined = p.trace ? { callee, summary, entry } : undefined;
  switch (kindOf(root)) {
    case RootKind.Sink:
      p.addEntry(origin, root, EMPTY, mask, at, step);
      return;
    case RootKind.Store:
      p.addEntry(origin, root, path, mask, at, step);
      return;
    case RootKind.Cell: {
      const ref = references.cellOf(root);
      // An answer from before an edit may speak of a variable that is gone. It is made anew, and so is what was made of it.
      if (ref.owner === p.body.id && ref.cell !== EXPORTS_CELL && ref.cell >= p.index.cellNodes.length) return;
      if (ref.owner !== p.body.id || ref.cell === EXPORTS_CELL) p.addEntry(origin, root, path, mask, at, step);
      // That a key selected an object is never written into one: the variable holds it now.
      else if (path === EMPTY || paths.head(path) === C_PROTOTYPE)
        p.addFact(p.index.cellNodes[ref.cell], origin, path, mask, at, step);
      // The variable's object changed, which its other names see too.
      else p.mutate(p.index.cellNodes[ref.cell], origin, path, mask, at, step);
      return;
    }
    case RootKind.Return:
      returned(p, site, origin, path, mask, step);
      return;
    case RootKind.Parameter:
      changedParameter(p, site, parameterIndex(root), origin, path, mask, step);
      return;
    case RootKind.Throw:
      if (site.kind === 'call') p.throwAt(site.node, origin, path, mask, step);
      return;
    case RootKind.Source:
    case RootKind.Sources:
    case RootKind.Facet:
    case RootKind.Retrieved:
      return;
  }
}

function returned(
  p: Propagation,
  site: Site,
  origin: OriginId,
  path: PathId,
  mask: Mask,
  step: CalleeStep | undefined,
): void {
  const { paths } = p.environment;
  switch (site.kind) {
    case 'call':
      if (p.hasResult(site.node)) p.addFact(site.node, origin, path, mask, site.node, step);
      return;
    case 'closure':
      p.addFact(site.node, origin, paths.cons(C_RESULT, path), mask, site.node, step);
      return;
    case 'callback': {
      let below = paths.cons(C_RESULT, path);
      for (let i = site.prefix.length - 1; i >= 0; i--) below = paths.cons(site.prefix[i], below);
      p.addFact(site.node, origin, below, mask, site.at, step);
      return;
    }
  }
}

/** The callee changed an object it was given, or called a function it was given. */
function changedParameter(
  p: Propagation,
  site: Site,
  parameter: number,
  origin: OriginId,
  path: PathId,
  mask: Mask,
  step: CalleeStep | undefined,
): void {
  const { paths } = p.environment;
  if (path === EMPTY) return;
  if (site.kind === 'closure') {
    if (parameter < REST)
      p.addFact(
        site.node,
        origin,
        paths.cons(paths.component(argumentComponent(parameter)), path),
        mask,
        site.node,
        step,
      );
    return;
  }
  if (site.kind === 'callback') {
    // Of what is done to objects each caller is told enough by other ways; that a function among them was called, only by this one.
    if (parameter >= REST || !paths.isArgument(paths.head(path)) || paths.tail(path) !== EMPTY) return;
    let below = paths.cons(paths.component(argumentComponent(parameter)), path);
    for (let i = site.prefix.length - 1; i >= 0; i--) below = paths.cons(site.prefix[i], below);
    p.addFact(site.node, origin, below, mask, site.at, step);
    return;
  }
  const { node, convention } = site;
  if (parameter === RECEIVER && (convention === 'construct' || isSuperCall(p, node))) {
    if (convention === 'construct') p.addFact(node, origin, path, mask, node, step);
    else p.mutate(p.operand(node, 1), origin, path, mask, node, step);
    return;
  }
  let argument = parameter;
  let below = path;
  if (parameter >= REST || parameter === ARGUMENTS) {
    const head = paths.text(paths.head(path));
    if (!/^\d+$/.test(head)) return;
    argument = (parameter === ARGUMENTS ? 0 : parameter - REST) + Number(head);
    below = paths.tail(path);
    if (below === EMPTY) return;
  }
  const operand = operandOf(argument, convention);
  if (operand === undefined || operand >= p.operandCount(node)) return;
  const target = p.operand(node, operand);
  if (target === NONE) return;
  if (p.body.graph.op[target] === Op.Spread)
    p.mutate(p.operand(target, 0), origin, paths.cons(C_ELEMENT, below), mask, node, step);
  else p.mutate(target, origin, below, mask, node, step);
}

function isSuperCall(p: FunctionView, node: NodeId): boolean {
  return p.body.graph.op[node] === Op.Call && (p.body.graph.aux[node] & CallFlag.SuperCall) !== 0;
}
