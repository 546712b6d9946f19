/**
 * The language server's process: one connection (standard input and output, or Node's IPC), one session, and the
 * analysis on a thread of its own. Ends when the client says so, and when the client is gone.
 */
// Comes first, because it starts something.
import { earlyAnalysis } from './session/earlyAnalysis';
import * as nodePath from 'node:path';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { version } from '../../package.json';
import { spawnAnalysisThread } from './session/analysisThread';
import { serve } from './session/server';
import { startVerifying } from './store/checksumThread';

const connection = createConnection(ProposedFeatures.all);
const checksums = nodePath.join(__dirname, 'checksumWorker.js');
const spawn = spawnAnalysisThread(earlyAnalysis.script, (storage) => startVerifying(checksums, storage), earlyAnalysis);
serve(connection, { version, spawn });

// An error nobody handled concerns one request or one file; the rest goes on, and the log tells.
process.on('uncaughtException', (error) => {
  connection.console.error(`Unexpected error: ${error.stack ?? error.message}`);
});
process.on('unhandledRejection', (reason) => {
  connection.console.error(
    `Unexpected error: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`,
  );
});
// The connection is what tells that a client is gone; with IPC, Node does.
process.on('disconnect', () => process.exit(1));

connection.listen();
