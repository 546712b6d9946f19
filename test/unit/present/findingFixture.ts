/** Findings for the tests of the views. */
import type { Location, ResolvedFinding, Step } from '../../../server/src/model/finding';
import type { NamedFinding } from '../../../server/src/present/diagnostics';
import { plainView } from '../../../server/src/present/locations';

export const view = plainView(['/w']);

export function place(path: string, line: number, from = 0, to = from + 4): Location {
  return { path, range: { start: { line, character: from }, end: { line, character: to } } };
}

export function step(kind: Step['kind'], location: Location, text: string = kind): Step {
  return { kind, location, text, functionName: 'run' };
}

/** From `/w/in.ts` line 2 through `/w/mid.ts` line 5 to `/w/out.ts` line 9. */
export function finding(part: Partial<ResolvedFinding> = {}, id = 'f1'): NamedFinding {
  const source = place('/w/in.ts', 1, 4);
  const sink = place('/w/out.ts', 8, 2, 10);
  return {
    id,
    finding: {
      fingerprint: id,
      rule: {
        id: 'command-injection',
        name: 'Command injection',
        cwe: [78, 77],
        severity: 'critical',
        sources: ['remote'],
        sinks: ['command'],
        message: '',
        description: '',
        help: '',
      },
      severity: 'critical',
      confidence: 2,
      sourceKinds: ['remote'],
      message: 'Express request query reaches a command line.',
      source,
      sourceLabel: 'Express request query',
      sink,
      sinkLabel: 'child_process.exec',
      sourceFunction: { ...place('/w/in.ts', 0), name: 'handler' },
      sinkFunction: { ...place('/w/out.ts', 6), name: 'run' },
      help: 'Use `execFile`.',
      paths: [
        { steps: [step('source', source), step('call', place('/w/mid.ts', 4), 'passed to `run`'), step('sink', sink)] },
      ],
      morePaths: 0,
      ...part,
    },
  };
}
