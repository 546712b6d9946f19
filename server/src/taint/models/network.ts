/**
 * The network of API places: a graph whose nodes are places (`express.Member[get].Argument[1]`) and whose edges are the
 * steps of the path grammar. Types are nodes that several places lead to, which makes fluent and recursive APIs finite.
 * It is non-deterministic; `automaton.ts` makes it deterministic as far as a program asks.
 */
import type {
  CallModel,
  Component,
  KindSet,
  ModelCheck,
  ModelCondition,
  ModelFlow,
  ModelGuard,
  ModelPlace,
  ModelSchema,
  ModelSource,
  ModelStore,
  SchemaPlace,
} from '../../model/summary';
import type { PathStep, Span } from './pathGrammar';

export interface SinkFacet {
  readonly kind: KindSet;
  readonly label: string;
  /** Any of these is enough; none means always. */
  readonly when: readonly ModelCondition[];
  readonly ofTexts: boolean;
}

export interface SourceFacet {
  readonly kinds: number;
  readonly label: string;
  /** Kinds it can do no harm as: names of files hold no slashes. */
  readonly removes: KindSet;
  /** A property: it comes in where that is read, and not where the value is handed on. */
  readonly isRead: boolean;
  readonly isObject: boolean;
  /** Any of these is enough; none means always. Conditions are on the call that hands the source over. */
  readonly when: readonly ModelCondition[];
}

export interface FlowFacet {
  readonly from: ModelPlace;
  readonly to: ModelPlace;
  readonly removes: KindSet;
  readonly derives: boolean;
  readonly replaces?: { readonly pattern: number; readonly by?: number; readonly everyText?: boolean };
  readonly restores?: KindSet;
  readonly behind?: NonNullable<ModelFlow['behind']>;
  readonly below?: NonNullable<ModelFlow['below']>;
  readonly channel?: number;
  readonly joins?: number;
  readonly groups?: ModelPlace;
  readonly test?: number;
  readonly schema?: SchemaPlace;
  readonly when?: ModelCondition;
  /** Only where the API is called with `new`. */
  readonly constructOnly: boolean;
}

export interface ArgumentEdge {
  readonly span: Span;
  readonly target: ApiNode;
}

export interface ParameterEdge {
  readonly span: Span;
  readonly count: Span;
  readonly target: ApiNode;
}

/** Of most nodes most lists stay empty. */
const NOTHING: readonly never[] = [];
const NO_MEMBERS: ReadonlyMap<string, ApiNode> = new Map();

export class ApiNode {
  members: ReadonlyMap<string, ApiNode> = NO_MEMBERS;
  anyMember: ApiNode | undefined;
  element: ApiNode | undefined;
  returnValue: ApiNode | undefined;
  instance: ApiNode | undefined;
  receiver: ApiNode | undefined;
  /** All that lies below, for sinks and sources that take a value with everything in it. */
  anything: ApiNode | undefined;
  arguments: readonly ArgumentEdge[] = NOTHING;
  parameters: readonly ParameterEdge[] = NOTHING;
  /** Places this one is too: a type, its base, the value of a promise. */
  also: readonly ApiNode[] = NOTHING;

