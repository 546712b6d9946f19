/**
 * Schemas written in code, as validators have them: what a value that conforms to one can no longer do, and which of its
 * fields. Read from the calls that build a schema, as models describe them, from decorators on the fields of a class, or from an object
 * in the JSON Schema language. Schemas of other functions and files are told by their yardsticks.
 */
import { CallFlag, NONE, Op, type NodeId } from '../model/graph';
import { RESULT, type KindSet, type ModelPlace, type ModelSchema, type SchemaPlace } from '../model/summary';
import { C_ELEMENT, EMPTY, type ComponentId } from './accessPaths';
import { conditionHolds } from './conditions';
import { constantText, patternText, propertyRead } from './constants';
import { operandAt } from './conventions';
import type { FunctionView } from './functionView';
import { jsonSchemaAt } from './jsonSchema';
import { Outcome, testRemoves, type Predicate } from './predicates';
import { ANY, both, either, refine, schemaOf, type Schema } from './schema';
import { isListOfConstants, yardsticksAt, type Yardsticks } from './yardsticks';

/** Calls that one schema is made of; of more, nothing is known. */
const MAX_PARTS = 400;
/** Calls within each other. */
const MAX_DEPTH = 40;

/** The schema at a node, undefined when it is none, or nobody knows. */
export function readSchema(p: FunctionView, node: NodeId): Schema | undefined {
  return new SchemaReader(p).read(node, MAX_DEPTH);
}

/** The schema that a call holds a value against. */
export function schemaAtPlace(p: FunctionView, call: NodeId, place: SchemaPlace, shift: number): Schema | undefined {
  if (place === 'callee') return p.schemaAt(p.operand(call, 0));
  const node = operandAt(p, call, place, shift);
  return node === NONE || place.path.length > 0 ? undefined : p.schemaAt(node);
}

/** The schema that yardsticks speak of, put together from its parts. */
function schemaFrom(p: FunctionView, parts: readonly Predicate[]): Schema | undefined {
  if (parts.length === 0) return undefined;
  interface Growing {
    removes: KindSet;
    fields: Map<ComponentId, Growing>;
  }
  const { paths } = p.environment;
  const root: Growing = { removes: 0, fields: new Map() };
  for (const { removes, yardstick } of parts) {
    let at = root;
    for (let rest = yardstick?.below ?? EMPTY; rest !== EMPTY; rest = paths.tail(rest)) {
      let next = at.fields.get(paths.head(rest));
      if (next === undefined) at.fields.set(paths.head(rest), (next = { removes: 0, fields: new Map() }));
      at = next;
    }
    at.removes = removes;
  }
  return root;
}

class SchemaReader {
  private parts = 0;

  constructor(private readonly p: FunctionView) {}

  read(start: NodeId, depth: number): Schema | undefined {
    const { p } = this;
    const { graph } = p.body;
    const node = this.valueOf(start);
    if (node === NONE || depth === 0 || ++this.parts > MAX_PARTS) return undefined;
    switch (graph.op[node] as Op) {
      case Op.Call:
      case Op.New: {
        const { models, shift } = p.callAt(node);
        let schema: Schema | undefined;
        for (const model of models)
          for (const made of model.schemas)
            if (made.when === undefined || conditionHolds(p, node, made.when, shift))
              schema = both(schema ?? ANY, this.made(node, made, shift, depth - 1));
        return schema ?? this.told(node);
      }
      case Op.Class:
        return this.decorated(node, depth - 1);
      case Op.Load: {
        const stored = p.index.forwarded(node);
        if (stored !== NONE) return this.read(stored, depth - 1);
        return this.ofState(node) ?? this.told(node);
      }
      case Op.Captured:
      case Op.Import:
        return this.told(node);
      default:
        return undefined;
    }
  }

  /** The node that made a value, behind names for it and what was written on a class. */
  private valueOf(start: NodeId): NodeId {
    const { graph } = this.p.body;
    let node = start;
    for (let step = 0; step < MAX_PARTS && node !== NONE; step++) {
      switch (graph.op[node] as Op) {
        case Op.Typed:
        case Op.Guard:
        case Op.Store:
          node = this.p.operand(node, 0);
          break;
        case Op.Phi:
        case Op.Cell:
          if (this.p.operandCount(node) !== 1) return NONE;
          node = this.p.operand(node, 0);
          break;
        default:
          return node;
      }
    }
    return NONE;
  }

  /** A value that a library has ready: `t.number`. */
  private ofState(node: NodeId): Schema | undefined {
    let schema: Schema | undefined;
    for (const state of this.p.apisOf(node))
      for (const { removes } of this.p.environment.models.callModel(state, false).schemas)
        schema = both(schema ?? ANY, schemaOf(removes));
    return schema;
  }

  private told(node: NodeId): Schema | undefined {
    const told = yardsticksAt(this.p, node);
    return told === undefined ? undefined : schemaFrom(this.p, told.of(Outcome.Conforms));
  }

