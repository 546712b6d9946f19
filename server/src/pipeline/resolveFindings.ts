/**
 * From what the solver joined to what people are shown: positions, texts and paths are expanded from the current facts,
 * so they are never older than the text they speak of.
 */
import type { FunctionLocation, Path, ResolvedFinding, Step, StepKind } from '../model/finding';
import { NONE, Op, type NodeId } from '../model/graph';
import { fileOf, type FileId, type FunctionId } from '../model/ids';
import type { FunctionBody } from '../taint/environment';
import type { Joined } from '../taint/join';
import { Mode } from '../taint/summaryTable';
import type { Hop, HopKind, Tracer } from '../taint/trace';
import { describeValue, functionName, locationOf, positionAt, rangeOf } from './describeNodes';
import type { FileFunctions, FunctionBodies } from './functionBodies';
import { slowTextAt } from './slowTexts';

/** Paths told of one finding; that there are more is shown. */
const MAX_PATHS = 5;

export interface ResolutionContext {
  readonly bodies: FunctionBodies;
  readonly tracer: Tracer;
  /** Steps by hop: findings of one sink share most of them. */
  readonly steps: Map<string, Step>;
  /** Absolute path, and path below its root with `/`, of a file. */
  pathOf(file: FileId): { readonly absolute: string; readonly relative: string } | undefined;
  threatModelsOf(kinds: number): readonly string[];
  /** Whether a source of these kinds is a parameter of an exported function, and nothing else. */
  isParameter(kinds: number): boolean;
}

interface Place {
  readonly body: FunctionBody;
  readonly file: FileFunctions;
  readonly path: string;
  readonly relative: string;
}

export interface Resolution {
  readonly finding: ResolvedFinding;
  /** Functions that its paths were looked for in. */
  readonly functions: ReadonlySet<FunctionId>;
}

/** Undefined when the code a finding speaks of is no longer there. */
export function resolveFinding(
  finding: Joined,
  fingerprint: string,
  context: ResolutionContext,
): Resolution | undefined {
  const source = placeOf(finding.source.function, context);
  const sink = placeOf(finding.sink.function, context);
  if (source === undefined || sink === undefined) return undefined;
  const { rule, confidence, others } = finding;
  const { paths, morePaths, crossings, hasGap, functions, storedIn } = resolvePaths(finding, context);
  const sourceText = finding.source.label;
  const resolved: ResolvedFinding = {
    fingerprint,
    rule,
    severity: rule.severity,
    confidence,
    sourceKinds: context.threatModelsOf(finding.source.kinds),
    message:
      rule.message.replaceAll('{source}', sourceText).replaceAll('{sink}', finding.sink.label) +
      slowTextAt(sink.body, finding.sink.node) +
      keptIn(storedIn) +
      alsoFrom(others, context.isParameter(finding.source.kinds)),
    otherSources: others,
    ...(storedIn.length === 0 ? {} : { storedIn }),
    source: locationOf(source.path, source.file, source.body.graph, finding.source.node),
    sourceLabel: finding.source.label,
    sink: locationOf(sink.path, sink.file, sink.body.graph, finding.sink.node),
    sinkLabel: finding.sink.label,
    sourceFunction: functionLocation(source),
    sinkFunction: functionLocation(sink),
    help: rule.help,
    paths,
    morePaths,
    crossings,
    // What is kept outside of the program and read again is meant to be told, and says itself that it is not sure.
    sharedPlaces: storedIn.length > 0 ? 0 : finding.legs.length - 1,
    ...(finding.legs.slice(0, -1).some(({ inMode }) => inMode === Mode.Deep) ? { sharesParts: true } : {}),
    ...(hasGap ? { hasGap } : {}),
  };
  return { finding: resolved, functions };
}

/** Two ends, and the way that was found from one to the other. */
export type Joint = Pick<Joined, 'source' | 'sink' | 'legs'>;

