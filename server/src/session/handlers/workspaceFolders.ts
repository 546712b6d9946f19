/** `workspace/didChangeWorkspaceFolders`: folders come and go without a restart of the server. */
import type { WorkspaceFoldersChangeEvent } from 'vscode-languageserver';
import { pathOf } from '../../present/locations';
import type { ServerContext } from '../serverContext';

export async function workspaceFoldersChanged(
  context: ServerContext,
  event: WorkspaceFoldersChangeEvent,
): Promise<void> {
  const roots = new Set(context.roots);
  for (const { uri } of event.removed) roots.delete(pathOf(uri) ?? '');
  for (const { uri } of event.added) {
    const path = pathOf(uri);
    if (path !== undefined) roots.add(path);
  }
  context.roots = [...roots];
  await context.session.changeRoots(context.roots);
}
