/** The analysis thread, started before anything else of the server is loaded: both take about as long, and there is nothing that one needs of the other. */
import * as nodePath from 'node:path';
import { loadAnalysisThread } from './analysisThread';
import { DEFAULT_SETTINGS } from './settings';

export const earlyAnalysis = loadAnalysisThread(
  nodePath.join(__dirname, 'analysisWorker.js'),
  DEFAULT_SETTINGS.maxMemory,
);
