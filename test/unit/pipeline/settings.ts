/** Settings of the analyses that tests open. */
import type { AnalysisSettings } from '../../../server/src/model/analysis';

export const SETTINGS: AnalysisSettings = {
  threatModels: ['remote'],
  minSeverity: 'low',
  minConfidence: 2,
  exclude: [],
  includeDependencies: false,
  maxFileSize: 1 << 20,
  incremental: true,
};
