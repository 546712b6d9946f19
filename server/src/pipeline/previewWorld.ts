/**
 * One file of the index and what it imports, linked and solved for themselves: what can be found in the file by these
 * alone, with one text and then with others. Takes a moment where the whole takes seconds, and leaves the index as it is.
 */
import { Linker } from '../link/linker';
import { JavaScriptResolver } from '../link/resolve/javascript';
import type { AnalysisSettings } from '../model/analysis';
import type { ResolvedFinding } from '../model/finding';
import { fileOf, type FileId } from '../model/ids';
import { IMPORT_KINDS, decodeImports, decodeSkeleton } from '../model/skeleton';
import type { Joined } from '../taint/join';
import type { ExtractedFacts } from './extraction';
import { Fingerprints } from './fingerprints';
import { FunctionBodies, type FileFunctions } from './functionBodies';
import { CancelledError } from './options';
import { resolutionContext } from './presenting';
import { resolveFinding } from './resolveFindings';
import { Solving } from './solving';
import type { Workspace } from './workspace';

/** Files that are looked at beside the one, the nearest first; and bytes of their skeletons. */
const MOST_FILES = 40;
const MOST_BYTES = 512 * 1024;
/** For what is decoded. The world is small, and soon gone. */
const CACHE_BYTES = 16 * 1024 * 1024;
/** Milliseconds for one text. What takes longer is better waited for. */
const LONGEST = 3_000;

export class PreviewWorld {
  /** Of the file, instead of those in the index. */
  private facts: ExtractedFacts | undefined;
  private readonly files = new Set<FileId>();
  private bytes = 0;
  private readonly resolver: JavaScriptResolver;
  private readonly linker: Linker;
  private readonly bodies: FunctionBodies;
  private readonly solving: Solving;
  private readonly prints: Fingerprints;
  private readonly joined = new Map<string, Joined>();
  private deadline = Infinity;

  constructor(
    private readonly workspace: Workspace,
    settings: AnalysisSettings,
    readonly file: FileId,
  ) {
    const { models, documents, growthLimit, log } = workspace;
    this.bodies = new FunctionBodies(
      (id) => (id === file && this.facts !== undefined ? this.facts.graph : workspace.store.facts.graph(id)),
      CACHE_BYTES,
    );
    this.resolver = new JavaScriptResolver({
      host: documents.view,
      isIndexed: (path) => workspace.idOf(path) !== undefined,
    });
    const linker = this.makeLinker();
    this.linker = linker;
    this.solving = new Solving({
      bodies: this.bodies,
      links: {
        linksOf: (id) => linker.linksOf(id),
        eachLink: (id, visit) => {
          linker.eachLink(id, visit);
        },
        linkVersionOf: (id) => linker.linkVersionOf(id),
        functionsOf: (id) => linker.functionsOf(id),
        packageOf: (id) => linker.packageOf(id),
        receiversIn: (id) => linker.receiversIn(id),
        functionsAt: (id, node, path) => linker.functionsAt(id, node, path),
        isExported: (id) => linker.isExported(id),
        receiverClassOf: (id) => linker.receiverClassOf(id),
        madeClassOf: (id) => linker.madeClassOf(id),
        madeIn: (id) => linker.madeIn(id),
        files: () => linker.files(),
        // What other files offer is not looked at for its own sake.
        exportedFunctions: () => Array.from(linker.exportedFunctions()).filter((id) => fileOf(id) === file),
      },
      models,
      log,
      growthLimit,
      relativePathOf: (id) => workspace.relativePathOf(id),
      wantedSources: () => models.sourceKindsIn(settings.threatModels),
      uncountedIn: (id) => models.uncountedIn(workspace.relativePathOf(id)),
      checkpoint: () => {
        if (performance.now() > this.deadline) throw new CancelledError();
      },
    });
    this.prints = new Fingerprints((id) => this.solving.names.stableName(id));
  }

