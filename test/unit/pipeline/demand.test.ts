/** The analysis looks at what untrusted data can reach: what it leaves out, and what it takes up when settings, code or the process change. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Solving } from '../../../server/src/pipeline/solving';
import { SETTINGS, findingsIn, Project } from './project';

const SERVER = "const { run } = require('./shell');\nrequire('express')().get('/', (req) => run(req.query.name));";
const FILES = {
  'package.json': '{"name": "demand", "exports": "./index.js"}',
  'index.js': "exports.start = require('./shell').start;\nexports.unused = (n) => n + 1;",
  'shell.js': lines(
    "const { exec } = require('child_process');",
    'exports.run = (text) => exec(text);',
    'exports.start = (command) => exec(command);',
  ),
  'server.js': SERVER,
};

let project: Project;
let storage: string;

function lines(...text: string[]): string {
  return text.join('\n');
}

beforeEach(() => {
  project = new Project();
  storage = project.path('.index');
  project.write(FILES);
});
afterEach(async () => {
  await project.remove();
});

describe('the threat model', () => {
  it('decides what is asked and told, in the process that it is changed in', async () => {
    const analysis = await project.open();
    await analysis.scan({});
    const remote = findingsIn(analysis);
    expect(remote).toEqual([expect.stringContaining('shell.js:2')]);
    await analysis.changeSettings({ ...SETTINGS, threatModels: ['library'] });
    expect(findingsIn(analysis)).toEqual([expect.stringContaining('shell.js:3')]);
    await analysis.changeSettings({ ...SETTINGS, threatModels: ['library', 'remote'] });
    expect(findingsIn(analysis)).toHaveLength(2);
    await analysis.changeSettings(SETTINGS);
    expect(findingsIn(analysis)).toEqual(remote);
  });

  it('decides it in the process after one, too', async () => {
    const first = await project.open({}, storage);
    await first.scan({});
    await first.idle();
    await first.close();
    const second = await project.open({ threatModels: ['library'] }, storage);
    await second.scan({});
    expect(findingsIn(second)).toEqual([expect.stringContaining('shell.js:3')]);
    await second.idle();
    await second.close();
    const third = await project.open({}, storage);
    await third.scan({});
    expect(findingsIn(third)).toEqual([expect.stringContaining('shell.js:2')]);
  });
});

describe('the process after one', () => {
  const GROUP = lines(
    'let kept;',
    'exports.keep = (x) => { kept = x; };',
    'exports.even = (n) => (n > 9 ? exports.odd(n - 1) : kept);',
    'exports.odd = (n) => (n > 1 ? exports.even(n - 1) : "x");',
  );
  const group = (kept: string): Record<string, string> => ({
    'group.js': GROUP,
    'writer.js': `require('express')().get('/', (req) => require('./group').keep(${kept}));`,
    'show.js': "require('child_process').exec(require('./group').odd(7));",
  });

  it('says the same without asking anybody, and does what edits ask for', async () => {
    project.write(group('req.query.x'));
    const first = await project.open({}, storage);
    await first.scan({});
    await first.idle();
    const before = findingsIn(first);
    expect(before).toEqual([expect.stringContaining('show.js:1'), expect.stringContaining('shell.js:2')]);
    await first.close();

    const second = await project.open({}, storage);
    expect(findingsIn(second)).toEqual(before);
    const { summarizedFunctions } = await second.scan({});
    expect(summarizedFunctions).toBe(0);
    expect(findingsIn(second)).toEqual(before);
    project.write({ 'writer.js': group("'fixed'")['writer.js'] });
    await second.update([project.path('writer.js')]);
    expect(findingsIn(second)).toEqual([expect.stringContaining('shell.js:2')]);
    project.write({ 'writer.js': group('req.body')['writer.js'], 'server.js': '' });
    await second.update([project.path('writer.js'), project.path('server.js')]);
    expect(findingsIn(second)).toEqual([expect.stringContaining('show.js:1')]);
    expect(project.problems).toEqual([]);
  });
});

describe('a path that is too long to be told', () => {
  it('is cut before the sink, not at it', async () => {
    const calls = Array.from(
      { length: 120 },
      (_, n) => `function f${String(n)}(x) { return f${String(n + 1)}('a' + x); }`,
    );
    project.write({
      'deep.js': lines(
        ...calls,
        "function f120(x) { require('child_process').exec(x); }",
        "require('express')().get('/', (req) => { f0(req.query.x); });",
      ),
      'server.js': '',
    });
    const analysis = await project.open();
    await analysis.scan({});
    const [finding, ...others] = analysis.allFindings();
    expect(others).toEqual([]);
    expect(finding.sink.range.start.line).toBe(120);
    for (const { steps } of finding.paths) {
      expect(steps[0].location.range.start.line).toBe(121);
      const last = steps[steps.length - 1].location;
      expect({ path: last.path, line: last.range.start.line }).toEqual({ path: project.path('deep.js'), line: 120 });
    }
    // Less is told than there is, which is three steps a function, and that is said.
    expect(finding.paths[0].steps.length).toBeLessThan(3 * 120);
    expect(finding.paths[0].truncated).toBeDefined();
  });
});

describe('answers that nobody asks for any more', () => {
  it('are looked for only when something that was said, or asked, is not any more', async () => {
    const collect = vi.spyOn(Solving.prototype, 'collect');
    const analysis = await project.open();
    await analysis.scan({});
    await analysis.idle();
    const edit = async (name: string, text: string): Promise<number> => {
      collect.mockClear();
      project.write({ [name]: text });
      await analysis.update([project.path(name)]);
      await analysis.idle();
      return collect.mock.calls.length;
    };
    expect(await edit('index.js', `${FILES['index.js']}\nexports.more = (n) => n + 2;`)).toBe(0);
    expect(await edit('index.js', FILES['index.js'].replace('n + 1', 'n + 3'))).toBe(0);
    expect(await edit('server.js', `${SERVER}\nrequire('express')().get('/q', (req) => run(req.query.q));`)).toBe(0);
    expect(findingsIn(analysis)).toHaveLength(2);
    expect(await edit('shell.js', FILES['shell.js'].replace('exec(text)', 'text'))).toBe(1);
    expect(await edit('server.js', SERVER.replace('run(req.query.name)', '1'))).toBe(1);
    expect(findingsIn(analysis)).toEqual([]);
    collect.mockRestore();
  });

  it('are not looked for by a process that takes up an index without any', async () => {
    const collect = vi.spyOn(Solving.prototype, 'collect');
    const first = await project.open({}, storage);
    await first.scan({});
    await first.idle();
    await first.close();
    collect.mockClear();
    const second = await project.open({}, storage);
    await second.scan({});
    await second.idle();
    await second.idle();
    expect(collect).not.toHaveBeenCalled();
    collect.mockRestore();
  });
});
