/** A file that the file system refuses to give is tried again though nothing about it changed, and costs nothing as long as it is refused. */
import { expect, it } from 'vitest';
import { extractText } from '../../../server/src/pipeline/extractText';
import { fileExtractor } from '../../../server/src/pipeline/extractFile';
import { InlineExtractor } from '../../../server/src/pipeline/inlineExtractor';
import { readRequest } from '../../../server/src/pipeline/readRequest';
import { expectClean, findingsIn, Project } from './project';

const REASON = "The file can't be read: permission denied.";

it('is read when it may be', async () => {
  const refused = new Set<string>();
  const readSource: typeof readRequest = (request) =>
    refused.has(request.path) ? { state: 'failed', reason: REASON } : readRequest(request);
  const project = new Project(new InlineExtractor(fileExtractor(readSource, extractText)));
  try {
    project.write({
      'server.js': "require('express')().get('/', (req) => require('./run')(req.query.q));\n",
      'run.js': 'module.exports = (text) => eval(text);\n',
    });
    refused.add(project.path('run.js'));
    const analysis = await project.open({}, project.path('.index'));
    expect(await analysis.scan({})).toMatchObject({ failed: [{ path: project.path('run.js'), reason: REASON }] });
    expect(findingsIn(analysis)).toEqual([]);
    expect(await analysis.scan({})).toMatchObject({ failed: [], indexed: [], relinkedFunctions: 0 });
    await expectClean(project, analysis, 'refused');
    refused.clear();
    expect(await analysis.scan({})).toMatchObject({ indexed: [project.path('run.js')] });
    expect(findingsIn(analysis)).toHaveLength(1);
    await expectClean(project, analysis, 'given');
  } finally {
    await project.remove();
  }
});