export interface ResolvedPaths extends Pick<ResolvedFinding, 'paths' | 'morePaths'> {
  /** How often the shortest goes from one function to another. */
  readonly crossings: number;
  /** All of them lack steps that were not found again. */
  readonly hasGap: boolean;
  /** Functions that the paths were looked for in. */
  readonly functions: ReadonlySet<FunctionId>;
  /** Places outside of the program that all of them go through, for people. */
  readonly storedIn: readonly string[];
}

/** Why steps of a path are left out. */
const CUT = {
  long: 'the path is very long',
  part: 'no way was found again through the functions in between',
};

export function resolvePaths(joint: Joint, context: ResolutionContext): ResolvedPaths {
  const traced = context.tracer.paths(joint.legs, MAX_PATHS);
  const paths = traced.paths.map(({ hops, cut }): Path => {
    const steps = toSteps(hops, joint, context);
    return cut === undefined ? { steps } : { steps, truncated: CUT[cut] };
  });
  const { functions, storedIn } = traced;
  const crossings = traced.paths.length === 0 ? 0 : Math.min(...traced.paths.map(({ hops }) => crossingsOf(hops)));
  const hasGap = traced.paths.every(({ cut }) => cut === 'part');
  return { paths: distinctPaths(paths), morePaths: traced.hasMore ? -1 : 0, crossings, hasGap, functions, storedIn };
}

/** A second-order flow: it goes through what the program keeps, and who reads it there is told by its name alone. */
function keptIn(places: readonly string[]): string {
  return places.length === 0 ? '' : ` Second-order: it is kept in ${places.join(', then in ')} in between.`;
}

function crossingsOf(hops: readonly Hop[]): number {
  let crossings = 0;
  for (let i = 1; i < hops.length; i++) if (hops[i].function !== hops[i - 1].function) crossings++;
  return crossings;
}

function alsoFrom(others: number, areParameters: boolean): string {
  if (others === 0) return '';
  const what = areParameters ? 'exported parameter' : 'source';
  return others === 1 ? ` One more ${what} reaches it.` : ` ${String(others)} more ${what}s reach it.`;
}

function placeOf(id: FunctionId, context: ResolutionContext): Place | undefined {
  const body = context.bodies.body(id);
  const file = context.bodies.file(fileOf(id));
  const path = context.pathOf(fileOf(id));
  if (body === undefined || file === undefined || path === undefined) return undefined;
  return { body, file, path: path.absolute, relative: path.relative };
}

function functionLocation({ body, file, path }: Place): FunctionLocation {
  const { lineStarts } = file.reader;
  const isModule = body.graph.parent === NONE;
  const [start, end] = isModule ? [0, 0] : body.graph.nameRange;
  return {
    path,
    range: { start: positionAt(lineStarts, start), end: positionAt(lineStarts, end) },
    name: isModule ? '' : functionName(body),
  };
}

function toSteps(hops: readonly Hop[], finding: Joint, context: ResolutionContext): Step[] {
  const steps: Step[] = [];
  let seenSource = false;
  for (const hop of hops) {
    const place = placeOf(hop.function, context);
    if (place === undefined || hop.node < 0 || hop.node >= place.body.graph.op.length) continue;
    const isSource = hop.function === finding.source.function && hop.node === finding.source.node;
    // What comes before the source proper (`req` before `req.query`) is not part of the story.
    if (isSource && !seenSource) steps.length = 0;
    seenSource ||= isSource;
    const isSink = hop.kind === 'sink';
    const label = isSink ? finding.sink.label : finding.source.label;
    if (isSource && steps.length === 0) steps.push(toStep(hop, place, 'source', label));
    else if (isSink) steps.push(toStep(hop, place, 'sink', label));
    else steps.push(sharedStep(hop, place, context));
  }
  if (steps.length === 0 || steps[0].kind !== 'source') {
    const place = placeOf(finding.source.function, context);
    if (place !== undefined) {
      steps.unshift({
        kind: 'source',
        location: { path: place.path, range: rangeOf(place.file, place.body.graph, finding.source.node) },
        text: finding.source.label,
        functionName: functionName(place.body),
      });
    }
  }
  return withoutRepeats(steps);
}

