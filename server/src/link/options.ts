/** What a linker is made of, and what it says about an update. */
import type { GrowthLimit } from '../base/growth';
import type { FileId, FunctionId } from '../model/ids';
import type { ApiAutomaton } from '../model/links';
import type { Skeleton, SkeletonImports } from '../model/skeleton';
import type { CallEffects } from './builtins';
import type { ModuleResolver } from './host';

export interface LinkerOptions {
  /** Skeletons by file; undefined for files that have none. May cache as it likes. */
  readonly skeletonOf: (file: FileId) => Skeleton | undefined;
  /** The same for their imports alone, where that is cheaper. */
  readonly importsOf?: (file: FileId) => SkeletonImports | undefined;
  readonly pathOf: (file: FileId) => string | undefined;
  /** Id of an indexed file. */
  readonly idOf: (path: string) => FileId | undefined;
  readonly resolver: ModuleResolver;
  /** Whether a file serves to develop its package only, so that what it exports is for no user. A function of the path. */
  readonly isDevelopment?: (file: FileId) => boolean;
  readonly automaton: ApiAutomaton;
  /** What library calls do to objects, from the models. */
  readonly effects?: CallEffects;
  /** Bytes of opened files and what is known of them, kept between look-ups. */
  readonly cacheBytes?: number;
  /** The same during an update; as many as are kept, when nothing is said. What does not fit is linked in parts, which takes longer. */
  readonly workingBytes?: number;
  /** Of its tables, before they are worth compacting. */
  readonly growthLimit?: GrowthLimit;
}

export interface FileChange {
  readonly id: FileId;
  /** `reviewed`: its text is the same, but models say something else of APIs that it has to do with. */
  readonly kind: 'added' | 'removed' | 'changed' | 'reviewed';
}

/** Why an update looked at a file again. */
export interface LinkReason {
  readonly file: FileId;
  readonly kind:
    | 'new'
    | 'changed'
    | 'reviewed'
    | 'removed'
    | 'imports'
    | 'exports'
    | 'returns'
    | 'arguments'
    | 'properties'
    | 'parameters';
  /** Whose exports, returns, arguments, properties or parameters are others. */
  readonly of?: { readonly file: FileId } | { readonly function: FunctionId };
}

export interface LinkUpdate {
  /** Functions whose links differ from before, and all functions of new files. */
  readonly relinked: readonly FunctionId[];
  readonly removed: readonly FunctionId[];
  /** Functions of which `isExported`, `receiverClassOf` or `madeClassOf` may answer otherwise than when they were asked. */
  readonly reviewed: readonly FunctionId[];
  /** Files that were linked again: their stored links are to be replaced. */
  readonly files: readonly FileId[];
}
