/**
 * Objects that functions listen to: what others tell an emitter under a name later (`bus.emit('saved', file)` in a function that is exported) is heard by
 * who asked for it before, through a variable of its own or a field: `const bus = new EventEmitter(); bus.on('saved', …)`.
 */
import { NONE, Op, RECEIVER, type NodeId } from '../model/graph';
import { EMPTY, type PathId } from './accessPaths';
import { constantText } from './constants';
import { onChannel } from './placePaths';
import type { Propagation } from './propagation';
import { maskOf, type Root } from './references';
import { Mode } from './summaryTable';

const RECEIVER_OPERAND = 1;
const FIRST_ARGUMENT = 2;
/** Versions of one object that are looked at. */
const MAX_VERSIONS = 200;
/** Stores to one object that are looked through. */
const MAX_STORES = 100;

/** Starts what is told to an object that is at `prefix` of a root, where `value` is asked. */
export function seedListeners(p: Propagation, value: NodeId, root: Root, prefix: PathId): void {
  const { op } = p.body.graph;
  const { useStart, uses } = p.index;
  let object = value;
  while (object !== NONE && (op[object] === Op.Guard || op[object] === Op.Typed)) object = p.operand(object, 0);
  if (object === NONE) return;
  const isLibrarys = op[object] === Op.New && p.callAt(object).sites.length === 0;
  // The object, also behind tests and calls that may have thrown, and where a chain of calls gives it back.
  const versions = [object];
  for (let next = 0; next < versions.length && next < MAX_VERSIONS; next++) {
    const version = versions[next];
    for (let i = useStart[version]; i < useStart[version + 1]; i += 2) {
      const [user, operand] = [uses[i], uses[i + 1]];
      if (operand === 0 && (op[user] === Op.Guard || op[user] === Op.Typed)) versions.push(user);
      if (op[user] !== Op.Call && op[user] !== Op.New) continue;
      if (operand === RECEIVER_OPERAND) {
        if (seedCall(p, user, version, root, prefix)) versions.push(user);
        // What functions make of an instance of a library's class that they are handed, they mostly do later.
      } else if (operand >= FIRST_ARGUMENT && isLibrarys && p.callAt(user).sites.length > 0)
        told(p, user, operand, version, root, prefix, EMPTY);
    }
  }
}

/** A call that asks to hear of something; false for others. */
function seedCall(p: Propagation, call: NodeId, value: NodeId, root: Root, prefix: PathId): boolean {
  const { paths } = p.environment;
  let isAsking = false;
  for (const { flows } of p.modelsOf(call))
    for (const { channel, from } of flows) {
      const name = channel === undefined || from.root !== 'receiver' ? NONE : channel + FIRST_ARGUMENT;
      if (name === NONE || name >= p.operandCount(call)) continue;
      const text = constantText(p.body, p.operand(call, name));
      if (text === undefined) continue;
      isAsking = true;
      told(p, call, RECEIVER_OPERAND, value, root, prefix, onChannel(paths, paths.of(from.path), text));
    }
  return isAsking;
}

function told(
  p: Propagation,
  user: NodeId,
  operand: number,
  value: NodeId,
  root: Root,
  prefix: PathId,
  path: PathId,
): void {
  const { paths, models } = p.environment;
  const origin = p.origins.intern(root, paths.concat(prefix, path), Mode.Identity);
  p.transferLater(user, operand, value, origin, path, maskOf(models.allKinds, 3));
}

/** The same for emitters that a function puts into fields of its `this`, and asks there. */
export function seedFieldListeners(p: Propagation, root: Root): void {
  const { op, aux } = p.body.graph;
  for (let node = 0; node < op.length; node++)
    if (op[node] === Op.Load && isOwnField(p, p.operand(node, 0), aux[node]))
      seedListeners(p, node, root, p.environment.paths.cons(p.property(aux[node]), EMPTY));
}

/** Whether a property of `this` was written where it is read of this version. */
function isOwnField(p: Propagation, version: NodeId, name: number): boolean {
  const { op, aux } = p.body.graph;
  let node = version;
  let isWritten = false;
  for (let step = 0; step < MAX_STORES && node !== NONE && op[node] === Op.Store; step++) {
    if (aux[node] === name) isWritten = true;
    node = p.operand(node, 0);
  }
  return isWritten && node !== NONE && op[node] === Op.Param && aux[node] === RECEIVER;
}
