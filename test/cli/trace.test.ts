/** `tributary trace`, as a process. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonSlice } from '../../server/src/present/sliceReport';
import { CliWorkspace } from './workspace';

const RUN = `const { exec } = require('child_process');
exports.run = function run(command) {
  exec('tool ' + command);
};
`;
const SERVER = `const { run } = require('./run');
require('express')().get('/', (req) => run(req.query.name));
run(process.argv[2]);
`;

let workspace: CliWorkspace;
beforeAll(async () => {
  workspace = await CliWorkspace.build();
});
beforeEach(() => {
  workspace.clear();
  workspace.write({ 'lib/run.js': RUN, 'lib/server.js': SERVER });
});
afterAll(() => workspace.remove());

describe('tributary trace', () => {
  it('shows what can reach a sink, with the steps, whatever the threat model is', () => {
    const { code, stdout, stderr } = workspace.run('trace', 'lib/run.js:3', '--quiet');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Findings:\n\nlib/server.js:2:');
    expect(stdout).toContain('Express request query  critical  command-injection');
    expect(stdout).toContain('With other threat models:\n\nlib/server.js:3:');
    expect(stdout).toMatch(/^ +\d\. lib\/run\.js:3:3 {2}child_process\.exec$/m);
    expect(stdout).toMatch(/^What can reach child_process\.exec at lib\/run\.js:3:3: 3 sources and entry points\.$/m);
  });

  it('shows what a source reaches, as JSON too', () => {
    const { code, stdout } = workspace.run('trace', 'lib/server.js:3:9', '--from', '--format', 'json', '--quiet');
    expect(code).toBe(0);
    const slice = JSON.parse(stdout) as JsonSlice;
    expect(slice).toMatchObject({
      direction: 'from',
      target: { file: 'lib/server.js', line: 3, kind: 'source' },
      flows: [{ status: 'otherThreatModel', rule: 'command-injection', end: { file: 'lib/run.js', line: 3 } }],
      isCut: false,
    });
    expect(slice.flows[0].paths[0].steps.at(-1)).toMatchObject({ kind: 'sink', line: 3 });
  });

  it('decides by what stands there', () => {
    expect(workspace.run('trace', 'lib/server.js:3', '--quiet').stdout).toMatch(/^What is reached from /m);
  });

  it('says what is near where nothing is', () => {
    const { code, stdout, stderr } = workspace.run('trace', 'lib/run.js:4', '--to', '--quiet');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      'tributary: There is no sink that the models know of on line 4. Near it: child_process.exec (lib/run.js:3:3).\n',
    );
  });

  it('wants a place', () => {
    for (const place of ['lib/run.js', 'lib/run.js:0', 'lib/run.js:x']) {
      const { code, stderr } = workspace.run('trace', place);
      expect(code).toBe(2);
      expect(stderr).toContain('It has to be file:line or file:line:column');
    }
    expect(workspace.run('trace', 'lib/none.js:1')).toMatchObject({
      code: 2,
      stderr: 'tributary: lib/none.js does not exist\n',
    });
  });
});
