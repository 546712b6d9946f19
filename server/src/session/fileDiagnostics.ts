/**
 * The diagnostics of one file as they are now, and a result id that changes with them.
 */
import { randomBytes } from 'node:crypto';
import type { Diagnostic } from 'vscode-languageserver';
import type { FileStatus } from '../model/finding';
import { findingDiagnostic } from '../present/diagnostics';
import { compareRanges } from '../present/locations';
import { noticesFor } from '../present/notices';
import type { ServerContext } from './serverContext';

/** Tells ids of this process from those of one before a restart. */
const PROCESS = randomBytes(3).toString('hex');

export function diagnosticsOf({ documents, published, features }: ServerContext, path: string): Diagnostic[] {
  const options = { view: documents, relatedInformation: features.relatedInformation };
  const diagnostics = published.inFile(path).map((named) => findingDiagnostic(named, options));
  if (documents.isOpen(path)) {
    const status = published.isOutside(path) ? outside(path) : published.status(path);
    if (status !== undefined) diagnostics.push(...noticesFor(status, documents));
  }
  return diagnostics.sort((a, b) => compareRanges(a.range, b.range));
}

/** Equal ids mean equal diagnostics. */
export function resultIdOf({ documents, published }: ServerContext, path: string): string {
  const version = documents.version(path);
  if (version === undefined) return `${PROCESS}-${String(published.revision(path))}`;
  // While the document is ahead of its findings, their positions move with every version.
  const moved = published.analysedVersion(path) === version ? '' : `-${String(version)}`;
  const kind = published.isOutside(path) ? 'outside' : 'open';
  return `${PROCESS}-${String(published.revision(path))}-${kind}${moved}`;
}

function outside(path: string): FileStatus {
  const reason = 'it is excluded, a dependency, or of another language. "Scan Folder" takes in what is excluded.';
  return { path, state: 'skipped', reason, lost: [], limits: [] };
}
