/**
 * `documents/`: which files are there, what is in them, and which changed since the index was written.
 */
export { AskedPaths } from './askedPaths';
export type { ToldAnswer } from './askedPaths';
export { hashOfFile, hashOfText, overlayContent, readContent } from './content';
export type { ContentStamp, FileContent, ReadOptions } from './content';
export { discover } from './discover';
export type { DiscoverOptions, DiscoveredFile, Discovery } from './discover';
export { Documents, isConfiguration, isIgnoreFile } from './documents';
export type { DiscoverRequest, Overlay } from './documents';
export { DocumentError } from './errors';
export type { DocumentProblem } from './errors';
export { FileView } from './fileView';
export { dialectOf } from './languages';
export { diffManifest } from './manifest';
export type { DiffOptions, KnownFile, ManifestDiff, ManifestEntry, Recheck } from './manifest';
export { normalize } from './paths';
export type { Place } from './paths';
export { isOwnModel, watchFolders } from './watch';
export type { WatchRequest, Watching } from './watch';
