/** The long requests: rebuild, refresh and verify the index, scan one folder. Each can be cancelled like any request. */
import type { CancellationToken } from 'vscode-languageserver';
import { pathOf } from '../../present/locations';
import type { RunResult, ScanFolderParams, VerifyResult } from '../../protocol/messages';
import type { ServerContext } from '../serverContext';

export function rebuildIndex({ session }: ServerContext, token: CancellationToken): Promise<RunResult> {
  return session.rebuild(token);
}

export function refreshIndex({ session }: ServerContext, token: CancellationToken): Promise<RunResult> {
  return session.refresh(token);
}

export async function scanFolder(
  { session }: ServerContext,
  params: Partial<ScanFolderParams>,
  token: CancellationToken,
): Promise<RunResult> {
  const path = typeof params.uri === 'string' ? pathOf(params.uri) : undefined;
  if (path === undefined) {
    return {
      outcome: 'failed',
      message: 'Only folders on this machine can be scanned.',
      findings: 0,
      indexed: 0,
      failedFiles: 0,
    };
  }
  return session.scanFolder(path, token);
}

export function verifyIndex({ session }: ServerContext, token: CancellationToken): Promise<VerifyResult> {
  return session.verify(token);
}