function sharedStep(hop: Hop, place: Place, context: ResolutionContext): Step {
  const key = `${String(hop.function)} ${String(hop.node)} ${hop.kind} ${String(hop.callee)} ${hop.place ?? ''}`;
  let step = context.steps.get(key);
  if (step === undefined) {
    const kind = stepKind(hop.kind, place.body, hop.node);
    context.steps.set(key, (step = toStep(hop, place, kind, stepText(hop, place.body, context))));
  }
  return step;
}

function toStep(hop: Hop, place: Place, kind: StepKind, text: string): Step {
  const location = locationOf(place.path, place.file, place.body.graph, hop.node);
  return { kind, location, text, functionName: functionName(place.body) };
}

function stepKind(kind: HopKind, body: FunctionBody, node: NodeId): StepKind {
  switch (kind) {
    case 'start':
    case 'flow':
      return body.graph.op[node] === Op.Load || body.graph.op[node] === Op.LoadElement ? 'load' : 'flow';
    case 'keep':
      return 'store';
    case 'retrieve':
      return 'load';
    case 'call':
    case 'return':
    case 'store':
    case 'sink':
      return kind;
  }
}

function stepText(hop: Hop, body: FunctionBody, context: ResolutionContext): string {
  const { graph, strings } = body;
  const value = (): string => describeValue(body, hop.node);
  if (hop.kind === 'keep') return `kept in ${hop.place ?? 'a place'}`;
  if (hop.kind === 'retrieve') return `taken out of ${hop.place ?? 'a place'}`;
  if (hop.kind === 'call' || hop.kind === 'return') {
    const callee = hop.callee === undefined ? undefined : context.bodies.body(hop.callee);
    const name =
      callee === undefined ? describeValue(body, graph.operands[graph.operandStart[hop.node]]) : functionName(callee);
    if (graph.op[hop.node] === Op.Closure) return `captured by ${quote(name)}`;
    return hop.kind === 'call' ? `passed to ${quote(name)}` : `comes back from ${quote(name)}`;
  }
  switch (graph.op[hop.node] as Op) {
    case Op.Load:
      return `read from ${quote(value())}`;
    case Op.LoadElement:
    case Op.Iterate:
      return 'read from an element';
    case Op.Store:
      return `stored in ${quote(strings[graph.aux[hop.node]])}`;
    case Op.StoreElement:
      return 'stored under a computed key';
    case Op.Concat:
      return 'becomes part of a string';
    case Op.Call:
    case Op.New:
      return `passes through ${quote(value())}`;
    case Op.Param:
    case Op.RestParam:
      return `arrives as ${quote(value())}`;
    case Op.Captured:
    case Op.Cell:
      return `variable ${quote(value())}`;
    case Op.Await:
      return 'awaited';
    case Op.Return:
      return 'returned';
    case Op.ForInKey:
      return 'its keys are read';
    case Op.Copy:
      return 'its properties are copied';
    default:
      return 'flows on';
  }
}

const quote = (text: string): string => `\`${text}\``;

/** Steps at the very same place say one thing; the last of them says it best, except for source and sink. */
function withoutRepeats(steps: readonly Step[]): Step[] {
  const result: Step[] = [];
  for (const step of steps) {
    const previous = result.at(-1);
    if (previous !== undefined && isSamePlace(previous, step)) {
      if (previous.kind === 'source' && step.kind !== 'sink') continue;
      if (previous.kind !== 'source') result.pop();
    }
    result.push(step);
  }
  return result;
}

function isSamePlace(a: Step, b: Step): boolean {
  const [x, y] = [a.location.range, b.location.range];
  return (
    a.location.path === b.location.path &&
    x.start.line === y.start.line &&
    x.start.character === y.start.character &&
    x.end.line === y.end.line &&
    x.end.character === y.end.character
  );
}

function distinctPaths(paths: readonly Path[]): Path[] {
  const seen = new Set<string>();
  return paths.filter((path) => {
    const key = path.steps
      .map(
        ({ location }) =>
          `${location.path}:${String(location.range.start.line)}:${String(location.range.start.character)}`,
      )
      .join('>');
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
