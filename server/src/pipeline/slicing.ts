/**
 * Answers what can reach a sink, and what a source reaches. Sources and sinks are found at a place of a file; the slice is worked out of the
 * solver's answers, and what was asked for it is taken back when it is done, so that the index never knows of it.
 */
import type { Location, Position } from '../model/finding';
import { Op } from '../model/graph';
import { fileOf, type FileId, type FunctionId } from '../model/ids';
import type { FlowStatus, SliceEnd, SliceEndKind, SliceFlow, SliceRequest, SliceResult } from '../model/slice';
import type { Rule, SinkRef, SourceRef } from '../model/summary';
import { EMPTY } from '../taint/accessPaths';
import { BackwardSlicing, type Origin } from '../taint/backwardSlice';
import { ForwardSlicing, type SliceStart } from '../taint/forwardSlice';
import { REST, RootKind, confidenceOf, kindBits, kindOf, parameterRoot, type Root } from '../taint/references';
import { sinksIn, sourcesIn, type SliceEndsHost } from '../taint/sliceEnds';
import type { SliceHost, Way } from '../taint/slices';
import { functionName, locationOf } from './describeNodes';
import { resolutionContext } from './presenting';
import { resolvePaths, type ResolutionContext } from './resolveFindings';
import type { Solving } from './solving';
import type { Workspace } from './workspace';

/** Flows that are listed with their paths. */
const MAX_FLOWS = 100;
/** Things near the place that are named. */
const MAX_NEAR = 3;
/** Functions of a file that are looked through for what is near. */
const MAX_LOOKED_THROUGH = 300;
const ALL_KINDS = -1;

/** A source, sink or parameter that stands in a file. */
interface Found {
  readonly function: FunctionId;
  readonly root: Root;
  readonly question: Root;
  readonly end: SliceEnd;
}

/** A pair of source and sink. */
interface Pair {
  readonly source: SourceRef;
  readonly sink: SinkRef;
  readonly isEntryPoint: boolean;
  readonly way: Way;
  readonly end: SliceEnd;
}

/** What ends a slice before it is whole. */
export type Interruption = 'time' | 'other';

export interface SlicingOptions {
  /** Source kinds that the settings ask for. */
  readonly wanted: number;
  /** Called between functions; throws to end it. */
  checkpoint(): void;
  /** Why something was thrown; what was found until then is told when it was only the time. */
  interruption(error: unknown): Interruption;
}

export class Slicing {
  private readonly host: SliceHost;
  private readonly ends: SliceEndsHost;
  private readonly context: ResolutionContext;

  constructor(
    private readonly workspace: Workspace,
    private readonly solving: Solving,
    private readonly options: SlicingOptions,
  ) {
    const host = solving.sliceHost();
    this.host = host;
    this.ends = {
      references: solving.references,
      rootText: (root) => solving.names.rootText(root),
      trace: (id, root) => solving.solver.trace(id, root),
      sourcesOf: (id) => host.sourcesOf(id),
      parametersOf: (id) => host.parametersOf(id),
      flowsOf: (id) => host.flowsOf(id),
    };
    this.context = resolutionContext(workspace, workspace.bodies, solving.tracer());
  }

  /** In steps, between which others may read the index; undefined when answers are left to be worked out before anything can be said. */
  *answer(request: SliceRequest): Generator<void, SliceResult | undefined, undefined> {
    const end = this.solving.solver.beginTrial();
    if (end === undefined) return undefined;
    try {
      const targets = yield* this.find(request);
      if ('outcome' in targets) return targets;
      return yield* request.direction === 'to' ? this.reaching(targets) : this.reachedFrom(targets[0]);
    } finally {
      end();
    }
  }

  private *reaching(targets: readonly Found[]): Generator<void, SliceResult, undefined> {
    const [target] = targets;
    const slicing = new BackwardSlicing(target.function, new Set(targets.map(({ root }) => root)), this.host);
    const isInTime = yield* this.follow(slicing.find());
    const { origins, isCut } = slicing.result();
    const pairs = origins.flatMap((way): Pair[] => {
      const isEntryPoint = kindOf(way.root) !== RootKind.Source;
      // What a framework hands over is known by the models: what is read of it is a source, or nothing untrusted.
      if (isEntryPoint && this.isDescribed(way)) return [];
      const source = isEntryPoint
        ? this.parameterAt(way.function, way.root)
        : this.solving.references.sourceOf(way.root);
      const sink = this.solving.references.sinkOf(way.sink);
      const kind = isEntryPoint ? 'entryPoint' : 'source';
      const end = source && this.endOf(kind, source.function, source.node, source.label);
      return source === undefined || end === undefined ? [] : [{ source, sink, isEntryPoint, way, end }];
    });
    return yield* this.result('to', target.end, pairs, this.notes(isCut, isInTime));
  }

