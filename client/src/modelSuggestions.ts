/**
 * What can be written at a place of a model file, read from its schema: keys, values, kinds. Works on lines, because a
 * file that is being written is hardly ever valid YAML.
 */

/** As much of JSON Schema as `server/models/schema.json` uses. */
export interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly type?: string | readonly string[];
}

export interface Suggestion {
  readonly label: string;
  readonly description: string;
  /** A key is followed by a colon. */
  readonly isKey: boolean;
}

/** Names that are not in the schema: what the shipped models declare. */
export interface KnownNames {
  readonly sinkKinds: Readonly<Record<string, string>>;
  readonly sourceKinds: Readonly<Record<string, string>>;
}

interface Line {
  readonly indent: number;
  readonly key: string | undefined;
  /** The line begins an element of a list, and its key stands behind the dash. */
  readonly isElement: boolean;
}

const LINE = /^(\s*)((?:-\s+)*)(?:(["']?)([^\s"'#:][^"'#:]*?)\3\s*:(?=\s|$))?/;
/** Keys whose values are names of kinds. */
const SINK_KINDS = new Set(['sink', 'removes', 'restores', 'limits', 'decides', 'kinds', 'sinks']);
const SOURCE_KINDS = new Set(['source', 'sources']);

/** `before` is the text of the file up to the cursor. */
export function suggestionsAt(before: string, schema: Schema, names: KnownNames): readonly Suggestion[] {
  const lines = before.split(/\r?\n/);
  const current = lines.pop() ?? '';
  const value = /^\s*(?:-\s+)*["']?([A-Za-z$@_][\w$@-]*)["']?\s*:\s+(?:\[\s*(?:[^\]]*,\s*)?)?["']?[^\s"',\]]*$/.exec(
    current,
  );
  const own = read(current);
  const path = pathTo(lines, own);
  if (value !== null) return valuesOf(resolve(schema, [...path, value[1]]), value[1], names);
  const at = resolve(schema, path);
  const key = path.at(-1);
  // An element of a list of names: `- sql`.
  if (own.isElement && typeof key === 'string' && at?.properties === undefined) return valuesOf(at, key, names);
  return keysOf(at);
}

function keysOf(schema: Schema | undefined): readonly Suggestion[] {
  return Object.entries(schema?.properties ?? {})
    .filter(([name]) => name !== '$schema')
    .map(([name, { description }]) => ({ label: name, description: description ?? '', isKey: true }));
}

function valuesOf(schema: Schema | undefined, key: string, names: KnownNames): readonly Suggestion[] {
  const kinds = SINK_KINDS.has(key) ? names.sinkKinds : SOURCE_KINDS.has(key) ? names.sourceKinds : undefined;
  if (kinds !== undefined)
    return Object.entries(kinds).map(([label, description]) => ({ label, description, isKey: false }));
  const description = schema?.description ?? '';
  const constants =
    schema?.type === 'boolean' ? [true, false] : (schema?.enum ?? schema?.items?.enum ?? schema?.examples ?? []);
  return constants
    .filter((constant) => typeof constant !== 'object')
    .map((constant) => ({ label: String(constant), description, isKey: false }));
}

function read(line: string): Line {
  const [, space, dashes, , key] = LINE.exec(line) ?? ['', '', '', '', undefined];
  return { indent: space.length + dashes.length, key, isElement: dashes !== '' };
}

/** Keys around a line, outermost first; the elements of lists are passed over. */
function pathTo(lines: readonly string[], own: Line): readonly string[] {
  const path: string[] = [];
  let { indent } = own;
  for (let i = lines.length - 1; i >= 0 && indent > 0; i--) {
    const text = lines[i];
    if (/^\s*(?:#|$)/.test(text)) continue;
    const line = read(text);
    // A list may stand as far to the left as its key.
    const isAround =
      line.indent < indent || (line.indent === indent && own.isElement && path.length === 0 && !line.isElement);
    if (line.key === undefined || !isAround) continue;
    path.unshift(line.key);
    indent = line.indent;
  }
  return path;
}

/** The schema of what lies below keys; an element of a list is described as the list is. */
function resolve(root: Schema, path: readonly string[]): Schema | undefined {
  let at: Schema | undefined = follow(root, root);
  for (const key of path) {
    const own: Schema | undefined = at?.properties?.[key];
    const other = typeof at?.additionalProperties === 'object' ? at.additionalProperties : undefined;
    at = follow(root, own ?? other);
  }
  return at;
}

function follow(root: Schema, schema: Schema | undefined): Schema | undefined {
  let at = schema;
  for (let step = 0; step < 8 && at !== undefined; step++) {
    const { $ref, items, properties } = at;
    const name = $ref === undefined ? undefined : /^#\/definitions\/(.+)$/.exec($ref)?.[1];
    if (name !== undefined)
      at = { ...root.definitions?.[name], ...(at.description === undefined ? {} : { description: at.description }) };
    else if (
      items !== undefined &&
      properties === undefined &&
      items.properties === undefined &&
      items.$ref === undefined
    )
      return at;
    else if (items !== undefined && properties === undefined) at = items;
    else return at;
  }
  return at;
}
