/**
 * `initialize` and `initialized`: what the client can do, what we can do, and the registrations that depend on both.
 */
import * as nodePath from 'node:path';
import {
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  TextDocumentSyncKind,
  type InitializeParams,
  type InitializeResult,
} from 'vscode-languageserver';
import { pathOf } from '../../present/locations';
import type { InitializationOptions } from '../../protocol/messages';
import { chooseEncoding } from '../positionEncoding';
import { clientFeatures, type ServerContext } from '../serverContext';
import { isRecord } from '../settings';
import { readSettings } from './configuration';
import { SERVER_COMMANDS } from './executeCommand';
import { WATCHERS } from './watchedFiles';

export function initialize(context: ServerContext, params: InitializeParams, version: string): InitializeResult {
  const options = initializationOptions(params.initializationOptions);
  context.features = clientFeatures(params.capabilities, options.clientCommands === true);
  context.roots = rootsOf(params);
  context.storage = options.storagePath;
  context.workspaceModels = options.workspaceModels ?? true;
  context.initialSettings = options.settings;
  const encoding = chooseEncoding(params.capabilities.general?.positionEncodings);
  context.documents.encoding = encoding;
  context.documents.roots = context.roots;
  const { features } = context;
  return {
    serverInfo: { name: 'Tributary', version },
    capabilities: {
      positionEncoding: encoding,
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: false },
      hoverProvider: true,
      codeLensProvider: { resolveProvider: false },
      ...(features.pullDiagnostics
        ? { diagnosticProvider: { identifier: 'tributary', interFileDependencies: true, workspaceDiagnostics: true } }
        : {}),
      ...(features.clientCommands ? {} : { executeCommandProvider: { commands: SERVER_COMMANDS } }),
      workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
    },
  };
}

export async function initialized(context: ServerContext): Promise<void> {
  const { connection, features, session } = context;
  const registrations: Promise<unknown>[] = [];
  if (features.configurationRegistration) {
    registrations.push(connection.client.register(DidChangeConfigurationNotification.type, { section: 'tributary' }));
  }
  if (features.watchRegistration) {
    registrations.push(connection.client.register(DidChangeWatchedFilesNotification.type, { watchers: WATCHERS }));
  }
  // A client that refuses a registration still gets everything else.
  for (const result of await Promise.allSettled(registrations)) {
    if (result.status === 'rejected')
      connection.console.warn(`The client refused a registration: ${String(result.reason)}`);
  }
  const settings = await readSettings(context);
  const index = context.storage ?? 'in memory only';
  connection.console.info(`Folders: ${context.roots.join(', ') || 'none'}; index: ${index}`);
  const { roots, storage, workspaceModels } = context;
  await session.start({ roots, storage, workspaceModels, settings });
}

function initializationOptions(raw: unknown): InitializationOptions {
  if (!isRecord(raw)) return {};
  const { storagePath, workspaceModels, clientCommands, settings } = raw;
  return {
    ...(typeof storagePath === 'string' && nodePath.isAbsolute(storagePath) ? { storagePath } : {}),
    workspaceModels: workspaceModels !== false,
    clientCommands: clientCommands === true,
    settings,
  };
}

function rootsOf(params: InitializeParams): string[] {
  const folders = params.workspaceFolders?.map(({ uri }) => uri) ?? [];
  // `rootUri` is deprecated, but all that older clients send.
  const { rootUri }: { rootUri?: unknown } = params;
  const uris = folders.length === 0 && typeof rootUri === 'string' ? [rootUri] : folders;
  return uris.map(pathOf).filter((path) => path !== undefined);
}