  private *reachedFrom(start: Found): Generator<void, SliceResult, undefined> {
    const { references } = this.solving;
    const from: SliceStart = start;
    const slicing = new ForwardSlicing(from, this.host);
    const isInTime = yield* this.follow(slicing.find());
    const { sinks, isReturned, isCut } = slicing.result();
    const isEntryPoint = kindOf(start.root) !== RootKind.Source;
    const source = isEntryPoint ? this.parameterAt(start.function, start.root) : references.sourceOf(start.root);
    const pairs = [...sinks].flatMap(([root, way]): Pair[] => {
      const sink = references.sinkOf(root);
      const end = this.endOf('sink', sink.function, sink.node, sink.label);
      return source === undefined || end === undefined ? [] : [{ source, sink, isEntryPoint, way, end }];
    });
    const notes = this.notes(isCut, isInTime);
    if (isReturned)
      notes.push({ text: 'The function returns it: what its callers do with that is not part of this answer.' });
    return yield* this.result('from', start.end, pairs, notes);
  }

  /** True when it came to its end. */
  private *follow(steps: Generator<void, void, undefined>): Generator<void, boolean, undefined> {
    try {
      for (let step = steps.next(); step.done !== true; step = steps.next()) {
        this.options.checkpoint();
        yield;
      }
      return true;
    } catch (error) {
      if (this.options.interruption(error) !== 'time') throw error;
      return false;
    }
  }

  private notes(isCut: boolean, isInTime: boolean): Note[] {
    const notes: Note[] = [];
    if (isCut) notes.push({ text: 'Too many functions have to do with it: some were not looked at.', isCut: true });
    if (!isInTime) notes.push({ text: 'It took too long: not all functions were looked at.', isCut: true });
    return notes;
  }

  private *result(
    direction: SliceRequest['direction'],
    target: SliceEnd,
    pairs: readonly Pair[],
    notes: readonly Note[],
  ): Generator<void, SliceResult, undefined> {
    const judged = pairs.map((pair) => ({ pair, ...this.judge(pair), id: this.idOf(pair) }));
    judged.sort(
      (a, b) =>
        ORDER.indexOf(a.status) - ORDER.indexOf(b.status) ||
        confidenceOf(b.pair.way.mask) - confidenceOf(a.pair.way.mask) ||
        a.pair.way.legs.length - b.pair.way.legs.length ||
        (a.id < b.id ? -1 : 1),
    );
    const flows: SliceFlow[] = [];
    for (const { pair, status, rule, remark, id } of judged.slice(0, MAX_FLOWS)) {
      const { source, sink, way, end, isEntryPoint } = pair;
      const { paths, morePaths } = resolvePaths({ source, sink, legs: way.legs }, this.context);
      flows.push({
        id,
        end,
        status,
        remark,
        rule: rule && { id: rule.id, name: rule.name, severity: rule.severity },
        confidence: confidenceOf(way.mask) as SliceFlow['confidence'],
        threatModels: isEntryPoint && source.kinds === 0 ? [] : this.context.threatModelsOf(source.kinds),
        dangerousAs: this.kindNames(kindBits(way.mask)),
        paths,
        morePaths,
      });
      yield;
    }
    return {
      outcome: 'done',
      direction,
      target,
      flows,
      moreFlows: judged.length - flows.length,
      notes: notes.map(({ text }) => text),
      isCut: notes.some(({ isCut }) => isCut === true),
    };
  }

