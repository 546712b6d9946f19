/**
 * A schema as the analysis reads it: a tree of fields, each with the kinds that a conforming value can no longer serve there.
 */
import type { KindSet } from '../model/summary';
import { C_ANYTHING, C_ELEMENT, EMPTY, MAX_LENGTH, type ComponentId, type PathId } from './accessPaths';
import type { FunctionView } from './functionView';

/** What holds of a conforming value, and of its fields (or elements). */
export interface Schema {
  readonly removes: KindSet;
  readonly fields: ReadonlyMap<ComponentId, Schema>;
}

const NO_FIELDS: ReadonlyMap<ComponentId, Schema> = new Map();
/** Lets everything through. */
export const ANY: Schema = { removes: 0, fields: NO_FIELDS };
export const schemaOf = (removes: KindSet, fields: ReadonlyMap<ComponentId, Schema> = NO_FIELDS): Schema => ({
  removes,
  fields,
});

/** Kinds that a conforming value is harmless for at a path of it. */
export function removedAt(p: FunctionView, schema: Schema, names: readonly ComponentId[]): KindSet {
  let at = schema;
  let { removes } = schema;
  for (const name of names) {
    const next = fieldOf(p, at, name);
    if (next === undefined) return removes;
    at = next;
    removes |= at.removes;
  }
  return at.fields.size > 0 ? 0 : removes;
}

function fieldOf(p: FunctionView, { fields }: Schema, name: ComponentId): Schema | undefined {
  const { paths } = p.environment;
  return fields.get(name) ?? (/^\d/.test(paths.text(name)) ? fields.get(C_ELEMENT) : undefined);
}

/**
 * What comes through a schema of a value of which something lies at `path`: handed to `emit`, with what the schema makes harmless
 * taken away. Of an untrusted object as a whole, the fields that the schema names come through.
 */
export function throughSchema<Origin>(
  p: FunctionView,
  schema: Schema,
  origin: Origin,
  path: PathId,
  extend: (origin: Origin, component: ComponentId) => Origin,
  emit: (origin: Origin, path: PathId, removes: KindSet) => void,
): void {
  const { paths } = p.environment;
  const visit = (at: Schema, from: Origin, rest: PathId, before: readonly ComponentId[], removes: KindSet): void => {
    const whole = (below: PathId): PathId =>
      before.reduceRight((tail, component) => paths.cons(component, tail), below);
    if (rest === EMPTY) {
      if (at.fields.size === 0) emit(from, whole(EMPTY), removes | at.removes);
      for (const [component, field] of at.fields)
        visit(field, extend(from, component), EMPTY, [...before, component], removes | at.removes);
      return;
    }
    const head = paths.head(rest);
    const field = head === C_ANYTHING ? undefined : fieldOf(p, at, head);
    if (field === undefined) emit(from, whole(rest), removes | at.removes);
    else visit(field, from, paths.tail(rest), [...before, head], removes | at.removes);
  };
  visit(schema, origin, path, [], 0);
}

/** Both hold. */
export function both(a: Schema, b: Schema): Schema {
  if (a === ANY) return b;
  if (b === ANY) return a;
  const fields = new Map(a.fields);
  for (const [component, field] of b.fields) {
    const known = fields.get(component);
    fields.set(component, known === undefined ? field : both(known, field));
  }
  return { removes: a.removes | b.removes, fields };
}

/** The schema, with further demands on its deepest fields. */
export function refine(schema: Schema, demands: Schema): Schema {
  if (schema.fields.size === 0) return both(schema, demands);
  const fields = new Map<ComponentId, Schema>();
  for (const [component, field] of schema.fields) fields.set(component, refine(field, demands));
  return { removes: schema.removes, fields };
}

/** One of them holds. A value that may be no object can be untrusted as a whole. */
export function either(a: Schema, b: Schema): Schema {
  const removes = a.removes & b.removes;
  if (a.fields.size === 0 || b.fields.size === 0) return { removes, fields: NO_FIELDS };
  const fields = new Map(a.fields);
  for (const [component, field] of b.fields) {
    const known = fields.get(component);
    fields.set(component, known === undefined ? field : either(known, field));
  }
  return { removes, fields };
}

/** The parts of a schema with their paths, as deep as paths go. */
export function partsOf(p: FunctionView, schema: Schema): { below: PathId; removes: KindSet }[] {
  const { paths } = p.environment;
  const parts: { below: PathId; removes: KindSet }[] = [];
  const visit = ({ removes, fields }: Schema, before: readonly ComponentId[]): void => {
    const below = before.reduceRight((tail, component) => paths.cons(component, tail), EMPTY);
    parts.push({ below, removes });
    if (before.length < MAX_LENGTH) for (const [component, field] of fields) visit(field, [...before, component]);
  };
  visit(schema, []);
  return parts;
}
