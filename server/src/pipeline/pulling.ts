/**
 * Files that open documents need and that are not indexed yet: what they import, and what that imports, up to a bound. Before
 * and during a first index they are taken ahead of the others.
 */
import type { CancellationToken } from '../model/analysis';
import type { FileId } from '../model/ids';
import { IMPORT_KINDS, decodeImports } from '../model/skeleton';
import { JavaScriptResolver } from '../link/resolve/javascript';
import type { IndexChange, Indexing } from './indexing';
import type { UpdateReport } from './updateReport';
import type { Workspace } from './workspace';

/** Files taken for one update. What lies further away is left to the first index. */
const MAX_FILES = 100;

export class Pulling {
  private readonly resolver: JavaScriptResolver;
  /** Files whose imports were followed. */
  private readonly followed = new Set<FileId>();

  constructor(
    private readonly workspace: Workspace,
    private readonly indexing: Indexing,
  ) {
    const { documents } = workspace;
    this.resolver = new JavaScriptResolver({
      host: documents.view,
      isIndexed: (path) => documents.inspect(path)?.state === 'found',
    });
  }

  /** The file has other imports, or is gone. */
  changed(file: FileId): void {
    this.followed.delete(file);
  }

  /** Indexes what these files need; returns what was indexed. */
  async pull(
    files: Iterable<FileId>,
    token: CancellationToken | undefined,
    report: UpdateReport,
  ): Promise<readonly FileId[]> {
    const pulled: FileId[] = [];
    this.resolver.reset();
    let from = [...files];
    for (let left = MAX_FILES; left > 0;) {
      const changes = this.missing(from, left);
      if (changes.length === 0) break;
      const set = { changes, unchanged: 0, configuration: [], isWhole: false };
      const { files: indexed } = await this.indexing.apply(set, { token, urgent: true }, report);
      pulled.push(...indexed);
      from = [...indexed];
      left -= changes.length;
    }
    return pulled;
  }

  /** Imported files that are not indexed, so many at most; through those that are indexed, too. */
  private missing(files: readonly FileId[], most: number): readonly IndexChange[] {
    const { documents } = this.workspace;
    const changes = new Map<string, IndexChange>();
    const waiting = [...files];
    let left = MAX_FILES;
    for (let file = waiting.pop(); file !== undefined && left > 0; file = waiting.pop()) {
      if (this.followed.has(file)) continue;
      this.followed.add(file);
      left--;
      for (const path of this.importsOf(file)) {
        const id = this.workspace.idOf(path);
        if (id !== undefined) waiting.push(id);
        else if (changes.size < most && !changes.has(path)) {
          const found = documents.inspect(path);
          if (found?.state === 'found') changes.set(path, { kind: 'index', file: found });
        }
      }
    }
    return [...changes.values()];
  }

  /** Where the imports of a file lead, as far as that is in the workspace. */
  private *importsOf(file: FileId): Generator<string, void, undefined> {
    const path = this.workspace.pathOf(file);
    const bytes = this.workspace.store.facts.skeleton(file);
    if (path === undefined || bytes === undefined) return;
    const { specifiers, importKind } = decodeImports(bytes);
    for (const [i, specifier] of specifiers.entries()) {
      const kind = IMPORT_KINDS[importKind[i]] === 'require' ? 'require' : 'import';
      const { resolution } = this.resolver.resolve(path.absolute, specifier, kind);
      if (resolution.kind === 'file') yield resolution.path;
    }
  }
}