  /** Whether a pair is a finding, and why. */
  private judge({ source, sink, isEntryPoint, way }: Pair): {
    readonly status: FlowStatus;
    readonly rule: Rule | undefined;
    readonly remark: string;
  } {
    const { models } = this.workspace;
    const { wanted } = this.options;
    const kinds = kindBits(way.mask);
    const [rule] = models.rulesFor(source.kinds, sink.kind, kinds);
    const [any] = models.rulesFor(ALL_KINDS, sink.kind, kinds);
    const uncounted =
      models.uncountedIn(this.workspace.relativePathOf(fileOf(source.function))) |
      models.uncountedIn(this.workspace.relativePathOf(fileOf(sink.function)));
    const quoted = (name: string): string => `"${name}"`;
    if (isEntryPoint) {
      const isExported = source.kinds !== 0;
      const who = isExported
        ? 'Code outside can call the function'
        : 'Nothing in the workspace calls the function directly';
      if ((source.kinds & wanted) !== 0 && rule !== undefined)
        return {
          status: 'entryPoint',
          rule,
          remark: `${who}, which the threat model "library" takes for untrusted: ${quoted(rule.name)}.`,
        };
      const what =
        any === undefined ? 'no rule speaks of such a sink' : `${quoted(any.name)} if untrusted data is passed to it`;
      return { status: 'entryPoint', rule: any, remark: `${who}: ${what}.` };
    }
    const models_ = this.context.threatModelsOf(source.kinds).join(', ');
    if (rule === undefined) return { status: 'noRule', rule, remark: 'No rule speaks of such a source and sink.' };
    if ((source.kinds & ~uncounted) === 0)
      return {
        status: 'uncounted',
        rule,
        remark: `${quoted(rule.name)}, but such sources don't count in tests, examples and scripts.`,
      };
    if ((source.kinds & wanted) === 0)
      return {
        status: 'otherThreatModel',
        rule,
        remark: `${quoted(rule.name)} with the threat model "${models_}", which is not set.`,
      };
    return { status: 'finding', rule, remark: `A finding: ${quoted(rule.name)}.` };
  }

  private kindNames(kinds: number): readonly string[] {
    const { models } = this.workspace;
    const names = new Set<string>();
    for (let bit = 1; bit <= kinds && bit > 0; bit <<= 1) if ((kinds & bit) !== 0) names.add(models.kindName(bit));
    return [...names].filter((name) => name !== '').sort();
  }

  private idOf({ source, sink }: Pair): string {
    const { solving } = this;
    return [
      solving.names.stableName(source.function),
      String(source.node),
      source.label,
      solving.names.stableName(sink.function),
      String(sink.node),
      String(sink.operand),
      String(sink.kind),
    ].join('|');
  }

  /** What stands at the place; a whole answer when there is nothing. */
  private *find(request: SliceRequest): Generator<void, readonly Found[] | SliceResult, undefined> {
    const { workspace } = this;
    const file = workspace.idOf(request.path);
    const functions = file === undefined ? undefined : workspace.bodies.file(file);
    if (file === undefined || functions === undefined) {
      return { outcome: 'nothingThere', message: 'The file is not part of the index.', near: [] };
    }
    const found: Found[] = [];
    for (const id of this.nearest(file, functions.ids, request.line)) {
      found.push(...(request.direction === 'to' ? this.sinksOf(id) : this.startsOf(id)));
      this.options.checkpoint();
      yield;
    }
    const at = { line: request.line, character: request.character ?? 0 };
    const ranked = found
      .map((each) => ({ each, rank: rankOf(each.end.location, at, request.character !== undefined) }))
      .sort((a, b) => a.rank - b.rank || startOf(a.each) - startOf(b.each));
    const [best] = ranked;
    if (best !== undefined && best.rank < ON_ANOTHER_LINE) {
      // One call may do harm in several ways.
      return ranked
        .map(({ each }) => each)
        .filter(
          ({ function: id, root, end }) =>
            root === best.each.root ||
            (request.direction === 'to' && id === best.each.function && isSame(end.location, best.each.end.location)),
        );
    }
    const what = request.direction === 'to' ? 'sink' : 'source or parameter';
    return {
      outcome: 'nothingThere',
      message: `There is no ${what} that the models know of on line ${String(request.line + 1)}.`,
      near: ranked.slice(0, MAX_NEAR).map(({ each }) => each.end),
    };
  }

  /** Functions of a file by how near their code is to a line. */
  private nearest(file: FileId, ids: readonly FunctionId[], line: number): readonly FunctionId[] {
    const { bodies } = this.workspace;
    const functions = bodies.file(file);
    if (functions === undefined) return [];
    const { lineStarts } = functions.reader;
    const from = lineStarts[line] ?? Infinity;
    const to = lineStarts[line + 1] ?? Infinity;
    const distances = ids.map((id, index) => {
      const { start, end } = functions.graphOf(index);
      let nearest = Infinity;
      for (let node = 0; node < start.length; node++) {
        const distance = end[node] < from ? from - end[node] : start[node] >= to ? start[node] - to : 0;
        if (distance < nearest) nearest = distance;
      }
      return { id, nearest };
    });
    return distances
      .sort((a, b) => a.nearest - b.nearest)
      .slice(0, MAX_LOOKED_THROUGH)
      .map(({ id }) => id);
  }

