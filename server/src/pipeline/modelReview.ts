/**
 * Which models the derived rows of an index were made with, and which files have to do with what the models of now say otherwise: only these are
 * analysed again when a model changes.
 */
import type { FileId } from '../model/ids';
import { changedApis, type Footprint } from '../taint/models';
import type { Linking } from './linking';
import type { Workspace } from './workspace';

/** Of the database: `yes` when links, summaries and findings of all files that are not pending are in it. */
export const IS_DERIVED = 'is derived';
/** Of the database: hash of the models, and what they speak of. */
const MODELS = 'models';
const FOOTPRINTS = 'model footprints';

/** What is derived is made with the models of now; inside a batch. */
export function noteModels({ store, models }: Workspace): void {
  if (store.meta.get(MODELS) === models.hash) return;
  store.meta.set(MODELS, models.hash);
  store.meta.set(FOOTPRINTS, JSON.stringify(models.footprints));
}

/** Whether what is derived was made with other models. */
export function areModelsOther({ store, models }: Workspace): boolean {
  return store.meta.get(MODELS) !== models.hash;
}

/** Files that have to do with what the models say otherwise; undefined when that may be all. */
export function filesToReview(workspace: Workspace, linking: Linking): ReadonlySet<FileId> | undefined {
  const { store, models } = workspace;
  const before = store.meta.get(FOOTPRINTS);
  const change = before === undefined ? undefined : changedApis(JSON.parse(before) as Footprint[], models.footprints);
  return change === undefined ? undefined : linking.filesUsing(change);
}