  private made(call: NodeId, made: ModelSchema, shift: number, depth: number): Schema {
    const { p } = this;
    const { models } = p.environment;
    const at = (place: ModelPlace | undefined): NodeId =>
      place === undefined ? NONE : operandAt(p, call, place, shift);
    let { removes } = made;
    const pattern = at(made.pattern);
    if (pattern !== NONE) removes |= patternRemovesAt(p, pattern, true);
    const prefix = at(made.prefix);
    const text = prefix === NONE ? undefined : constantText(p.body, prefix);
    if (text !== undefined) removes |= models.beginningRemoves?.(text) ?? 0;
    if (made.test !== undefined) removes |= testRemoves(p, at(made.test), Outcome.True);
    if (made.constants !== undefined && this.areConstants(call, made.constants, shift)) removes |= models.allKinds;
    let schema = schemaOf(removes);
    if (made.named !== undefined) schema = this.fieldsNamed(at(made.named), made.within ?? [], schema);
    if (made.refines !== undefined) {
      const refined = this.likeAt(at(made.refines), made.refines, depth);
      if (refined !== undefined) schema = refine(refined, schema);
    }
    for (const place of made.like ?? []) {
      const like = this.likeAt(at(place), place, depth);
      if (like !== undefined) schema = both(schema, like);
    }
    if (made.fields !== undefined) schema = both(schema, this.objectAt(at(made.fields), depth, made.keys));
    if (made.elements !== undefined) {
      const element = at(made.elements);
      const each = element === NONE ? ANY : (this.read(element, depth) ?? ANY);
      schema = both(schema, schemaOf(0, new Map([[C_ELEMENT, each]])));
    }
    if (made.either !== undefined) schema = both(schema, this.oneOf(call, made.either, shift, depth));
    const written = at(made.written);
    if (written !== NONE) schema = both(schema, this.read(written, depth) ?? jsonSchemaAt(p, written) ?? ANY);
    return schema;
  }

  /** Fields with these names, `a.b` within one another, below those of `within`. */
  private fieldsNamed(node: NodeId, within: readonly string[], field: Schema): Schema {
    const { paths } = this.p.environment;
    const named = node === NONE ? undefined : constantText(this.p.body, node);
    const list = named === undefined && node !== NONE ? this.elementsOf(node) : undefined;
    const names = list?.map((element) => constantText(this.p.body, element)) ?? [named];
    let schema = ANY;
    for (const name of names) {
      if (name === undefined) continue;
      const component = (part: string): ComponentId => (part === '*' ? C_ELEMENT : paths.property(part));
      const below = name
        .split('.')
        .reduceRight((inner, part) => schemaOf(0, new Map([[component(part), inner]])), field);
      const all = within.map((part) => [paths.property(part), below] as const);
      schema = both(schema, all.length === 0 ? below : schemaOf(0, new Map(all)));
    }
    return schema;
  }

  private likeAt(node: NodeId, place: ModelPlace, depth: number): Schema | undefined {
    if (node === NONE) return undefined;
    if (place.path.length === 0) return this.read(node, depth);
    const { p } = this;
    // What a function given here returns: `lazy(() => Item)`.
    if (place.path.length > 1 || place.path[0] !== RESULT || p.body.graph.op[node] !== Op.Closure) return undefined;
    const told = yardsticksAt(p, node);
    return told === undefined ? undefined : schemaFrom(p, told.of(Outcome.Conforms));
  }

  /** A schema for each property of an object, or the fields of another schema. */
  private objectAt(start: NodeId, depth: number, keys?: ReadonlyMap<string, string>): Schema {
    const { p } = this;
    const { graph } = p.body;
    const fields = new Map<ComponentId, Schema>();
    let node = start;
    for (let step = 0; step < MAX_PARTS && node !== NONE; step++) {
      switch (graph.op[node] as Op) {
        case Op.Store: {
          const component = p.property(graph.aux[node]);
          if (!fields.has(component)) fields.set(component, this.fieldOf(p.operand(node, 1), depth));
          node = p.operand(node, 0);
          break;
        }
        case Op.StoreElement: {
          const read = keys === undefined ? undefined : propertyRead(p.body, p.operand(node, 1));
          const name = read === undefined ? undefined : keys?.get(read);
          if (name !== undefined) {
            const component = p.environment.paths.property(name);
            if (!fields.has(component)) fields.set(component, this.fieldOf(p.operand(node, 2), depth));
          }
          node = p.operand(node, 0);
          break;
        }
        case Op.Copy: {
          for (const [component, field] of depth === 0 ? [] : this.objectAt(p.operand(node, 1), depth - 1).fields)
            if (!fields.has(component)) fields.set(component, field);
          node = p.operand(node, 0);
          break;
        }
        case Op.Typed:
        case Op.Guard:
          node = p.operand(node, 0);
          break;
        case Op.ObjectLiteral:
          return schemaOf(0, fields);
        default: {
          // Another schema, or an object of schemas that another function made.
          const more = this.read(node, depth)?.fields ?? this.fieldsTold(node);
          for (const [component, field] of more) if (!fields.has(component)) fields.set(component, field);
          return schemaOf(0, fields);
        }
      }
    }
    return schemaOf(0, fields);
  }

