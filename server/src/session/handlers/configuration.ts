/**
 * Reads the settings, from the client where it offers them, else from what it sent (at start or with a change).
 */
import type { DidChangeConfigurationParams } from 'vscode-languageserver';
import type { ServerContext } from '../serverContext';
import { isRecord, parseSettings, type Settings } from '../settings';

export async function readSettings(context: ServerContext): Promise<Settings> {
  const { connection, features } = context;
  let raw: unknown = context.initialSettings;
  if (features.configuration) {
    try {
      raw = await connection.workspace.getConfiguration('tributary');
    } catch (error) {
      connection.console.warn(`The client did not give its configuration: ${String(error)}`);
    }
  }
  const { settings, problems } = parseSettings(raw);
  for (const problem of problems) connection.console.warn(problem);
  return settings;
}

export async function configurationChanged(
  context: ServerContext,
  params: DidChangeConfigurationParams,
): Promise<void> {
  const sent: unknown = params.settings;
  if (isRecord(sent) && sent['tributary'] !== undefined) context.initialSettings = sent['tributary'];
  await context.session.changeSettings(await readSettings(context));
}
