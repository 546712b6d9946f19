/** What slices (`taint/slices.ts`) are made of here: the solver's answers, and the links that say whom to ask. */
import { NONE, Op, type NodeId } from '../model/graph';
import { fileOf, type FileId, type FunctionId } from '../model/ids';
import { parameterRoots } from '../taint/answering';
import { AskingEnvironment } from '../taint/asking';
import { FunctionView } from '../taint/functionView';
import { Reads } from '../taint/reads';
import { isReceiver } from '../taint/receivers';
import { EXPORTS_CELL, RECEIVER_ROOT, RootKind, kindOf, parameterIndex, type Root } from '../taint/references';
import type { SharedParameters } from '../taint/sharedParameters';
import type { SliceHost } from '../taint/slices';
import type { Solver } from '../taint/solver';
import type { SolverHost } from '../taint/solverHost';
import { EMPTY_SUMMARY } from '../taint/summaryTable';
import type { CallGraph } from './callGraph';
import type { SolvingHost } from './solving';

export interface SliceParts {
  readonly host: SolvingHost;
  readonly solver: Solver;
  readonly callGraph: CallGraph;
  readonly sharedParameters: SharedParameters;
  readonly environment: SolverHost['environment'];
  readonly methodsOf: (name: string) => Iterable<FunctionId>;
  readonly compare: (a: FunctionId, b: FunctionId) => number;
}

/** Values that functions have which are handed to calls; what is made where it is handed over belongs to who makes it. */
const MAY_BE_FUNCTION: ReadonlySet<number> = new Set<Op>([
  Op.Load,
  Op.Captured,
  Op.Cell,
  Op.Import,
  Op.Phi,
  Op.Closure,
  Op.Call,
]);
/** Files that are looked through for who hands a function to a call, and how often it may be offered again on the way to them. */
const MAX_FILES = 200;
const MAX_BARRELS = 4;
/** Properties of what a list holds that are looked at for functions, and functions within functions that are looked through for them. */
const MAX_NAMES = 40;
const MAX_INNER = 3;
/** Source kinds of all threat models. */
const ALL_KINDS = -1;