  private sinksOf(id: FunctionId): Found[] {
    return sinksIn(id, this.ends).flatMap((root): Found[] => {
      const { node, label } = this.solving.references.sinkOf(root);
      const end = this.endOf('sink', id, node, label);
      return end === undefined ? [] : [{ function: id, root, question: root, end }];
    });
  }

  private startsOf(id: FunctionId): Found[] {
    const sources = sourcesIn(id, this.ends).flatMap(({ root, question }): Found[] => {
      const { node, label } = this.solving.references.sourceOf(root);
      const end = this.endOf('source', id, node, label);
      return end === undefined ? [] : [{ function: id, root, question, end }];
    });
    const parameters = [...this.host.parametersOf(id)].flatMap((root): Found[] => {
      const source = this.parameterAt(id, root);
      const end =
        source &&
        this.endOf(this.host.isEntryPoint(id, root) ? 'entryPoint' : 'parameter', id, source.node, source.label);
      return end === undefined ? [] : [{ function: id, root, question: root, end }];
    });
    return [...sources, ...parameters];
  }

  /** A parameter as a source; undefined for what has no place of its own in the code. */
  private parameterAt(id: FunctionId, root: Root): SourceRef | undefined {
    const body = this.workspace.bodies.body(id);
    if (body === undefined) return undefined;
    const { op, aux, parameters } = body.graph;
    for (let node = 0; node < op.length; node++) {
      const isRest = op[node] === Op.RestParam;
      if (op[node] !== Op.Param && !isRest) continue;
      if (aux[node] < 0 || parameterRoot(isRest ? REST + aux[node] : aux[node]) !== root) continue;
      const name = body.strings[parameters[aux[node]]] ?? '';
      const owner = functionName(body);
      return {
        function: id,
        node,
        // Of one that only the workspace could call nothing is known.
        kinds: this.workspace.models.sourceKindBit('library') & (this.solving.isExported(id) ? ALL_KINDS : 0),
        parameter: { name, owner },
        label: `parameter ${name === '' ? String(aux[node] + 1) : `\`${name}\``} of \`${owner}\``,
      };
    }
    return undefined;
  }

  /** Whether models speak of what is read of a parameter at the beginning of a way. */
  private isDescribed({ function: id, root, legs: [{ inPath }] }: Origin): boolean {
    const { paths } = this.solving;
    const source = this.parameterAt(id, root);
    const states = source && this.solving.statesOf(id, source.node);
    if (states === undefined || states.length === 0) return false;
    const names: string[] = [];
    for (let rest = inPath; rest !== EMPTY && paths.isProperty(paths.head(rest)); rest = paths.tail(rest))
      names.push(paths.text(paths.head(rest)));
    return states.some((state) => this.workspace.models.describes(state, names));
  }

  private endOf(kind: SliceEndKind, id: FunctionId, node: number, label: string): SliceEnd | undefined {
    const { bodies } = this.workspace;
    const body = bodies.body(id);
    const file = bodies.file(fileOf(id));
    const path = this.workspace.pathOf(fileOf(id))?.absolute;
    if (body === undefined || file === undefined || path === undefined) return undefined;
    return { kind, label, location: locationOf(path, file, body.graph, node), functionName: functionName(body) };
  }
}

interface Note {
  readonly text: string;
  readonly isCut?: boolean;
}

/** What a person looks at first. */
const ORDER: readonly FlowStatus[] = ['finding', 'otherThreatModel', 'entryPoint', 'uncounted', 'noRule'];

const ON_THE_LINE = 1e6;
const ON_ANOTHER_LINE = 2e6;

/** How well what stands at a location is what is meant: around the place, the smallest first; then on its line, and then near it. */
function rankOf({ range: { start, end } }: Location, at: Position, hasColumn: boolean): number {
  const lines = at.line < start.line ? start.line - at.line : Math.max(0, at.line - end.line);
  if (lines > 0) return ON_ANOTHER_LINE + lines;
  if (!hasColumn) return ON_THE_LINE + start.character;
  const isAround = at.character >= start.character && at.character <= end.character;
  return isAround
    ? end.character - start.character
    : ON_THE_LINE + Math.min(Math.abs(at.character - start.character), Math.abs(at.character - end.character));
}

const startOf = ({ end }: Found): number => end.location.range.start.line * 1e6 + end.location.range.start.character;

function isSame(a: Location, b: Location): boolean {
  const [x, y] = [a.range.start, b.range.start];
  return x.line === y.line && x.character === y.character;
}