  /** The schema of a field: also an object of schemas, as it is. */
  private fieldOf(node: NodeId, depth: number): Schema {
    const op: Op = this.p.body.graph.op[node];
    const isObject = op === Op.Store || op === Op.StoreElement;
    return this.read(node, depth) ?? (isObject && depth > 0 ? this.objectAt(node, depth - 1) : ANY);
  }

  private fieldsTold(node: NodeId): ReadonlyMap<ComponentId, Schema> {
    const told: Yardsticks | undefined = yardsticksAt(this.p, node);
    const fields = new Map<ComponentId, Schema>();
    for (const name of told?.names() ?? []) {
      const field = schemaFrom(this.p, told?.of(Outcome.Conforms, name) ?? []);
      if (field !== undefined) fields.set(name, field);
    }
    return fields;
  }

  private oneOf(call: NodeId, place: ModelPlace, shift: number, depth: number): Schema {
    const { p } = this;
    let schema: Schema | undefined;
    const add = (node: NodeId): void => {
      const one = this.read(node, depth) ?? ANY;
      schema = schema === undefined ? one : either(schema, one);
    };
    for (const node of this.argumentsAt(call, place, shift)) {
      const list = this.elementsOf(node);
      if (list === undefined) add(node);
      else list.forEach(add);
    }
    return p.operandCount(call) === 0 ? ANY : (schema ?? ANY);
  }

  private areConstants(call: NodeId, place: ModelPlace, shift: number): boolean {
    const { p } = this;
    const found = this.argumentsAt(call, place, shift);
    return (
      found.length > 0 &&
      found.every((argument) => {
        const node = p.body.graph.op[argument] === Op.Spread ? p.operand(argument, 0) : argument;
        return constantText(p.body, node) !== undefined || isListOfConstants(p, node);
      })
    );
  }

  private argumentsAt(call: NodeId, place: ModelPlace, shift: number): readonly NodeId[] {
    if (place.root !== 'argument') return [];
    const found: NodeId[] = [];
    const last = Math.min(place.to + 2 + shift, this.p.operandCount(call) - 1);
    for (let operand = place.from + 2 + shift; operand <= last; operand++) {
      const node = this.p.operand(call, operand);
      if (node !== NONE) found.push(node);
    }
    return found;
  }

  /** The elements of an array literal; undefined for anything else. */
  private elementsOf(start: NodeId): readonly NodeId[] | undefined {
    const { p } = this;
    const { graph } = p.body;
    const found: NodeId[] = [];
    let node = start;
    for (let step = 0; step < MAX_PARTS && node !== NONE; step++) {
      const op: Op = graph.op[node];
      if (op === Op.ArrayLiteral) return found;
      if (op === Op.Store) found.push(p.operand(node, 1));
      else if (op !== Op.Typed && op !== Op.Guard) return undefined;
      node = p.operand(node, 0);
    }
    return undefined;
  }

  /** A class whose fields have decorators that are schemas. */
  private decorated(classNode: NodeId, depth: number): Schema | undefined {
    const { p } = this;
    const { graph } = p.body;
    const fields = new Map<ComponentId, Schema>();
    let isSchema = false;
    for (let node = classNode + 1; node < graph.op.length; node++) {
      if (graph.op[node] !== Op.Call || (graph.aux[node] & CallFlag.Decorator) === 0) continue;
      if (p.operandCount(node) < 4 || p.operand(node, 3) !== classNode) continue;
      const name = constantText(p.body, p.operand(node, 2));
      if (name === undefined) continue;
      const demand = this.read(p.operand(node, 0), depth);
      if (demand !== undefined) isSchema = true;
      const component = p.environment.paths.property(name);
      fields.set(component, both(fields.get(component) ?? ANY, demand ?? ANY));
    }
    return isSchema ? schemaOf(0, fields) : undefined;
  }
}

/** Kinds that a text is harmless for which the regular expression at a node matches, or does not. */
export function patternRemovesAt(p: FunctionView, node: NodeId, holds: boolean): KindSet {
  if (node === NONE) return 0;
  const pattern = patternText(p.body, node);
  if (pattern !== undefined) return p.environment.models.patternRemoves?.(pattern, holds) ?? 0;
  let removes = 0;
  for (const told of yardsticksAt(p, node, false)?.of(holds ? Outcome.Matched : Outcome.Unmatched) ?? [])
    removes |= told.removes;
  return removes;
}
