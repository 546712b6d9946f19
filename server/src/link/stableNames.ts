/**
 * Names and hashes of values that mean the same in every process and do not depend on ids: paths, function keys,
 * descriptions of API states. Link hashes and orders of targets are made of them.
 */
import { hashKey } from '../model/ids';
import type { FileId } from '../model/ids';
import type { ApiAutomaton } from '../model/links';
import type { Evaluator } from './evaluator';
import { EMPTY, TOO_MANY } from './intSets';
import type { IntSets, SetId } from './intSets';
import { propertiesOf } from './properties';
import type { NodeNumber } from './termGraph';
import { ValueKind } from './values';
import type { ValueId, ValueTable } from './values';

/** Properties of properties whose functions belong to the shape of a value. */
export const SHAPE_DEPTH = 2;

export class StableNames {
  private readonly apis = new Map<ValueId, string>();
  /** By value; 0 where it was not asked for. */
  private hashes = new Int32Array(1024);
  private readonly entityHashes = new Map<ValueId, number>();
  private readonly pathHashes = new Map<FileId, number>();
  /** By object and depth. */
  private readonly shapes = new Map<number, NodeNumber>();

  constructor(
    private readonly values: ValueTable,
    private readonly automaton: ApiAutomaton,
    private readonly pathOf: (file: FileId) => string | undefined,
  ) {}

  path(file: FileId): string {
    return this.pathOf(file) ?? '';
  }

  api(value: ValueId): string {
    let name = this.apis.get(value);
    if (name === undefined) this.apis.set(value, (name = this.automaton.describe(this.values.state(value))));
    return name;
  }

  /** Of a Function, Class or Object: `path#key`. */
  entity(value: ValueId): string {
    return `${this.path(this.values.fileOf(value))}#${this.values.keyOf(value).toString(36)}`;
  }

  /** 32-bit hash of the text of an entity. */
  entityHash(value: ValueId): number {
    let hash = this.entityHashes.get(value);
    if (hash !== undefined) return hash;
    hash = 0;
    const text = this.entity(value);
    for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
    this.entityHashes.set(value, hash);
    return hash;
  }

  /** 32-bit hash of a Function, Class, Object, Api or Unmodelled. */
  hash(value: ValueId): number {
    if (value >= this.hashes.length) {
      const larger = new Int32Array(Math.max(value + 1, this.hashes.length * 2));
      larger.set(this.hashes);
      this.hashes = larger;
    }
    return this.hashes[value] || (this.hashes[value] = this.computeHash(value));
  }

  /** Order of targets: by what they are and where, the same in every process. */
  compare(a: ValueId, b: ValueId): number {
    if (a === b) return 0;
    const { values } = this;
    const kind = values.kind(a);
    if (kind !== values.kind(b)) return kind - values.kind(b);
    switch (kind) {
      case ValueKind.Api:
        return order(this.api(a), this.api(b));
      case ValueKind.Unmodelled:
        return order(values.name(a), values.name(b));
      case ValueKind.Bound:
        return this.compare(values.inner(a), values.inner(b)) || values.boundCount(a) - values.boundCount(b);
      case ValueKind.Function:
      case ValueKind.Class:
      case ValueKind.Object:
        return order(this.path(values.fileOf(a)), this.path(values.fileOf(b))) || values.keyOf(a) - values.keyOf(b);
      case ValueKind.Instance:
      case ValueKind.Prototype:
      case ValueKind.Allocated:
        return this.compare(values.inner(a), values.inner(b));
    }
  }

  /**
   * Hash of the functions that a set of values holds, itself and in properties of object literals: what
   * `LinkView.functionsAt` can find there. 0 where there are none.
   */
  shape(evaluator: Evaluator, set: SetId): number {
    return this.shapeOf(evaluator, set, SHAPE_DEPTH);
  }

  /** Forgets shapes, because the graph was cleared. */
  forget(): void {
    this.shapes.clear();
  }

  /** The object literals of a set: what shapes look into. */
  objectsIn(set: SetId, sets: IntSets): SetId {
    if (set === EMPTY || set === TOO_MANY) return EMPTY;
    const { values } = this;
    return sets.of(
      [...sets.members(set)].filter(
        (value) => values.kind(value) === ValueKind.Object || values.kind(value) === ValueKind.Allocated,
      ),
    );
  }

  private shapeOf(evaluator: Evaluator, set: SetId, depth: number): number {
    if (set === EMPTY || set === TOO_MANY) return 0;
    const { values } = this;
    let result = 0;
    const members = evaluator.sets.members(set);
    for (let i = 0; i < members.length; i++) {
      const value = members[i];
      switch (values.kind(value)) {
        case ValueKind.Function:
          result = (result + this.hash(value)) | 0;
          break;
        case ValueKind.Bound:
          result = (result + this.hash(values.inner(value)) * 3 + values.boundCount(value)) | 0;
          break;
        case ValueKind.Object:
        case ValueKind.Allocated:
          if (depth > 0) result = (result + this.objectShape(evaluator, value, depth)) | 0;
          break;
        case ValueKind.Class:
        case ValueKind.Instance:
        case ValueKind.Prototype:
        case ValueKind.Api:
        case ValueKind.Unmodelled:
          break;
      }
    }
    return result;
  }

  private objectShape(evaluator: Evaluator, value: ValueId, depth: number): number {
    this.evaluator = evaluator;
    return evaluator.remember(this.shapes, value * 4 + depth, this.computeShape);
  }

  private evaluator: Evaluator | undefined;

  private readonly computeShape = (key: number): number => {
    const { evaluator } = this;
    if (evaluator === undefined) return 0;
    const depth = key % 4;
    const properties = propertiesOf(evaluator, (key - depth) / 4);
    let result = 0;
    for (let i = 0; i < properties.length; i++) {
      const property = this.shapeOf(evaluator, properties[i][1], depth - 1);
      if (property !== 0) result = (result + Math.imul(property ^ hashKey(properties[i][0] ?? '[]'), 0x9e3779b1)) | 0;
    }
    return result;
  };

  private computeHash(value: ValueId): number {
    const { values } = this;
    switch (values.kind(value)) {
      case ValueKind.Api:
        return hashKey(this.api(value)) | 1;
      case ValueKind.Unmodelled:
        return (hashKey(values.name(value)) ^ 0x5bd1e995) >>> 0;
      case ValueKind.Function:
      case ValueKind.Class:
      case ValueKind.Object:
        return (
          (Math.imul(this.pathHash(values.fileOf(value)) ^ values.kind(value), 0x85ebca6b) ^ values.keyOf(value)) >>> 0
        );
      case ValueKind.Bound:
        return (Math.imul(this.hash(values.inner(value)), 31) + values.boundCount(value)) >>> 0;
      case ValueKind.Instance:
      case ValueKind.Prototype:
      case ValueKind.Allocated:
        return (Math.imul(this.hash(values.inner(value)), 37) + values.kind(value)) >>> 0;
    }
  }

  private pathHash(file: FileId): number {
    let hash = this.pathHashes.get(file);
    if (hash === undefined) this.pathHashes.set(file, (hash = hashKey(this.path(file))));
    return hash;
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