  sinks: readonly SinkFacet[] = NOTHING;
  sources: readonly SourceFacet[] = NOTHING;
  flows: readonly FlowFacet[] = NOTHING;
  guards: readonly ModelGuard[] = NOTHING;
  schemas: readonly ModelSchema[] = NOTHING;
  checks: readonly ModelCheck[] = NOTHING;
  stores: readonly ModelStore[] = NOTHING;
  /** What calls take out of places that keep data. */
  retrieves: readonly ModelSource[] = NOTHING;
  /** Kinds that reading this property removes. */
  readRemoves: KindSet = 0;
  /** That holds for what collections have, and not for an object that came in with any properties. */
  ofCollections = false;
  /** Kinds for which a value is harmless where this property of it is not above some constant. */
  limits: KindSet = 0;
  /** Kinds for which a value is harmless where this property of it is known. */
  decides: KindSet = 0;
  passesThrough = -1;
  /** The result of a call has no prototype when this holds. */
  withoutPrototype: ModelCondition | undefined;
  /** The result of a call lists the keys of the object there. */
  listsKeysOf: ModelPlace | undefined;
  listsEntriesOf: ModelPlace | undefined;
  /** A call copies properties of its arguments. */
  copies: CallModel['copies'];
  /** The result of a call is the text of its arguments with this between them. */
  joined: string | undefined;
  /** The result of a call is a copy. */
  clones = false;
  /** The result of a call is a text that begins so. */
  begins: string | undefined;
  /** The result of a call holds no way up behind its beginning: harmless for these kinds below something. */
  tidy: KindSet = 0;
  /** Name of the type, if functions that are given such a value share what they write on it. */
  shared: string | undefined;
  /** A key that nobody knows reads none of the members described. */
  namedOnly = false;
  /** A model says what calling it does, if only that nothing flows. */
  isModelled = false;

  constructor(
    readonly id: number,
    /** The path in full, for hashes: `express.Member[get]`. */
    readonly description: string,
    /** The path for people: `express.get`. */
    readonly shownName: string,
    /** The last property name on the way. */
    readonly lastName: string,
    /** Something given to a call or by it: its names don't belong to the name of the API. */
    readonly isBelowCall: boolean,
  ) {}

  /** Places this one is too. */
  isAlso(...places: readonly ApiNode[]): void {
    if (places.length > 0) this.also = [...this.also, ...places];
  }

  /** True when nothing is known of the place but that it is another one too. */
  get isAlias(): boolean {
    return this.also.length > 0 && this.sources.length === 0 && this.leadsNowhere;
  }

  /** True when nothing is known of what lies below the place or of what is done with it. */
  get leadsNowhere(): boolean {
    const { members, anyMember, element, returnValue, instance, receiver, anything } = this;
    return (
      members.size + this.arguments.length + this.parameters.length === 0 &&
      (anyMember ?? element ?? returnValue ?? instance ?? receiver ?? anything) === undefined &&
      this.sinks.length + this.flows.length + this.guards.length + this.schemas.length === 0 &&
      this.stores.length + this.retrieves.length === 0 &&
      this.readRemoves === 0 &&
      this.passesThrough < 0 &&
      !this.isModelled
    );
  }
}

/** More nodes than any part of a document makes. */
const NODES_OF_A_PART = 2 ** 20;

export class Network {
  /** Called before somebody looks at what lies below a package. */
  onReached: (name: string) => void = () => undefined;
  private nextId = 0;
  /** The global object. */
  readonly globalObject = this.root('global', '');
  /** A value nobody knows. */
  readonly unknownValue = this.root('any', '');
  private readonly packages = new Map<string, ApiNode>();

  /** Nodes that are made from now on belong to part `part` of all, from 1, which is begun once. */
  begin(part: number): void {
    this.nextId = part * NODES_OF_A_PART;
  }

  /** The package with this name, if anything is said of it. */
  reach(name: string): ApiNode | undefined {
    const node = this.packages.get(name);
    if (node !== undefined) this.onReached(name);
    return node;
  }

  root(description: string, shownName: string): ApiNode {
    return this.make(description, shownName, shownName, false);
  }

  package(name: string): ApiNode {
    let node = this.packages.get(name);
    if (node === undefined) this.packages.set(name, (node = this.root(`package ${name}`, name)));
    return node;
  }

  /** The nodes that `steps` lead to from `from`; made where they aren't there yet. What is called on the way is modelled. */
  follow(from: ApiNode, steps: readonly PathStep[]): readonly ApiNode[] {
    let nodes: readonly ApiNode[] = [from];
    for (const step of steps) nodes = nodes.flatMap((node) => this.step(node, step));
    return nodes;
  }

