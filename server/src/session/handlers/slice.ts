/**
 * `tributary/slice`: what can reach a sink, or what a source reaches. The place is one of the document as the user sees it, so the analysis is
 * waited for.
 */
import type { CancellationToken } from 'vscode-languageserver';
import { pathOf } from '../../present/locations';
import { sliceAnswer } from '../../present/slice';
import type { SliceAnswer, SliceParams, WirePosition } from '../../protocol/messages';
import type { ServerContext } from '../serverContext';

const PATIENCE = 20_000;

export async function slice(
  { session, documents }: ServerContext,
  params: Partial<SliceParams>,
  token: CancellationToken,
): Promise<SliceAnswer> {
  const direction = params.direction === 'from' ? 'from' : 'to';
  const path = typeof params.uri === 'string' ? pathOf(params.uri) : undefined;
  const position = positionOf(params.position);
  if (path === undefined || position === undefined) {
    const message = 'Only files on this machine are analysed.';
    return sliceAnswer({ outcome: 'nothingThere', message, near: [] }, direction, documents);
  }
  const version = documents.version(path);
  if (version !== undefined) await session.whenAnalysed(path, version, PATIENCE, token);
  const { line, character } = documents.positionIn(path, position);
  return sliceAnswer(await session.slice({ path, line, character, direction }, token), direction, documents);
}

/** What another client sends may be anything. */
function positionOf(value: unknown): WirePosition | undefined {
  if (typeof value !== 'object' || value === null || !('line' in value) || !('character' in value)) return undefined;
  const { line, character } = value;
  return isNatural(line) && isNatural(character) ? { line, character } : undefined;
}

function isNatural(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
