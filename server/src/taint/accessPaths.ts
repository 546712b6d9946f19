/**
 * Interned access paths. A path is a small integer; its components are small integers too. Paths are shared by all
 * functions of one solver and live as long as it does: there are few, because their length is bounded.
 */
import { NumberMap } from '../base/numberMap';
import {
  ANYTHING,
  CHANNEL,
  ELEMENT,
  PROTOTYPE,
  REJECTED,
  RESULT,
  type AccessPath,
  type Component,
} from '../model/summary';

export type PathId = number;
export type ComponentId = number;

export const EMPTY: PathId = 0;
/** Path ids are below this. */
export const MAX_PATHS = 2 ** 21;

/** Longest path that is kept; what is deeper is cut to `*`. Chosen by measuring detection against time. */
export const MAX_LENGTH = 3;
/** Calls of callbacks need room for the member, the argument and what lies in it. */
export const MAX_CALL_LENGTH = 4;

/** Calls within one path: the result of a function that was handed to a callback is two. */
const MAX_CALL_STEPS = 2;

export const C_ELEMENT: ComponentId = 1;
export const C_RESULT: ComponentId = 2;
export const C_PROTOTYPE: ComponentId = 3;
export const C_ANYTHING: ComponentId = 4;
export const C_REJECTED: ComponentId = 5;
const FIXED: readonly Component[] = ['', ELEMENT, RESULT, PROTOTYPE, ANYTHING, REJECTED];

const enum ComponentKind {
  Name,
  /** A name that is an array position. */
  Position,
  Special,
  /** `(n)`: an argument given to the value. */
  Argument,
}

export class PathTable {
  private readonly componentIds = new Map<string, ComponentId>();
  private readonly componentTexts: string[] = [];
  private readonly componentKinds: ComponentKind[] = [];
  private readonly channels = new Set<ComponentId>();
  private readonly conses = new NumberMap(1024);
  private readonly heads: ComponentId[] = [0];
  private readonly tails: PathId[] = [EMPTY];
  private readonly lengths: number[] = [0];
  /** 1 where the path holds a call of the value (an argument component). */
  private readonly calls: (0 | 1)[] = [0];
  private readonly callSteps: number[] = [0];

  private readonly texts: string[] = [''];

  constructor() {
    for (const text of FIXED) this.component(text);
  }

  get size(): number {
    return this.heads.length;
  }

  component(text: Component): ComponentId {
    const known = this.componentIds.get(text);
    if (known !== undefined) return known;
    const id = this.componentTexts.length;
    this.componentIds.set(text, id);
    this.componentTexts.push(text);
    if (text.startsWith(CHANNEL)) this.channels.add(id);
    const first = text.charCodeAt(0);
    this.componentKinds.push(
      id > 0 && id < FIXED.length
        ? ComponentKind.Special
        : first === 40 && text.endsWith(')')
          ? ComponentKind.Argument
          : first >= 48 && first <= 57
            ? ComponentKind.Position
            : ComponentKind.Name,
    );
    return id;
  }

  /** The component of a property name; names that look like another component are escaped. */
  property(name: string): ComponentId {
    const first = name.charCodeAt(0);
    return this.component(
      first === 40 || first === 42 || first === 91 || first === 94 || first === 92 ? `\\${name}` : name,
    );
  }

  text(component: ComponentId): Component {
    return this.componentTexts[component];
  }

  isArgument(component: ComponentId): boolean {
    return this.componentKinds[component] === ComponentKind.Argument;
  }

  isProperty(component: ComponentId): boolean {
    const kind = this.componentKinds[component];
    return kind === ComponentKind.Name || kind === ComponentKind.Position;
  }

  /** What lies there is heard whenever who hears it began to listen. */
  isChannel(component: ComponentId): boolean {
    return this.channels.size > 0 && this.channels.has(component);
  }

  head(path: PathId): ComponentId {
    return this.heads[path];
  }

  tail(path: PathId): PathId {
    return this.tails[path];
  }

  length(path: PathId): number {
    return this.lengths[path];
  }

  /** Puts a component in front; cuts what becomes too deep. */
  cons(component: ComponentId, tail: PathId): PathId {
    const isCall = this.calls[tail] === 1 || this.isArgument(component);
    const limit = isCall ? MAX_CALL_LENGTH : MAX_LENGTH;
    if (this.lengths[tail] >= limit) tail = this.cut(tail, limit - 1);
    return this.intern(component, tail);
  }