  private step(node: ApiNode, step: PathStep): readonly ApiNode[] {
    switch (step.kind) {
      case 'member':
        return step.names.map((name) => this.member(node, name));
      case 'anyMember':
        return [(node.anyMember ??= this.below(node, 'Member[*]'))];
      case 'element':
        return [(node.element ??= this.below(node, 'Element'))];
      case 'return':
        node.isModelled = true;
        return [(node.returnValue ??= this.below(node, 'ReturnValue'))];
      case 'instance':
        node.isModelled = true;
        return [(node.instance ??= this.below(node, 'Instance'))];
      case 'receiver':
        node.isModelled = true;
        return [(node.receiver ??= this.below(node, 'Receiver'))];
      case 'anything':
        return [(node.anything ??= this.below(node, 'Anything'))];
      case 'argument': {
        node.isModelled = true;
        const known = node.arguments.find(({ span }) => span.from === step.span.from && span.to === step.span.to);
        if (known !== undefined) return [known.target];
        const target = this.below(node, `Argument[${spanText(step.span)}]`);
        node.arguments = [...node.arguments, { span: step.span, target }];
        return [target];
      }
      case 'parameter': {
        const { span, count } = step;
        const known = node.parameters.find((edge) => sameSpan(edge.span, span) && sameSpan(edge.count, count));
        if (known !== undefined) return [known.target];
        const target = this.below(node, `Parameter[${spanText(span)} of ${spanText(count)}]`);
        node.parameters = [...node.parameters, { span, count, target }];
        return [target];
      }
      case 'awaited':
        return [this.awaited(node)];
    }
  }

  member(node: ApiNode, name: string): ApiNode {
    let target = node.members.get(name);
    if (target === undefined) {
      const shown = node.isBelowCall ? node.shownName : joinShown(node.shownName, name);
      target = this.make(`${node.description}.Member[${name}]`, shown, name, node.isBelowCall);
      // Only the one map of those that have none is shared.
      if (node.members === NO_MEMBERS) node.members = new Map();
      (node.members as Map<string, ApiNode>).set(name, target);
    }
    return target;
  }

  /**
   * A promise and its value are one value to the analysis, so what is awaited is where the promise is; `then` hands it to
   * its callback, `catch` and `finally` give the promise again.
   */
  private awaited(node: ApiNode): ApiNode {
    const description = `${node.description}.Awaited`;
    const known = node.also.find((other) => other.description === description);
    if (known !== undefined) return known;
    const value = this.below(node, 'Awaited');
    node.isAlso(value);
    const callback = this.below(node, 'then');
    callback.parameters = [{ span: { from: 0, to: 0 }, count: { from: 0, to: Infinity }, target: value }];
    const then = this.member(node, 'then');
    then.arguments = [...then.arguments, { span: { from: 0, to: 0 }, target: callback }];
    for (const name of ['catch', 'finally']) this.member(node, name).returnValue ??= node;
    return value;
  }

  private below(node: ApiNode, step: string): ApiNode {
    const isBelowCall = node.isBelowCall || step.startsWith('Argument') || step.startsWith('Parameter');
    return this.make(`${node.description}.${step}`, node.shownName, node.lastName, isBelowCall);
  }

  private make(description: string, shownName: string, lastName: string, isBelowCall: boolean): ApiNode {
    return new ApiNode(this.nextId++, description, shownName, lastName, isBelowCall);
  }
}

const joinShown = (prefix: string, name: string): string => (prefix === '' ? name : `${prefix}.${name}`);
const sameSpan = (a: Span, b: Span): boolean => a.from === b.from && a.to === b.to;
const spanText = ({ from, to }: Span): string =>
  from === to ? String(from) : to === Infinity ? `${String(from)}..` : `${String(from)}..${String(to)}`;

/** True when position `index` of `count` lies in the span; negative ends count from the last. */
export function isInSpan(span: Span, index: number, count: number): boolean {
  const from = span.from < 0 ? count + span.from : span.from;
  const to = span.to < 0 ? count + span.to : span.to;
  return index >= from && index <= to;
}

/** A path of components below a place, with the node it leads to. */
export interface Below {
  readonly path: readonly Component[];
  readonly node: ApiNode;
}
