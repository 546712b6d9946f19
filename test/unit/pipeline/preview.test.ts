/** What is shown of a document that is edited before all is taken up that the last process left. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Analysis } from '../../../server/src/model/analysis';
import { PreviewWorld } from '../../../server/src/pipeline/previewWorld';
import { Solving } from '../../../server/src/pipeline/solving';
import { expectClean, Project } from './project';

const FILES = {
  'package.json': '{"name": "preview"}',
  'shell.js': "exports.run = (text) => require('child_process').exec(text);",
  'again.js': "exports.run = require('./shell').run;",
  'text.js': 'exports.trim = (text) => text.trim();\nexports.none = () => 1;',
  'page.js':
    "const { trim } = require('./text');\nrequire('express')().get('/', (req) => require('child_process').exec(trim(req.query.a)));",
  'server.js': "const { run } = require('./again');\nrequire('express')().get('/', (req) => run(req.query.name));",
};

let project: Project;
let analysis: Awaited<ReturnType<Project['open']>>;

beforeEach(async () => {
  project = new Project();
  project.write(FILES);
  const storage = project.path('.index');
  const first = await project.open({}, storage);
  await first.scan({});
  await first.idle();
  await first.close();
  analysis = await project.open({}, storage);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await project.remove();
});

/** Rule, and lines of source and sink, of what is shown of a file. */
function shown(of: Analysis, name: string): string[] {
  const path = project.path(name);
  return of
    .findingsOf(path)
    .filter(({ sink }) => sink.path === path)
    .map(({ rule, source, sink, paths }) => {
      const line = ({ range }: typeof sink): string => String(range.start.line + 1);
      return [rule.id, line(source), line(sink), paths.every(({ steps }) => steps.length > 0)].join(' ');
    });
}

/** Looks at a document with this text, then brings the index up to date, which has to show the same. */
async function edit(name: string, text: string): Promise<readonly string[]> {
  const path = project.path(name);
  const restore = vi.spyOn(Solving.prototype, 'restoreAll');
  analysis.setOverlay(path, text, 'javascript');
  const before = analysis.allFindings().length;
  expect(analysis.preview([path])).toMatchObject({ affected: [path], cancelled: false });
  const preview = shown(analysis, name);
  expect(restore).not.toHaveBeenCalled();
  expect(analysis.allFindings()).toHaveLength(before);
  await analysis.update([path]);
  expect(shown(analysis, name)).toEqual(preview);
  expect(analysis.preview([path])).toBeUndefined();
  await expectClean(project, analysis, name, new Map([[name, text]]));
  return preview;
}

describe('an edit', () => {
  it('shows what it brings about', async () => {
    const text = `${FILES['page.js']}\nrequire('express')().post('/', (req) => eval(req.body.code));`;
    expect(await edit('page.js', text)).toEqual(['command-injection 2 2 true', 'code-injection 3 3 true']);
  });

  it('shows what it brings about in other functions, and through files that were not imported before', async () => {
    const text =
      "const { run } = require('./shell');\nconst { trim } = require('./text');\nrequire('express')().get('/', (req) => eval(trim(req.query.name)));";
    expect(await edit('server.js', text)).toEqual(['code-injection 3 3 true']);
  });

  it('shows no more what it takes away', async () => {
    expect(await edit('page.js', FILES['page.js'].replace('trim }', 'none: trim }'))).toEqual([]);
  });

  it('moves what it moves', async () => {
    expect(await edit('page.js', `\n\n${FILES['page.js']}`)).toEqual(['command-injection 4 4 true']);
  });

  it('leaves in place what only others know of, where it is now', async () => {
    expect(await edit('shell.js', `\n\n${FILES['shell.js']}`)).toEqual(['command-injection 2 3 true']);
  });
});

it('goes on from edit to edit', () => {
  const world = vi.spyOn(PreviewWorld.prototype, 'look');
  const path = project.path('page.js');
  const type = (text: string): string[] => {
    analysis.setOverlay(path, text, 'javascript');
    analysis.preview([path]);
    return shown(analysis, 'page.js');
  };
  expect(type(`${FILES['page.js']}\neval(1);`)).toEqual(['command-injection 2 2 true']);
  expect(type(FILES['page.js'].replace('trim(req.query.a)', '1'))).toEqual([]);
  expect(type(FILES['page.js'].replace('get', 'put'))).toEqual(['command-injection 2 2 true']);
  // As it was: nothing has to be looked at.
  expect(type(FILES['page.js'])).toEqual(['command-injection 2 2 true']);
  expect(world).toHaveBeenCalledTimes(4);
});

it('says nothing of files that are not in the index', () => {
  const path = project.path('new.js');
  analysis.setOverlay(path, 'eval(process.argv[2]);', 'javascript');
  expect(analysis.preview([path])).toBeUndefined();
});

it('shows what it showed before when there is nothing to be said', () => {
  const path = project.path('page.js');
  analysis.setOverlay(path, readFileSync(path, 'utf8'), 'javascript');
  expect(analysis.preview([path])).toMatchObject({ affected: [path] });
  expect(shown(analysis, 'page.js')).toEqual(['command-injection 2 2 true']);
});

it('looks at a few edited documents at once, and at any number of others', () => {
  const names = Object.keys(FILES).filter((name) => name.endsWith('.js'));
  const paths = names.map((name) => project.path(name));
  for (const path of paths) analysis.setOverlay(path, readFileSync(path, 'utf8'), 'javascript');
  expect(analysis.preview(paths)).toMatchObject({ affected: paths });
  for (const path of paths.slice(0, 3)) analysis.setOverlay(path, 'eval(1);', 'javascript');
  expect(analysis.preview(paths)).toMatchObject({ affected: paths });
  analysis.setOverlay(paths[3], 'eval(1);', 'javascript');
  const world = vi.spyOn(PreviewWorld.prototype, 'look');
  expect(analysis.preview(paths)).toBeUndefined();
  expect(world).not.toHaveBeenCalled();
});