  /** An argument given to the value when it is called, or its result. */
  isCallStep(component: ComponentId): boolean {
    return component === C_RESULT || this.isArgument(component);
  }

  /** "Anything in it", or in an element of it: says nothing of where something lies. */
  isVague(path: PathId): boolean {
    let rest = path;
    while (rest !== EMPTY && this.head(rest) === C_ELEMENT) rest = this.tail(rest);
    return rest !== EMPTY && this.head(rest) === C_ANYTHING;
  }

  /** `first` followed by `second`, cut like `cons`. */
  concat(first: PathId, second: PathId): PathId {
    if (first === EMPTY) return second;
    // Nothing in front of it is cut: paths within the limits are so from any of their components on.
    if (second === EMPTY && this.lengths[first] <= MAX_LENGTH) return first;
    if (this.heads[first] === C_ANYTHING) return first;
    return this.cons(this.heads[first], this.concat(this.tails[first], second));
  }

  append(path: PathId, component: ComponentId): PathId {
    return this.concat(path, this.intern(component, EMPTY));
  }

  /** True when a component of the value called is in the path. */
  hasCall(path: PathId): boolean {
    return this.calls[path] === 1;
  }

  /** True for functions that functions are given or give, and so on, deeper than anybody follows. */
  isTooDeep(path: PathId): boolean {
    return this.callSteps[path] > MAX_CALL_STEPS;
  }

  /**
   * Whether a read of `read` sees what was written at `written`. Unknown keys meet every property.
   * Returns 2 for a certain match, 1 for a possible one, 0 for none.
   */
  matches(written: ComponentId, read: ComponentId): 0 | 1 | 2 {
    if (written === read) return 2;
    if (written === C_ANYTHING) return this.isProperty(read) || read === C_ELEMENT ? 1 : 0;
    if (written === C_ELEMENT)
      return this.componentKinds[read] === ComponentKind.Position ? 2 : this.isProperty(read) ? 1 : 0;
    if (read === C_ELEMENT)
      return this.componentKinds[written] === ComponentKind.Position ? 2 : this.isProperty(written) ? 1 : 0;
    return 0;
  }

  contains(path: PathId, component: ComponentId): boolean {
    for (let rest = path; rest !== EMPTY; rest = this.tails[rest]) if (this.heads[rest] === component) return true;
    return false;
  }

  of(path: AccessPath): PathId {
    let result = EMPTY;
    for (let i = path.length - 1; i >= 0; i--) result = this.intern(this.component(path[i]), result);
    return result;
  }

  /** The components of a path as one text, for sorting and hashing. */
  textOf(path: PathId): string {
    let text = this.texts[path] as string | undefined;
    if (text === undefined) {
      const tail = this.tails[path];
      const head = this.componentTexts[this.heads[path]];
      text = tail === EMPTY ? head : `${head}.${this.textOf(tail)}`;
      this.texts[path] = text;
    }
    return text;
  }

  components(path: PathId): Component[] {
    const result: Component[] = [];
    for (let rest = path; rest !== EMPTY; rest = this.tails[rest]) result.push(this.componentTexts[this.heads[rest]]);
    return result;
  }

  private cut(path: PathId, length: number): PathId {
    if (path === EMPTY) return EMPTY;
    if (length <= 1)
      return this.heads[path] === C_ANYTHING || this.tails[path] === EMPTY
        ? this.intern(this.heads[path], EMPTY)
        : this.intern(C_ANYTHING, EMPTY);
    return this.intern(this.heads[path], this.cut(this.tails[path], length - 1));
  }

  private intern(component: ComponentId, tail: PathId): PathId {
    const key = tail * 0x1000000 + component;
    const known = this.conses.get(key, -1);
    if (known >= 0) return known;
    const id = this.heads.length;
    this.conses.set(key, id);
    this.heads.push(component);
    this.tails.push(tail);
    this.lengths.push(this.lengths[tail] + 1);
    this.calls.push(this.calls[tail] === 1 || this.isArgument(component) ? 1 : 0);
    this.callSteps.push(this.callSteps[tail] + (this.isCallStep(component) ? 1 : 0));
    return id;
  }
}
