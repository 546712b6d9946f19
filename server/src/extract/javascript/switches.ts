/**
 * Object literals with a property that switches something on for whoever is handed them: `{ shell: true }`. They are declared to be of a type of their own,
 * so that linking follows them, and models can ask for it where the call stands. Which properties do is data (`server/models/switches.json`): it is part of the
 * program, as what is extracted of a file must depend on its text alone.
 */
import type ts from 'typescript';
import switches from '../../../models/switches.json';
import { Op, type NodeId } from '../../model/graph';
import { isStringLiteralLike } from '../../parse/javascript/syntax';
import * as Kind from '../../parse/javascript/syntaxKind';
import type { Lowering } from './lowering';

const GLOBAL = '@switch';

interface Switch {
  readonly type: string;
  readonly values: ReadonlySet<string>;
}

const SWITCHES: ReadonlyMap<string, Switch> = new Map(
  Object.entries(switches.properties).map(([name, { type, values }]) => [name, { type, values: new Set(values) }]),
);

/** The member of the global that a property with such a value stands for; undefined for all others. */
export function switchOf(name: string, value: ts.Expression): string | undefined {
  const known = SWITCHES.get(name);
  if (known === undefined) return undefined;
  const text = value.kind === Kind.TrueKeyword ? 'true' : isStringLiteralLike(value) ? value.text : undefined;
  return text !== undefined && known.values.has(text) ? known.type : undefined;
}

export function declaredSwitch(cx: Lowering, object: NodeId, type: string, start: number, end: number): NodeId {
  const { fn } = cx;
  const of = fn.load(fn.emit0(Op.Global, cx.intern(GLOBAL), start, end), cx.intern(type), start, end);
  return fn.emit2(Op.Typed, 0, object, of, start, end);
}
