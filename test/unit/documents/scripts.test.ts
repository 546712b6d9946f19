import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Documents } from '../../../server/src/documents';
import { dialectOfScript } from '../../../server/src/documents/scripts';
import { SETTINGS, find, folderWith, found } from './harness';

const ENV = '#!/usr/bin/env node\nmain();\n';
const PLAIN = '#!/usr/bin/node\nmain();\n';

describe('programs without an extension', () => {
  it('are told by their first line', () => {
    for (const line of [
      '#!/usr/bin/env node',
      '#!/usr/bin/node',
      '#! /usr/local/bin/node --harmony',
      '#!/usr/bin/env -S node --no-warnings',
      '#!/usr/bin/env -S NODE_ENV=production node',
      '#!/usr/bin/nodejs',
    ])
      expect(dialectOfScript(`${line}\nx();`), line).toBe('js');
    for (const line of ['#!/bin/sh', '#!/usr/bin/env nodemon', '#!/usr/bin/env python', '// node', '', 'node'])
      expect(dialectOfScript(`${line}\nx();`), line).toBeUndefined();
  });

  it('are found where programs are: executable, in `bin`, or named by a manifest', async () => {
    const root = folderWith({
      'bin/serve': ENV,
      'bin/install': '#!/bin/sh\nexit\n',
      'tools/run': PLAIN,
      'tools/notes': ENV,
      'tools/empty': '',
      'package.json': '{"bin": "./lib/cli"}',
      'lib/cli': ENV,
      'packages/a/package.json': '{"bin": {"a": "a", "b": "sub/b"}}',
      'packages/a/a': PLAIN,
      'packages/a/sub/b': PLAIN,
      'packages/a/sub/c': PLAIN,
      'bin/Makefile.node': ENV,
    });
    for (const path of ['tools/run', 'tools/empty']) chmodSync(join(root, path), 0o755);
    symlinkSync(join(root, 'bin/serve'), join(root, 'bin/link'));
    const discovery = await find(root);
    expect(found(discovery)).toEqual(['bin/serve', 'lib/cli', 'packages/a/a', 'packages/a/sub/b', 'tools/run']);
    expect(new Set(discovery.files.map(({ dialect }) => dialect))).toEqual(new Set(['js']));
    const documents = new Documents({ roots: [root], settings: SETTINGS });
    const inspected = ['bin/install', 'bin/link', 'bin/serve', 'lib/cli', 'packages/a/a', 'packages/a/sub/b']
      .concat('packages/a/sub/c', 'tools/empty', 'tools/notes', 'tools/run', 'bin', 'bin/serve/x')
      .filter((path) => documents.inspect(join(root, path)) !== undefined);
    expect(inspected).toEqual(found(discovery));
  });

  it('are read in an editor as they are on disk', async () => {
    const root = folderWith({ 'bin/serve': ENV });
    const documents = new Documents({ roots: [root], settings: SETTINGS });
    const path = join(root, 'bin/serve');
    const onDisk = documents.inspect(path)?.dialect;
    for (const languageId of ['javascript', 'plaintext']) {
      documents.setOverlay(path, `${ENV}more();`, languageId);
      expect(documents.inspect(path)).toMatchObject({ dialect: onDisk, state: 'found' });
    }
    documents.setOverlay(path, '#!/bin/sh', 'shellscript');
    expect(documents.inspect(path)).toBeUndefined();
  });

  it('count when they are named, wherever they are', async () => {
    const root = folderWith({ notes: ENV, readme: 'node' });
    expect(found(await find(root))).toEqual([]);
    const named = await find(root, {}, { paths: [join(root, 'notes'), join(root, 'readme')] });
    expect(found(named)).toEqual(['notes']);
    expect(named.problems.map(({ problem }) => problem)).toEqual(['unsupported']);
  });
});
