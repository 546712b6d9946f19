/**
 * What request handlers work with: the connection, what the client can do, and the session's state. Handlers get it as
 * their first parameter and keep nothing of their own.
 */
import type { ClientCapabilities, Connection } from 'vscode-languageserver';
import type { AnalysisSession } from './analysisSession';
import type { Documents } from './documents';
import type { FindingGroups } from './findingGroups';
import type { PublishedFindings } from './published';

/** What the client said it understands, in the terms our answers depend on. */
export interface ClientFeatures {
  readonly pullDiagnostics: boolean;
  readonly diagnosticRefresh: boolean;
  readonly relatedInformation: boolean;
  readonly markdownHover: boolean;
  readonly codeLensRefresh: boolean;
  readonly workDoneProgress: boolean;
  readonly configuration: boolean;
  readonly configurationRegistration: boolean;
  readonly workspaceFolders: boolean;
  readonly watchRegistration: boolean;
  /** The client implements the commands that lenses name. */
  readonly clientCommands: boolean;
  readonly showDocument: boolean;
}

export interface ServerContext {
  readonly connection: Connection;
  readonly documents: Documents;
  readonly published: PublishedFindings;
  readonly findingGroups: FindingGroups;
  readonly session: AnalysisSession;
  /** Set by `initialize`. */
  features: ClientFeatures;
  roots: readonly string[];
  storage: string | undefined;
  workspaceModels: boolean;
  /** Settings for clients without `workspace/configuration`. */
  initialSettings: unknown;
}

export function clientFeatures(capabilities: ClientCapabilities, clientCommands: boolean): ClientFeatures {
  const { textDocument, workspace, window } = capabilities;
  const hoverFormats = textDocument?.hover?.contentFormat;
  return {
    pullDiagnostics: textDocument?.diagnostic !== undefined,
    diagnosticRefresh: workspace?.diagnostics?.refreshSupport === true,
    relatedInformation:
      textDocument?.publishDiagnostics?.relatedInformation === true ||
      textDocument?.diagnostic?.relatedInformation === true,
    markdownHover: hoverFormats === undefined || hoverFormats.includes('markdown'),
    codeLensRefresh: workspace?.codeLens?.refreshSupport === true,
    workDoneProgress: window?.workDoneProgress === true,
    configuration: workspace?.configuration === true,
    configurationRegistration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    workspaceFolders: workspace?.workspaceFolders === true,
    watchRegistration: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    clientCommands,
    showDocument: window?.showDocument?.support === true,
  };
}
