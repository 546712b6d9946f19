/** At which paths of a place that functions share something is told to others. */
import { C_ANYTHING, C_PROTOTYPE, EMPTY, type PathId, type PathTable } from './accessPaths';

/** What lies in a captured variable: calls of a value say too little about a place that many functions share. */
export function isToldOfCell(paths: PathTable, path: PathId): boolean {
  return !paths.hasCall(path) && !paths.contains(path, C_PROTOTYPE);
}

/** What lies in the fields of a class: "something of this object" says too little, too. */
export function isToldOfClass(paths: PathTable, path: PathId): boolean {
  return isToldOfCell(paths, path) && path !== EMPTY && paths.head(path) !== C_ANYTHING;
}

/** A path with the channel named. */
export function onChannel(paths: PathTable, path: PathId, name: string): PathId {
  if (path === EMPTY) return EMPTY;
  const head = paths.head(path);
  const component = paths.isChannel(head) ? paths.component(`${paths.text(head)} ${name}`) : head;
  return paths.cons(component, onChannel(paths, paths.tail(path), name));
}