export function sliceHost({
  host,
  solver,
  callGraph,
  sharedParameters,
  environment,
  methodsOf,
  compare,
}: SliceParts): SliceHost {
  const { bodies, links, models } = host;
  const { references, paths } = environment;
  /** By file, functions that are handed to a call there, with who does so. */
  const handedIn = new Map<FileId, ReadonlyMap<FunctionId, ReadonlySet<FunctionId>>>();
  let makers: ReadonlyMap<string, readonly FunctionId[]> | undefined;
  return {
    paths,
    references,
    models,
    demand: (id, root) => {
      solver.demand(id, root);
    },
    share: (cell) => {
      solver.share(cell);
    },
    solve: () => {
      do solver.solve([], []);
      while (solver.settleGrown());
    },
    answer: (id, root) => solver.answer(id, root),
    flowsOf: (id) => solver.flowsOf(id),
    callersOf: (id) => callGraph.callersOf(id),
    handersOf,
    calleesOf: (id) => callGraph.calleesOf(id),
    readersOf: (cell) => callGraph.readersOf(cell),
    parametersOf: (id) => {
      const body = bodies.body(id);
      return body === undefined ? [] : parameterRoots(body.graph);
    },
    cellsOf: (id) => cellsOf(id),
    sourcesOf: (id) => callGraph.sourceRootsOf(id, ALL_KINDS),
    classOf: (id) => links.receiverClassOf(id),
    methodsOf,
    madeClassOf: (id) => links.madeClassOf(id),
    makersOf: (name) => (makers ??= allMakers()).get(name) ?? [],
    sharedRootsOf: (id) => sharedParameters.of(id),
    holdersOf: (name) => sharedParameters.holdersOf(name),
    retrievers,
    keepers,
    isEntryPoint: (id, parameter) =>
      kindOf(parameter) === RootKind.Parameter &&
      parameter !== RECEIVER_ROOT &&
      (links.isExported(id) || (!callGraph.isCalled(id) && !isHandedOver(id, parameterIndex(parameter)))),
    compare,
  };

  function allMakers(): ReadonlyMap<string, readonly FunctionId[]> {
    const found = new Map<string, FunctionId[]>();
    for (const file of links.files()) {
      for (const [id, name] of links.madeIn(file)) {
        const known = found.get(name);
        if (known === undefined) found.set(name, [id]);
        else known.push(id);
      }
    }
    return found;
  }

  function* retrievers(): Generator<readonly [FunctionId, Root], void, undefined> {
    const stored = models.sourceKindBit('stored');
    for (const file of links.files())
      for (const id of links.functionsOf(file) ?? [])
        for (const root of callGraph.sourceRootsOf(id, stored)) yield [id, root];
  }

  /** Told by the links of calls alone. */
  function keepers(): Iterable<FunctionId> {
    const found = new Set<FunctionId>();
    for (const file of links.files())
      links.eachLink(file, {
        apiCall: (id, state) => {
          if ([false, true].some((isNew) => models.callModel(state, isNew).stores.length > 0)) found.add(id);
        },
      });
    return found;
  }

  function* handersOf(id: FunctionId): Generator<FunctionId, void, undefined> {
    const files = new Set<FileId>([fileOf(id)]);
    const modules: FunctionId[] = [];
    const body = bodies.file(fileOf(id))?.ids[0];
    if (body !== undefined) modules.push(body);
    // Who imports its file, or a file that offers again what that offers.
    for (let depth = 0; depth < MAX_BARRELS && modules.length > 0; depth++) {
      for (const module of modules.splice(0)) {
        for (const importer of callGraph.callersOf(module)) {
          const file = fileOf(importer);
          if (files.has(file) || files.size >= MAX_FILES) continue;
          files.add(file);
          if (bodies.file(file)?.ids[0] === importer) modules.push(importer);
        }
      }
    }
    for (const file of files) {
      let handed = handedIn.get(file);
      if (handed === undefined) handedIn.set(file, (handed = functionsHandedIn(file)));
      for (const hander of handed.get(id) ?? []) {
        yield hander;
        yield* usersOfResults(hander);
      }
    }
  }

  /** Functions that use what calls of a function gave it, by its variables: a task is put into a queue somewhere else than where the worker was handed over. */
  function* usersOfResults(id: FunctionId): Generator<FunctionId, void, undefined> {
    const graph = bodies.body(id)?.graph;
    if (graph === undefined) return;
    const { op, aux, operands, operandStart } = graph;
    for (let node = 0; node < op.length; node++) {
      if (op[node] !== Op.Cell) continue;
      for (let i = operandStart[node]; i < operandStart[node + 1]; i++) {
        if (operands[i] === NONE || (op[operands[i]] !== Op.Call && op[operands[i]] !== Op.New)) continue;
        yield* callGraph.readersOf(references.cell(id, aux[node]));
        break;
      }
    }
  }

  /** Properties that are read in a function and in those that are made in it. */
  function namesIn(id: FunctionId): readonly string[] {
    const names = new Set<string>();
    const look = (inner: FunctionId, depth: number): void => {
      const body = bodies.body(inner);
      if (body === undefined) return;
      const { op, aux } = body.graph;
      for (let node = 0; node < op.length && names.size < MAX_NAMES; node++) {
        if (op[node] === Op.Load) names.add(body.strings[aux[node]]);
        else if (op[node] === Op.Closure && depth < MAX_INNER) look(body.functionIds(aux[node]), depth + 1);
      }
    };
    look(id, 0);
    return [...names];
  }

  function functionsHandedIn(file: FileId): ReadonlyMap<FunctionId, ReadonlySet<FunctionId>> {
    const handed = new Map<FunctionId, Set<FunctionId>>();
    const note = (target: FunctionId, id: FunctionId): void => {
      const known = handed.get(target);
      if (known === undefined) handed.set(target, new Set([id]));
      else known.add(id);
    };
    const users = new Map<FunctionId, FunctionId[]>();
    for (const id of bodies.file(file)?.ids ?? []) {
      const body = bodies.body(id);
      for (const { owner } of body?.graph.captures ?? []) {
        const outer = body?.functionIds(owner);
        if (outer === undefined) continue;
        const known = users.get(outer);
        if (known === undefined) users.set(outer, [id]);
        else known.push(id);
      }
    }
    for (const id of bodies.file(file)?.ids ?? []) {
      const body = bodies.body(id);
      if (body === undefined) continue;
      const { op, aux, operandStart, operands } = body.graph;
      let names: readonly string[] | undefined;
      for (let call = 0; call < op.length; call++) {
        if (op[call] === Op.Store || op[call] === Op.StoreElement) {
          // What is kept in a list or table may be called by all who know the variables of the function that keeps it there.
          const value = operands[operandStart[call + 1] - 1];
          if (value === NONE || op[value] !== Op.Closure) continue;
          const target = body.functionIds(aux[value]);
          for (const user of [id, ...(users.get(id) ?? [])]) note(target, user);
          continue;
        }
        if (op[call] === Op.Load && isReceiver(body, operands[operandStart[call]])) {
          // What a list or table in a field of `this` holds is called by who goes through it.
          names ??= namesIn(id);
          for (const path of [['[]'], ...names.map((name) => ['[]', name])])
            for (const { function: target } of links.functionsAt(id, call, path)) note(target, id);
          continue;
        }
        if (op[call] !== Op.Call && op[call] !== Op.New) continue;
        for (let i = operandStart[call] + 2; i < operandStart[call + 1]; i++) {
          const value = operands[i];
          if (value === NONE || !MAY_BE_FUNCTION.has(op[value])) continue;
          for (const { function: target } of links.functionsAt(id, value, [])) note(target, id);
        }
      }
    }
    return handed;
  }

  function* cellsOf(id: FunctionId): Generator<Root, void, undefined> {
    const body = bodies.body(id);
    if (body === undefined) return;
    for (const { owner, cell } of body.graph.captures) yield references.cell(body.functionIds(owner), cell);
    // What others tell an emitter in a variable of its own, the function hears.
    for (let cell = 0; cell < body.graph.cells.length; cell++) yield references.cell(id, cell);
    for (const [node, targets] of links.linksOf(id).calls) {
      if (body.graph.op[node] !== Op.Import) continue;
      for (const target of targets)
        if (target.kind === 'function') yield references.cell(target.function, EXPORTS_CELL);
    }
  }

  /** The function is given to a call of which models say what it is called with: `list.map(f)`. */
  function isHandedOver(id: FunctionId, position: number): boolean {
    const body = bodies.body(id);
    const parent = body === undefined || body.graph.parent === NONE ? NONE : body.functionIds(body.graph.parent);
    const outer = parent === NONE ? undefined : bodies.body(parent);
    if (outer === undefined) return false;
    const { op, aux, operandStart, operands } = outer.graph;
    const view = new FunctionView(
      outer,
      new AskingEnvironment(environment, { read: () => EMPTY_SUMMARY, activate: () => undefined }, 0, new Reads()),
    );
    const isItself = (node: NodeId): boolean =>
      node !== NONE && op[node] === Op.Closure && outer.functionIds(aux[node]) === id;
    for (let call = 0; call < op.length; call++) {
      if (op[call] !== Op.Call && op[call] !== Op.New) continue;
      for (let i = operandStart[call] + 2; i < operandStart[call + 1]; i++) {
        if (!isItself(operands[i])) continue;
        const argument = i - operandStart[call] - 2;
        const given = `(${String(position)})`;
        for (const { flows } of view.modelsOf(call))
          for (const { to } of flows)
            if (to.root === 'argument' && to.from <= argument && argument <= to.to && to.path[0] === given) return true;
      }
    }
    return false;
  }
}
