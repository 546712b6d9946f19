/**
 * What the models say of one state: of calling it, of the sources a value there carries, of writing its properties.
 * Computed from the network nodes of the state; the callers remember the answers.
 */
import {
  ANYTHING,
  ELEMENT,
  RESULT,
  argumentComponent,
  type CallModel,
  type Component,
  type KindSet,
  type ModelCheck,
  type ModelCondition,
  type ModelFlow,
  type ModelGuard,
  type ModelPlace,
  type ModelSchema,
  type ModelSink,
  type ModelSource,
  type ModelStore,
  type StoreSink,
  type ValueSource,
} from '../../model/summary';
import type { ApiNode, Below, SourceFacet } from './network';

/** Deepest path of a source or sink below a place: the solver keeps no longer ones. */
const MAX_DEPTH = 3;
/** Most sources that a value carries from the start; recursive types would give ever more. */
const MAX_SOURCES = 96;

export function callModelOf(nodes: readonly ApiNode[], construct: boolean): CallModel {
  const flows: ModelFlow[] = [];
  const guards: ModelGuard[] = [];
  const schemas: ModelSchema[] = [];
  const checks: ModelCheck[] = [];
  const sinks = new Map<string, ModelSink>();
  const sources = new Map<string, ModelSource>();
  const stores: ModelStore[] = [];
  let joined: string | undefined;
  let begins: string | undefined;
  let clones = false;
  let tidy = 0;
  let known = false;
  let withoutPrototype: ModelCondition | undefined;
  let listsKeysOf: ModelPlace | undefined;
  let listsEntriesOf: ModelPlace | undefined;
  let copies: CallModel['copies'];
  for (const node of nodes) {
    if (node.isModelled) known = true;
    withoutPrototype ??= node.withoutPrototype;
    listsKeysOf ??= node.listsKeysOf;
    listsEntriesOf ??= node.listsEntriesOf;
    copies ??= node.copies;
    for (const { constructOnly, ...flow } of node.flows) if (construct || !constructOnly) flows.push(flow);
    guards.push(...node.guards);
    schemas.push(...node.schemas);
    checks.push(...node.checks);
    stores.push(...node.stores);
    joined ??= node.joined;
    begins ??= node.begins;
    clones ||= node.clones;
    tidy |= node.tidy;
    for (const source of node.retrieves) sources.set(JSON.stringify([source.at, source.kinds, source.stored]), source);
    for (const { span, target } of node.arguments) {
      if (span.from < 0) continue;
      addPlaces(target, (path) => ({ root: 'argument', from: span.from, to: span.to, path }), sinks, sources);
    }
    if (node.receiver !== undefined) addPlaces(node.receiver, (path) => ({ root: 'receiver', path }), sinks, sources);
    const result = construct ? (node.instance ?? node.returnValue) : node.returnValue;
    // Sources below the result are told by the state of the result; here only the result itself.
    for (const same of result === undefined ? [] : closure(result)) {
      for (const source of same.sources) addSources(sources, { root: 'return', path: [] }, source);
    }
  }
  return {
    flows,
    guards,
    schemas,
    stores,
    sinks: [...sinks.values()],
    sources: [...sources.values()],
    known: known || flows.length + guards.length + stores.length + sinks.size + sources.size > 0,
    ...(withoutPrototype === undefined ? {} : { withoutPrototype }),
    ...(listsKeysOf === undefined ? {} : { listsKeysOf }),
    ...(listsEntriesOf === undefined ? {} : { listsEntriesOf }),
    ...(copies === undefined ? {} : { copies }),
    ...(joined === undefined ? {} : { joined }),
    ...(begins === undefined ? {} : { begins }),
    ...(clones ? { clones } : {}),
    ...(tidy === 0 ? {} : { tidy }),
    ...(checks.length === 0 ? {} : { checks }),
  };
}

