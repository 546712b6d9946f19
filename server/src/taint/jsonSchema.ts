/**
 * Schemas in the JSON Schema language (json-schema.org), written as object literals: `{ type: 'object', properties: { … } }`.
 * Only what says something of texts is read; what is not known lets everything through.
 */
import type { NodeId } from '../model/graph';
import type { KindSet } from '../model/summary';
import { C_ELEMENT, type ComponentId } from './accessPaths';
import { ConstantReader, type Place } from './constants';
import type { FunctionBody } from './environment';
import type { FunctionView } from './functionView';
import { ANY, both, either, schemaOf, type Schema } from './schema';

/** Objects within each other. */
const MAX_DEPTH = 6;

/** Types of which no value holds text. */
const HARMLESS_TYPES = new Set(['integer', 'number', 'boolean', 'null']);
const TYPES = new Set([...HARMLESS_TYPES, 'object', 'array', 'string']);
/** Formats that leave no text to choose, as in the models of validators. */
const HARMLESS_FORMATS = new Set(['date', 'time', 'date-time', 'duration', 'uuid', 'iso-date-time', 'int32', 'int64']);

/** True for an object that says of which type it describes values, as such schemas do. */
export function isJsonSchema(body: FunctionBody, node: NodeId): boolean {
  const reader = new ConstantReader(body);
  const type = reader.properties({ graph: body.graph, node })?.get('type');
  return type !== undefined && TYPES.has(reader.text(type) ?? '');
}

/** The schema that stands at a node; undefined when it isn't an object literal. */
export function jsonSchemaAt(p: FunctionView, node: NodeId): Schema | undefined {
  return jsonSchemaIn(p, { graph: p.body.graph, node });
}

/** The same, wherever in the file it stands. */
export function jsonSchemaIn(p: FunctionView, place: Place): Schema | undefined {
  const reader = new ConstantReader(p.body);
  const properties = reader.properties(place);
  return properties === undefined ? undefined : read(p, reader, properties, MAX_DEPTH);
}

function read(p: FunctionView, reader: ConstantReader, written: ReadonlyMap<string, Place>, depth: number): Schema {
  const { models, paths } = p.environment;
  if (depth === 0) return ANY;
  const at = (name: string): Place | undefined => written.get(name);
  const text = (name: string): string | undefined => {
    const place = at(name);
    return place === undefined ? undefined : reader.text(place);
  };
  const below = (place: Place | undefined): Schema | undefined => {
    const properties = place === undefined ? undefined : reader.properties(place);
    return properties === undefined ? undefined : read(p, reader, properties, depth - 1);
  };
  const type = text('type');
  let removes: KindSet = 0;
  if (type !== undefined && HARMLESS_TYPES.has(type)) removes = models.allKinds;
  if (type === 'string') removes |= models.kindBit('nosql');
  if (at('enum') !== undefined || at('const') !== undefined) removes = models.allKinds;
  const format = text('format');
  if (format !== undefined && HARMLESS_FORMATS.has(format)) removes = models.allKinds;
  const pattern = text('pattern');
  if (pattern !== undefined && type === 'string')
    removes |= models.patternRemoves?.(`/${pattern.replace(/(^|[^\\])\//g, '$1\\/')}/u`, true) ?? 0;
  if (type === 'string' && Number(text('maxLength')) <= 1000) removes |= models.kindBit('redos');
  let schema = schemaOf(removes);
  const properties = at('properties');
  const named = properties === undefined ? undefined : reader.properties(properties);
  if (named !== undefined) {
    const fields = new Map<ComponentId, Schema>();
    for (const [name, place] of named) fields.set(paths.property(name), below(place) ?? ANY);
    schema = both(schema, schemaOf(0, fields));
  }
  if (type === 'array') schema = both(schema, schemaOf(0, new Map([[C_ELEMENT, below(at('items')) ?? ANY]])));
  for (const name of ['anyOf', 'oneOf']) {
    const list = at(name);
    const parts = (list === undefined ? [] : (reader.elements(list) ?? [])).map((place) => below(place) ?? ANY);
    if (parts.length > 0) schema = both(schema, parts.reduce(either));
  }
  const all = at('allOf');
  for (const place of all === undefined ? [] : (reader.elements(all) ?? [])) schema = both(schema, below(place) ?? ANY);
  return schema;
}
