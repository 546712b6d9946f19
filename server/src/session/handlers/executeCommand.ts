/**
 * `workspace/executeCommand`: the commands that lenses name, for clients that don't implement them. Shows the place
 * where the path begins and says how it goes on, which every LSP client can display.
 */
import { MessageType, ShowMessageNotification, type ExecuteCommandParams } from 'vscode-languageserver';
import { placeName, uriOf } from '../../present/locations';
import { COMMAND, type RunResult } from '../../protocol/messages';
import type { ServerContext } from '../serverContext';
import { isRecord } from '../settings';

export const SERVER_COMMANDS: string[] = [COMMAND.showPaths, COMMAND.rebuildIndex];

export async function executeCommand(context: ServerContext, params: ExecuteCommandParams): Promise<RunResult | null> {
  switch (params.command) {
    case COMMAND.rebuildIndex:
      return context.session.rebuild();
    case COMMAND.showPaths:
      await showPaths(context, params.arguments?.[0]);
      return null;
    default:
      throw new Error(`Unknown command ${params.command}`);
  }
}

async function showPaths(
  { connection, documents, published, features }: ServerContext,
  target: unknown,
): Promise<void> {
  const inform = (message: string): void => {
    void connection.sendNotification(ShowMessageNotification.type, { type: MessageType.Info, message });
  };
  const ids = isRecord(target) && Array.isArray(target['findings']) ? target['findings'] : [];
  const findings = ids
    .map((id) => (typeof id === 'string' ? published.byId(id) : undefined))
    .filter((named) => named !== undefined);
  const [first] = findings;
  if (first === undefined) {
    inform('Tributary: these taint paths are gone.');
    return;
  }
  const lines = findings.map(({ finding }) => {
    const steps = finding.paths[0]?.steps ?? [];
    return `${finding.rule.name}: ${steps.map((step) => placeName(documents, step.location)).join(' → ')}`;
  });
  inform(lines.join('\n'));
  if (!features.showDocument) return;
  const { source } = first.finding;
  const selection = documents.range(source.path, source.range);
  await connection.window.showDocument({ uri: uriOf(source.path), takeFocus: true, selection });
}