function addPlaces(
  target: ApiNode,
  place: (path: readonly Component[]) => ModelPlace,
  sinks: Map<string, ModelSink>,
  sources: Map<string, ModelSource>,
): void {
  for (const { path, node } of reachable(target, true)) {
    const at = place(path);
    for (const { kind, label, when, ofTexts } of node.sinks) {
      for (const condition of when.length === 0 ? [undefined] : when) {
        const sink: ModelSink = {
          at,
          kind,
          label,
          ...(condition === undefined ? {} : { when: condition }),
          ...(ofTexts ? { ofTexts } : {}),
        };
        sinks.set(JSON.stringify([at, kind, label, condition, ofTexts]), sink);
      }
    }
    for (const source of node.sources) addSources(sources, at, source);
  }
  // What a callback is given is told by the state of its parameter, unless it depends on this very call.
  for (const callback of closure(target)) {
    for (const edge of callback.parameters) {
      for (const { path, node } of reachable(edge.target, false)) {
        for (const source of node.sources) {
          if (source.when.length > 0) addSources(sources, place([argumentComponent(edge.span.from), ...path]), source);
        }
      }
    }
  }
}

function addSources(sources: Map<string, ModelSource>, at: ModelPlace, source: SourceFacet): void {
  const { kinds, label, when, removes } = source;
  if (when.length === 0) sources.set(JSON.stringify([at, kinds, label]), { at, kinds, label, ...harmless(removes) });
  for (const condition of when) {
    sources.set(JSON.stringify([at, kinds, label, condition]), {
      at,
      kinds,
      label,
      ...harmless(removes),
      when: condition,
    });
  }
}

const harmless = (removes: KindSet): { removes?: KindSet } => (removes === 0 ? {} : { removes });

/** Sources at the value itself and below its properties. */
export function valueSourcesOf(nodes: readonly ApiNode[]): readonly ValueSource[] {
  const sources = new Map<string, ValueSource>();
  for (const start of nodes) {
    for (const { path, node } of reachable(start, false)) {
      for (const { kinds, label, when, removes, isRead, isObject } of node.sources) {
        if (when.length === 0 && sources.size < MAX_SOURCES)
          sources.set(JSON.stringify([path, kinds]), {
            path,
            kinds,
            label,
            ...harmless(removes),
            isRead,
            ...(isObject ? { isObject } : {}),
          });
      }
    }
  }
  return [...sources.values()].sort((a, b) => a.path.length - b.path.length);
}

/** Sinks at a state that is reached by writing a property. */
export function storeSinksOf(nodes: readonly ApiNode[], property: string): readonly StoreSink[] {
  const sinks = new Map<string, StoreSink>();
  for (const node of nodes) {
    for (const { kind, label } of node.sinks) sinks.set(`${String(kind)} ${label}`, { property, kind, label });
  }
  return [...sinks.values()];
}

/** All nodes below `start` with their paths, itself included. A node is met again on another way, but not inside itself. */
function reachable(start: ApiNode, withResults: boolean): Below[] {
  const found: Below[] = [];
  const inside = new Set<ApiNode>();
  const visit = (node: ApiNode, path: readonly Component[]): void => {
    if (inside.has(node)) return;
    inside.add(node);
    found.push({ path, node });
    for (const other of node.also) visit(other, path);
    if (node.anything !== undefined) found.push({ path: [...path, ANYTHING], node: node.anything });
    if (path.length < MAX_DEPTH) {
      for (const [name, target] of node.members) visit(target, [...path, name]);
      if (node.anyMember !== undefined) visit(node.anyMember, [...path, ELEMENT]);
      if (node.element !== undefined) visit(node.element, [...path, ELEMENT]);
      if (withResults && node.returnValue !== undefined) visit(node.returnValue, [...path, RESULT]);
    }
    inside.delete(node);
  };
  visit(start, []);
  return found;
}

function closure(start: ApiNode): Set<ApiNode> {
  const closed = new Set([start]);
  for (const node of closed) for (const other of node.also) closed.add(other);
  return closed;
}
