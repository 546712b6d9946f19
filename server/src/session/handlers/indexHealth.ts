/** What is in the index and how it is doing, as a text with links and as data. */
import { healthJson, healthText, type HealthView } from '../../present/health';
import { uriOf } from '../../present/locations';
import type { IndexHealth } from '../../protocol/messages';
import type { ServerContext } from '../serverContext';

/** The thread that speaks with the editor. */
const OTHER_THREADS = 1;

export async function indexHealth({ session, roots }: ServerContext, version: string): Promise<IndexHealth> {
  const { state, message, pendingEdits } = session.status.current;
  const health = await session.health();
  const waiting = pendingEdits === 0 ? '' : ` ${String(pendingEdits)} edits wait.`;
  const view: HealthView = {
    health,
    roots,
    verification: session.verification,
    state: [`The server is ${state}.${waiting}${message === '' ? '' : ` ${message}`}`],
    otherThreads: OTHER_THREADS,
  };
  const { text, files } = healthText(view);
  const links = files.map(({ line, from, to, path, at }) => ({
    line,
    from,
    to,
    uri: `${uriOf(path)}#L${String(at + 1)}`,
  }));
  return { text, links, data: healthJson(view, version) };
}
