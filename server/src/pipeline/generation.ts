/** Everything that is derived from one set of models and one database, and what can be told of it as a whole. */
import type { IndexStatistics } from '../model/analysis';
import type { FindingBook } from './findingBook';
import type { Linking } from './linking';
import type { Presenting } from './presenting';
import type { Solving } from './solving';
import type { Workspace } from './workspace';

export interface Generation {
  readonly linking: Linking;
  readonly solving: Solving;
  readonly presenting: Presenting;
}

/** Looks at every function. */
export function statisticsOf(
  { store }: Workspace,
  { linking, solving }: Generation,
  book: FindingBook,
): IndexStatistics {
  const { functions, ...callSites } = linking.callSites();
  return {
    files: store.files.countByState(),
    functions,
    callSites,
    truncatedFunctions: solving.truncatedFunctions(),
    accessPaths: solving.accessPaths(),
    findings: book.size,
    databaseBytes: store.statistics().databaseBytes,
  };
}

/** Rows, links and answers as lines, in any order, with paths for ids. */
export function* dumpOf(workspace: Workspace, { linking, solving }: Generation): Generator<string, void, undefined> {
  const { store } = workspace;
  store.batch(() => {
    store.onCheckpoint?.();
  });
  yield* store.dump();
  yield* solving.dump();
  for (const { id } of [...store.files.manifest()]) yield* linking.dump(id, workspace.pathOf(id)?.absolute ?? '');
}
