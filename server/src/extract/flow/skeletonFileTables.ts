/**
 * The parts of a skeleton that are tables of the file as they stand in its flow graph: functions, classes, imports.
 */
import type { FlatGraph } from '../../model/flatGraph';
import { FunctionFlag, NONE } from '../../model/graph';
import { distinctHashes } from '../../model/ids';
import { IMPORT_KINDS } from '../../model/skeleton';
import { twinOrdinals } from './skeletonOps';
import type { Arena } from './skeletonTables';

/** Numbers strings of the graph in the skeleton's table. */
export interface Strings {
  string(id: number): number;
}

export interface FunctionTables {
  readonly keyHash: Uint32Array;
  readonly flags: Int32Array;
  readonly ofClass: Int32Array;
  readonly parameters: Int32Array;
}

export function functionTables({ functions }: FlatGraph, arena: Arena): FunctionTables {
  const keyHash = arena.uint32(functions.length);
  const flags = arena.int32(functions.length);
  const ofClass = arena.int32(functions.length);
  const parameters = arena.int32(functions.length);
  for (let f = 0; f < functions.length; f++) {
    const fn = functions[f];
    keyHash[f] = fn.keyHash;
    flags[f] = fn.flags & ~(FunctionFlag.Partial | FunctionFlag.Truncated);
    ofClass[f] = fn.classIndex;
    parameters[f] = fn.cellsFrom - fn.namesFrom;
  }
  distinctHashes(keyHash);
  return { keyHash, flags, ofClass, parameters };
}

export interface ClassTables {
  readonly name: Int32Array;
  readonly inFunction: Int32Array;
  readonly ofConstructor: Int32Array;
  readonly ordinal: Int32Array;
  readonly memberStart: Uint32Array;
  readonly memberName: Int32Array;
  readonly memberFunction: Int32Array;
  readonly memberIsStatic: Uint8Array;
}

export function classTables({ classes, strings }: FlatGraph, arena: Arena, names: Strings): ClassTables {
  const name = arena.int32(classes.length);
  const inFunction = arena.int32(classes.length);
  const ofConstructor = arena.int32(classes.length);
  const memberStart = arena.uint32(classes.length + 1);
  for (let c = 0; c < classes.length; c++) {
    const facts = classes[c];
    name[c] = facts.name === NONE || strings[facts.name] === '' ? NONE : names.string(facts.name);
    inFunction[c] = facts.functionIndex;
    ofConstructor[c] = facts.constructorIndex;
    memberStart[c + 1] = memberStart[c] + facts.members.length;
  }
  const memberName = arena.int32(memberStart[classes.length]);
  const memberFunction = arena.int32(memberName.length);
  const memberIsStatic = arena.bytes(memberName.length);
  for (let c = 0, m = 0; c < classes.length; c++) {
    for (const member of classes[c].members) {
      memberName[m] = names.string(member.name);
      memberFunction[m] = member.functionIndex;
      memberIsStatic[m++] = member.isStatic ? 1 : 0;
    }
  }
  const ordinal = arena.int32(classes.length);
  if (classes.length > 1) twinOrdinals(name, inFunction, ordinal);
  return { name, inFunction, ofConstructor, ordinal, memberStart, memberName, memberFunction, memberIsStatic };
}

export interface ImportTables {
  readonly specifier: Int32Array;
  readonly kind: Uint8Array;
}

export function importTables({ imports }: FlatGraph, arena: Arena, names: Strings): ImportTables {
  const specifier = arena.int32(imports.length);
  const kind = arena.bytes(imports.length);
  for (let i = 0; i < imports.length; i++) {
    specifier[i] = names.string(imports[i].specifier);
    kind[i] = IMPORT_KINDS.indexOf(imports[i].kind);
  }
  return { specifier, kind };
}