  private makeLinker(): Linker {
    const { workspace } = this;
    const { models, growthLimit } = workspace;
    const library = models.sourceKindBit('library');
    const decoded = <T>(id: FileId, decode: (bytes: Uint8Array) => T): T | undefined => {
      const bytes = this.skeletonOf(id);
      return bytes === undefined ? undefined : decode(bytes);
    };
    return new Linker({
      skeletonOf: (id) => decoded(id, decodeSkeleton),
      importsOf: (id) => decoded(id, decodeImports),
      pathOf: (id) => workspace.pathOf(id)?.absolute,
      idOf: (path) => workspace.idOf(path),
      resolver: this.resolver,
      isDevelopment: (id) => (models.uncountedIn(workspace.relativePathOf(id)) & library) !== 0,
      automaton: models,
      growthLimit,
      effects: models.callEffects,
      cacheBytes: CACHE_BYTES,
      workingBytes: CACHE_BYTES * 2,
    });
  }

  private skeletonOf(id: FileId): Uint8Array | undefined {
    if (id === this.file && this.facts !== undefined) return this.facts.skeleton;
    return this.workspace.store.facts.skeleton(id);
  }

  /** The file as it is in here now. */
  get functions(): FileFunctions | undefined {
    return this.bodies.file(this.file);
  }

  /**
   * Looks at the file with these facts, or with those that it has in the index. Returns what reaches a sink in it, by fingerprint. Throws
   * `CancelledError` when it takes long; then this is not to be used any more.
   */
  look(facts?: ExtractedFacts): ReadonlyMap<string, Joined> {
    this.deadline = performance.now() + LONGEST;
    const isNew = this.files.size === 0;
    this.facts = facts;
    this.bodies.forget(this.file);
    const added = this.reach();
    const changes = added.map((id) => ({ id, kind: 'added' as const }));
    const links = this.linker.update(isNew ? changes : [...changes, { id: this.file, kind: 'changed' as const }]);
    this.solving.review(links);
    this.solving.update(isNew ? added : [...added, this.file], [], links.relinked);
    for (const [print, joined] of this.prints.change(this.solving.join())) {
      if (joined === undefined) this.joined.delete(print);
      else this.joined.set(print, joined);
    }
    const found = new Map<string, Joined>();
    for (const [print, joined] of this.joined) if (fileOf(joined.sink.function) === this.file) found.set(print, joined);
    return found;
  }

  /** What was found, as it is shown. */
  *resolved(found: Iterable<readonly [string, Joined]>): Generator<ResolvedFinding, void, undefined> {
    const context = resolutionContext(this.workspace, this.bodies, this.solving.tracer());
    for (const [print, joined] of found) {
      const resolved = resolveFinding(joined, print, context);
      if (resolved !== undefined) yield resolved.finding;
    }
  }

  /** Files that are not in here yet: this one, and what it imports, directly or not, the nearest first. */
  private reach(): FileId[] {
    const added: FileId[] = [];
    const seen = new Set([this.file]);
    // A set is gone through with what is added to it meanwhile.
    for (const id of seen) {
      if (!this.files.has(id)) {
        const bytes = this.skeletonOf(id)?.length;
        if (bytes === undefined) continue;
        if (id !== this.file && (this.files.size > MOST_FILES || this.bytes + bytes > MOST_BYTES)) continue;
        this.bytes += bytes;
        this.files.add(id);
        added.push(id);
      }
      for (const other of this.importsOf(id)) seen.add(other);
    }
    return added;
  }

  /** Indexed files that one imports. */
  private *importsOf(id: FileId): Generator<FileId, void, undefined> {
    const path = this.workspace.pathOf(id);
    const bytes = this.skeletonOf(id);
    if (path === undefined || bytes === undefined) return;
    const { specifiers, importKind } = decodeImports(bytes);
    for (const [i, specifier] of specifiers.entries()) {
      const kind = IMPORT_KINDS[importKind[i]] === 'require' ? 'require' : 'import';
      const { resolution } = this.resolver.resolve(path.absolute, specifier, kind);
      const file = resolution.kind === 'file' ? this.workspace.idOf(resolution.path) : undefined;
      if (file !== undefined) yield file;
    }
  }
}
