/** The server as a process of its own: transports, exit codes, the analysis on a real thread. */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as nodePath from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createProtocolConnection,
  IPCMessageReader,
  IPCMessageWriter,
  StreamMessageReader,
  StreamMessageWriter,
  type InitializeResult,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver/node';
import { NOTIFICATION, type IndexStatus } from '../../server/src/protocol/messages';

const root = nodePath.resolve(import.meta.dirname, '../..');
let folder: string;
let script: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(nodePath.join(tmpdir(), 'tributary-server-'));
  script = nodePath.join(folder, 'server.js');
  await build({
    absWorkingDir: root,
    entryPoints: { server: 'server/src/main.ts', analysisWorker: 'test/lsp/fakeWorker.ts' },
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Session {
  readonly child: ChildProcess;
  readonly connection: ProtocolConnection;
  readonly statuses: IndexStatus[];
  readonly pushes: PublishDiagnosticsParams[];
  readonly exited: Promise<unknown[]>;
}

function connect(transport: 'stdio' | 'ipc'): Session {
  const child =
    transport === 'stdio'
      ? spawn(process.execPath, [script, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] })
      : fork(script, ['--node-ipc'], { stdio: 'inherit' });
  children.push(child);
  let connection: ProtocolConnection;
  if (child.stdout !== null && child.stdin !== null) {
    connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  } else {
    connection = createProtocolConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
  }
  const session: Session = { child, connection, statuses: [], pushes: [], exited: once(child, 'exit') };
  connection.onNotification(NOTIFICATION.statusChanged, (status: IndexStatus) => {
    session.statuses.push(status);
  });
  connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    session.pushes.push(params);
  });
  connection.onUnhandledNotification(() => {});
  // A process that is gone closes the stream under the connection; the tests look at the process.
  connection.onError(() => {});
  connection.listen();
  return session;
}

function initialize({ connection }: Session, processId: number | null = process.pid): Promise<InitializeResult> {
  return connection.sendRequest('initialize', { processId, rootUri: 'file:///w', capabilities: {} });
}

async function ready(session: Session): Promise<void> {
  await initialize(session);
  await session.connection.sendNotification('initialized', {});
  await expect.poll(() => session.statuses.at(-1)?.state, { timeout: 10_000 }).toBe('ready');
}

const open = ({ connection }: Session, text: string): Promise<void> =>
  connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri: 'file:///w/a.ts', languageId: 'typescript', version: 1, text },
  });

describe.each(['stdio', 'ipc'] as const)('the server process over %s', (transport) => {
  it('analyses on its thread, and exits with 0 after shutdown', async () => {
    const session = connect(transport);
    await ready(session);
    await open(session, 'SOURCE\nSINK');
    await expect.poll(() => session.pushes.at(-1)?.diagnostics.length, { timeout: 10_000 }).toBe(1);
    await session.connection.sendRequest('shutdown');
    await session.connection.sendNotification('exit');
    expect((await session.exited)[0]).toBe(0);
  });

  it('exits with 1 when told to exit without shutdown', async () => {
    const session = connect(transport);
    await ready(session);
    await session.connection.sendNotification('exit');
    expect((await session.exited)[0]).toBe(1);
  });

  it('exits when the client is gone', async () => {
    const session = connect(transport);
    await ready(session);
    if (transport === 'stdio') session.child.stdin?.end();
    else session.child.disconnect();
    expect((await session.exited)[0]).toBe(1);
  });
});

describe('the server process', () => {
  it('lives on when its analysis thread dies, and starts it again', async () => {
    const session = connect('stdio');
    await ready(session);
    await open(session, 'CRASH');
    await expect
      .poll(() => session.statuses.some(({ state }) => state === 'recovering'), { timeout: 10_000 })
      .toBe(true);
    await session.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri: 'file:///w/a.ts', version: 2 },
      contentChanges: [{ text: 'SOURCE\nSINK' }],
    });
    await expect.poll(() => session.pushes.at(-1)?.diagnostics.length, { timeout: 10_000 }).toBe(1);
    expect(session.child.exitCode).toBeNull();
  });

  it('answers before and without a workspace', async () => {
    const session = connect('stdio');
    const { serverInfo } = await initialize(session, null);
    expect(serverInfo?.name).toBe('Tributary');
    await expect(session.connection.sendRequest('tributary/nothing')).rejects.toThrow(/Unhandled method/);
  });
});
