/**
 * Ties a connection to a session: which handler answers which message. Everything of substance is in the handlers and
 * in what they call; this file reads as the table of contents of the server.
 */
import { MessageType, ShowMessageNotification, type CancellationToken, type Connection } from 'vscode-languageserver';
import {
  NOTIFICATION,
  REQUEST,
  type ScanFolderParams,
  type SliceParams,
  type TaintFindingsParams,
  type TaintPathsParams,
  type TaintPlaceParams,
  type TaintTreeParams,
} from '../protocol/messages';
import { AnalysisSession, type SessionOptions } from './analysisSession';
import { Documents } from './documents';
import { FindingGroups } from './findingGroups';
import { codeLens } from './handlers/codeLens';
import { configurationChanged } from './handlers/configuration';
import { documentDiagnostic } from './handlers/documentDiagnostic';
import { executeCommand } from './handlers/executeCommand';
import { hover } from './handlers/hover';
import { indexHealth } from './handlers/indexHealth';
import { rebuildIndex, refreshIndex, scanFolder, verifyIndex } from './handlers/indexRuns';
import { initialize, initialized } from './handlers/initialize';
import { slice } from './handlers/slice';
import { getTaintFindings, getTaintPaths, getTaintPlace, getTaintTree } from './handlers/taintTree';
import { documentChanged, documentClosed, documentOpened } from './handlers/textSync';
import { watchedFilesChanged } from './handlers/watchedFiles';
import { workspaceDiagnostic } from './handlers/workspaceDiagnostic';
import { workspaceFoldersChanged } from './handlers/workspaceFolders';
import { pathOf } from '../present/locations';
import { Publication } from './publication';
import { tellModelProblems } from './modelProblems';
import { PublishedFindings } from './published';
import { PulledDocuments } from './pulledDocuments';
import { clientFeatures, type ServerContext } from './serverContext';
import { isRecord } from './settings';
import { showProgress } from './workDoneProgress';
import { WorkspaceReports } from './workspaceReports';

export interface ServerOptions extends Pick<SessionOptions, 'spawn' | 'backOff' | 'schedule'> {
  readonly version: string;
}

/** Registers all handlers; the caller listens on the connection. Returns what ends the session. */
export function serve(connection: Connection, options: ServerOptions): { dispose(): Promise<void> } {
  const documents = new Documents();
  const published = new PublishedFindings();
  const filesWithModelProblems = new Set<string>();
  const ui: SessionOptions['ui'] = {
    log: (level, message) => {
      connection.console[level](message);
    },
    warn: (message) => {
      show(connection, MessageType.Warning, message);
    },
    error: (message) => {
      show(connection, MessageType.Error, message);
    },
    progress: (title, onCancel) => showProgress(connection, title, onCancel),
    modelProblems: (problems) => {
      tellModelProblems(connection, documents, problems, filesWithModelProblems);
    },
    statusChanged: (status) => void connection.sendNotification(NOTIFICATION.statusChanged, status),
  };
  const session = new AnalysisSession(documents, published, { ...options, ui });
  const context: ServerContext = {
    connection,
    documents,
    published,
    findingGroups: new FindingGroups(published, documents),
    session,
    features: clientFeatures({}, false),
    roots: [],
    storage: undefined,
    workspaceModels: true,
    initialSettings: undefined,
  };
  const pulled = new PulledDocuments();
  const reports = new WorkspaceReports();
  const publication = new Publication(context, pulled);
  let isDisposed = false;
  const dispose = async (): Promise<void> => {
    if (isDisposed) return;
    isDisposed = true;
    publication.dispose();
    await session.dispose();
  };

  connection.onInitialize((params) => initialize(context, params, options.version));
  connection.onInitialized(async () => {
    if (context.features.workspaceFolders) {
      connection.workspace.onDidChangeWorkspaceFolders((event) => workspaceFoldersChanged(context, event));
    }
    await initialized(context);
  });
  connection.onShutdown(dispose);
  connection.onDidChangeConfiguration((params) => configurationChanged(context, params));
  connection.onDidChangeWatchedFiles((params) => {
    watchedFilesChanged(context, params);
  });

  connection.onDidOpenTextDocument((params) => {
    documentOpened(context, params);
  });
  connection.onDidChangeTextDocument((params) => {
    documentChanged(context, params);
  });
  connection.onDidCloseTextDocument((params) => {
    documentClosed(context, params);
    const path = pathOf(params.textDocument.uri);
    if (path !== undefined) publication.closed(path);
    reports.closed();
  });

  connection.languages.diagnostics.on((params, token) => documentDiagnostic(context, pulled, reports, params, token));
  connection.languages.diagnostics.onWorkspace((params, token) => workspaceDiagnostic(context, reports, params, token));
  connection.onHover((params) => hover(context, params));
  connection.onCodeLens((params) => codeLens(context, params));
  connection.onExecuteCommand((params) => executeCommand(context, params));

  // Clients differ in whether a request without parameters carries none, null or an empty object.
  const on = (method: string, answer: (params: object, token: CancellationToken) => unknown): void => {
    connection.onRequest(method, (...args: unknown[]): unknown => {
      const [params] = args;
      return answer(args.length > 1 && isRecord(params) ? params : {}, args.at(-1) as CancellationToken);
    });
  };
  on(REQUEST.taintTree, (params: Partial<TaintTreeParams>) => getTaintTree(context, params));
  on(REQUEST.taintFindings, (params: Partial<TaintFindingsParams>) => getTaintFindings(context, params));
  on(REQUEST.taintPlace, (params: Partial<TaintPlaceParams>) => getTaintPlace(context, params));
  on(REQUEST.taintPaths, (params: Partial<TaintPathsParams>) => getTaintPaths(context, params));
  on(REQUEST.slice, (params: Partial<SliceParams>, token) => slice(context, params, token));
  on(REQUEST.rebuildIndex, (_params, token) => rebuildIndex(context, token));
  on(REQUEST.refreshIndex, (_params, token) => refreshIndex(context, token));
  on(REQUEST.scanFolder, (params: Partial<ScanFolderParams>, token) => scanFolder(context, params, token));
  on(REQUEST.indexHealth, () => indexHealth(context, options.version));
  on(REQUEST.verifyIndex, (_params, token) => verifyIndex(context, token));
  on(REQUEST.status, () => session.status.current);
  return { dispose };
}

/** As a notification: the connection's own functions send a request, which waits until the user has seen it. */
function show(connection: Connection, type: MessageType, message: string): void {
  void connection.sendNotification(ShowMessageNotification.type, { type, message });
}
