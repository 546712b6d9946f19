/** Completion in model files of the workspace. With the YAML extension installed, that one completes them by the same schema. */
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { suggestionsAt, type KnownNames, type Schema } from './modelSuggestions';

const FILES: vscode.DocumentSelector = { scheme: 'file', pattern: '**/.tributary/models/*.{yaml,yml}' };
const YAML_EXTENSION = 'redhat.vscode-yaml';

type Kind = string | { readonly description: string };

export function registerModelCompletion(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  let known: { readonly schema: Schema; readonly names: KnownNames } | undefined;
  return vscode.languages.registerCompletionItemProvider(
    FILES,
    {
      provideCompletionItems(document, position) {
        if (vscode.extensions.getExtension(YAML_EXTENSION) !== undefined) return [];
        known ??= {
          schema: readSchema(context.asAbsolutePath(path.join('server', 'models', 'schema.json')), log),
          names: readNames(context.asAbsolutePath(path.join('dist', 'models.json')), log),
        };
        const before = document.getText(new vscode.Range(new vscode.Position(0, 0), position));
        return suggestionsAt(before, known.schema, known.names).map(({ label, description, isKey }) => {
          const kind = isKey ? vscode.CompletionItemKind.Property : vscode.CompletionItemKind.EnumMember;
          const item = new vscode.CompletionItem(label, kind);
          item.documentation = description;
          if (isKey) item.insertText = `${label}: `;
          return item;
        });
      },
    },
    ' ',
    ':',
    '-',
    '[',
  );
}

function readSchema(file: string, log: vscode.LogOutputChannel): Schema {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Schema;
  } catch (error) {
    log.warn(`Model files cannot be completed: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
}

/** Kinds that the shipped models declare, with what they are. */
function readNames(file: string, log: vscode.LogOutputChannel): KnownNames {
  const names = { sinkKinds: {}, sourceKinds: {} };
  try {
    const models = JSON.parse(readFileSync(file, 'utf8')) as readonly {
      readonly document: Partial<Record<keyof KnownNames, Readonly<Record<string, Kind>>>>;
    }[];
    for (const { document } of models) {
      for (const section of ['sinkKinds', 'sourceKinds'] as const) {
        const kinds = Object.entries(document[section] ?? {}).map(([name, kind]) => [
          name,
          typeof kind === 'string' ? kind : kind.description,
        ]);
        Object.assign(names[section], Object.fromEntries(kinds));
      }
    }
  } catch (error) {
    // Keys are completed all the same.
    log.warn(`The names of kinds cannot be completed: ${error instanceof Error ? error.message : String(error)}`);
  }
  return names;
}
