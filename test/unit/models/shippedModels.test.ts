import { describe, expect, it } from 'vitest';
import { NO_API, type ApiState } from '../../../server/src/model/ids';
import type { KindSet } from '../../../server/src/model/summary';
import {
  compileModels,
  formatProblem,
  parsePath,
  type ApiDocument,
  type CompiledModels,
  type ModelDocument,
  type PathStep,
} from '../../../server/src/taint/models';
import { Automaton } from '../../../server/src/taint/models/automaton';
import { shipped } from './shipped';

const models = compileModels(shipped.documents);

describe('shipped models', () => {
  it('have no problem', () => {
    expect(shipped.problems.map(formatProblem)).toEqual([]);
    expect(models.problems.map(formatProblem)).toEqual([]);
  });

  it.each(shipped.documents.map((document) => [document.library, document] as const))(
    '%s: every path leads somewhere',
    (_, document) => {
      for (const { root, apis } of sections(document)) {
        for (const api of apis) {
          for (const path of typeof api.path === 'string' ? [api.path] : api.path) {
            for (const start of root) expect(walk(probe, start, parsePath(path)), path).not.toBe(NO_API);
          }
        }
      }
    },
  );

  it('have no type that nothing leads to', () => {
    if (!(models instanceof Automaton)) throw new TypeError('compiled models are an automaton');
    const reached = reachableTypes(models);
    for (const document of shipped.documents) {
      for (const name of Object.keys(document.types ?? {})) {
        const full = name.includes('.') ? name : `${document.library}.${name}`;
        expect(reached, full).toContain(full);
      }
    }
  });
});

describe('what the models say of', () => {
  const sinks = (state: ApiState, construct = false) =>
    models.callModel(state, construct).sinks.map(({ at, kind, when }) => {
      const place = at.root === 'argument' ? (at.from === at.to ? String(at.from) : `${String(at.from)}..`) : at.root;
      return `${models.kindName(kind)} ${[place, ...at.path].join('.')}${when === undefined ? '' : ' if'}`;
    });
  const at = (specifier: string, ...names: string[]) =>
    names.reduce((state, name) => models.member(state, name), models.packageRoot(specifier));
  const called = (state: ApiState) => models.returnValue(state);
  const labels = (state: ApiState) =>
    models.valueSources(state).map(({ path, label }) => `${path.join('.')}: ${label}`);
  const removes = (state: ApiState): KindSet =>
    models.callModel(state, false).flows.reduce((kinds, flow) => kinds | flow.removes, 0);

  it('child_process', () => {
    expect(sinks(at('node:child_process', 'exec'))).toEqual(['command 0', 'program 1...shell']);
    expect(sinks(at('child_process', 'spawn'))).toEqual([
      'program 0',
      // With a shell by a constant, or by settings that were handed on.
      'command 0 if',
      'command 0 if',
      'code 1.1 if',
      'command 1.[] if',
      'command 1.[] if',
      'command 1.[] if',
      'program 1...shell',
    ]);
    expect(labels(models.callbackParameter(at('child_process', 'exec'), 2, 3, 1, 3))).toEqual([
      ': Output of a child process',
    ]);
    expect(models.passesThrough(at('util', 'promisify'))).toBe(0);
    expect(models.callEffects['util.promisify']).toEqual({ returns: [0] });
  });

  it('fs in all its forms', () => {
    for (const state of [
      at('fs', 'readFile'),
      at('fs/promises', 'readFile'),
      at('fs', 'promises', 'readFile'),
      at('graceful-fs', 'readFileSync'),
      at('fs-extra', 'outputFile'),
    ]) {
      expect(sinks(state)).toContain('path 0');
    }
    expect(sinks(at('fs', 'rename'))).toEqual(['path 0..']);
    expect(labels(called(at('fs', 'readFileSync')))).toEqual([': Contents of the file system']);
    expect(labels(models.callbackParameter(at('fs', 'readFile'), 2, 3, 1, 2))).toEqual([
      ': Contents of the file system',
    ]);
    expect(labels(called(at('fs/promises', 'readFile')))).toEqual([': Contents of the file system']);
  });

  it('path', () => {
    const basename = at('path', 'basename');
    expect(removes(basename) & models.kindBit('path')).not.toBe(0);
    expect(removes(at('path', 'posix', 'basename'))).toBe(removes(basename));
    expect(removes(at('path', 'join')) & models.kindBit('path')).toBe(0);
    expect(models.callModel(at('path', 'isAbsolute'), false)).toMatchObject({ known: true, flows: [] });
  });

  it('process, by import and as a global', () => {
    expect(labels(models.global('process'))).toEqual(
      expect.arrayContaining(['argv: Command-line arguments', 'env: Environment variables']),
    );
    expect(labels(models.packageRoot('node:process'))).toEqual(labels(models.global('process')));
  });

  it('http servers and clients', () => {
    const createServer = at('https', 'createServer');
    const request = models.callbackParameter(createServer, 0, 1, 0, 2);
    expect(labels(request)).toEqual(expect.arrayContaining(['url: HTTP request url', 'headers: HTTP request headers']));
    expect(models.callbackParameter(createServer, 1, 2, 0, 2)).toBe(request);
    expect(models.callModel(models.member(request, 'on'), false).sources).toMatchObject([
      { at: { path: ['(0)'] }, when: { oneOf: ['data'] } },
    ]);
    const response = models.callbackParameter(createServer, 0, 1, 1, 2);
    expect(sinks(models.member(response, 'end'))).toEqual(['html 0']);
    expect(sinks(models.member(response, 'writeHead'))).toEqual(
      expect.arrayContaining(['header 1...[]', 'redirect 1...Location']),
    );
    expect(sinks(at('http', 'get'))).toEqual(expect.arrayContaining(['request 0', 'request 0.hostname']));
  });

  it('Express, however its handlers are written', () => {
    const app = called(at('express', 'default'));
    const handler = (state: ApiState, argument: number, parameter: number, parameters = 2) =>
      models.callbackParameter(state, argument, 2, parameter, parameters);
    const request = handler(models.member(app, 'get'), 1, 0);
    expect(labels(request)).toEqual(
      expect.arrayContaining([
        'query: Express request query',
        'body: Express request body',
        'headers: Express request headers',
      ]),
    );
    const router = called(at('express', 'Router'));
    expect(handler(models.member(router, 'post'), 1, 0)).toBe(request);
    expect(handler(models.member(called(models.member(router, 'route')), 'put'), 0, 0)).toBe(request);
    expect(handler(models.member(app, 'use'), 0, 1, 4)).toBe(request);
    expect(handler(models.member(app, 'use'), 0, 0, 4)).toBe(NO_API);
    expect(models.describe(models.instance(at('express', 'Request')))).toContain('express.Request');
    const response = handler(models.member(app, 'all'), 1, 1);
    let chained = response;
    for (const name of ['status', 'type', 'set', 'status']) chained = called(models.member(chained, name));
    expect(sinks(models.member(chained, 'send'))).toEqual(['html 0', 'html 1']);
    expect(sinks(models.member(chained, 'redirect'))).toEqual(['redirect 0..']);
    expect(sinks(models.member(response, 'end'))).toEqual(['html 0']);
    expect(models.callModel(models.member(response, 'json'), false)).toMatchObject({ known: true, sinks: [] });
    expect(models.passesThrough(models.packageRoot('express-async-handler'))).toBe(0);
  });

  it('databases', () => {
    for (const name of ['mysql', 'mysql2', 'mysql2/promise']) {
      expect(sinks(models.member(called(at(name, 'createPool')), 'query'))).toEqual(['sql 0', 'sql 0.sql']);
    }
    expect(sinks(models.member(models.instance(at('pg', 'Pool')), 'query'))).toEqual(['sql 0', 'sql 0.text']);
    expect(sinks(models.member(models.instance(models.packageRoot('better-sqlite3')), 'prepare'))).toContain('sql 0');
    expect(sinks(models.member(called(at('mongoose', 'model')), 'findOne'))).toEqual(
      expect.arrayContaining(['nosql 0', 'nosql 0.[]', 'nosql 0.$or.[].[]', 'code 0.$where']),
    );
    const client = models.instance(at('mongodb', 'MongoClient'));
    const collection = called(models.member(called(models.member(client, 'db')), 'collection'));
    expect(sinks(models.member(collection, 'find'))).toContain('nosql 0.[]');
  });

  it('requests that the program sends', () => {
    expect(sinks(models.global('fetch'))).toEqual(['request 0']);
    for (const name of ['axios', 'node-fetch', 'got', 'request', 'superagent', 'undici'])
      expect(sinks(at(name, 'get')), name).toContain('request 0');
    expect(sinks(models.packageRoot('axios'))).toEqual(
      expect.arrayContaining(['request 0', 'request 0.url', 'request 0.baseURL']),
    );
    expect(sinks(models.member(called(at('axios', 'create')), 'post'))).toContain('request 0');
  });

  it('the page', () => {
    expect(labels(models.global('location'))).toContain('hash: Address of the page (hash)');
    expect(models.member(models.global('window'), 'location')).toBe(models.global('location'));
    expect(models.storeSinksByName('innerHTML').map(({ kind }) => models.kindName(kind))).toEqual(['dom-html']);
    const element = called(models.member(models.global('document'), 'createElement'));
    expect(models.storeSinks(element, 'outerHTML')).toHaveLength(1);
    expect(models.storeSinks(models.global('window'), 'location').map(({ kind }) => models.kindName(kind))).toEqual([
      'redirect',
      'script-url',
    ]);
    expect(sinks(models.member(models.global('document'), 'write'))).toEqual(['dom-html 0..']);
    expect(sinks(models.member(models.global('@jsx'), 'div'))).toContain('dom-html 0.dangerouslySetInnerHTML.__html');
    expect(sinks(models.member(models.global('@jsx'), 'a'))).toContain('script-url 0.href');
  });

  it('the language', () => {
    expect(models.methodModel('map')?.flows).toEqual(
      expect.arrayContaining([
        {
          from: { root: 'receiver', path: ['[]'] },
          to: { root: 'argument', from: 0, to: 0, path: ['(0)'] },
          removes: 0,
          derives: false,
        },
        {
          from: { root: 'argument', from: 0, to: 0, path: ['()'] },
          to: { root: 'return', path: ['[]'] },
          removes: 0,
          derives: false,
        },
      ]),
    );
    expect(models.methodModel('push')?.flows).toMatchObject([
      { from: { from: 0, to: Infinity }, to: { root: 'receiver', path: ['[]'] } },
    ]);
    expect(models.methodModel('test')).toMatchObject({ known: true, flows: [] });
    expect(models.methodModel('includes')?.guards[0]).toMatchObject({
      constantReceiver: true,
      removes: models.allKinds,
    });
    expect(models.loadRemoves('length')).toBe(models.allKinds);
    expect(models.callModel(models.global('parseInt'), false)).toMatchObject({ known: true, flows: [] });
    expect(removes(models.global('encodeURIComponent')) & models.kindBit('html')).not.toBe(0);
    expect(removes(models.global('encodeURIComponent')) & models.kindBit('sql')).toBe(0);
    expect(sinks(models.global('eval'))).toEqual(['code 0']);
    expect(sinks(models.global('Function'), true)).toEqual(['code 0..']);
    expect(sinks(models.global('RegExp'), true)).toEqual(['regex 0']);
    expect(models.callModel(models.global('Promise'), true).flows.slice(0, 1)).toMatchObject([
      { from: { path: ['(0)', '(0)'] }, to: { root: 'return' } },
    ]);
  });

  it('sanitizers', () => {
    const kinds = (state: ApiState) => models.kindName(removes(state));
    expect(kinds(models.packageRoot('escape-html'))).toBe('html, dom-html');
    expect(kinds(at('dompurify', 'sanitize'))).toBe('html, dom-html');
    expect(kinds(at('shell-quote', 'quote'))).toBe('command');
    expect(kinds(at('mysql', 'escape'))).toBe('sql, nosql');
    expect(kinds(models.packageRoot('sanitize-filename'))).toContain('path');
    expect(kinds(models.packageRoot('escape-string-regexp'))).toBe('regex');
    expect(models.callModel(at('validator', 'isInt'), false).guards).toMatchObject([
      { removes: models.allKinds, result: true },
    ]);
    expect(models.callModel(at('crypto', 'createHash'), false).known).toBe(true);
  });

  it('lodash by all its names', () => {
    for (const state of [
      at('lodash', 'escape'),
      at('underscore', 'escape'),
      at('lodash/escape'),
      at('lodash-es', 'escape'),
      models.global('_') === NO_API ? NO_API : models.member(models.global('_'), 'escape'),
    ]) {
      expect(models.kindName(removes(state))).toBe('html, dom-html');
    }
    expect(sinks(models.packageRoot('lodash.template'))).toContain('template 0');
    expect(models.callEffects['lodash.extend']).toMatchObject({ copies: { from: 1, to: 0 } });
  });
});

const fullName = (document: ModelDocument, name: string): string =>
  name.includes('.') ? name : `${document.library}.${name}`;

/** Models in which each type can be asked for by its name. */
const probe = compileModels([
  ...shipped.documents,
  {
    library: 'probe',
    packages: ['probe'],
    apis: shipped.documents.flatMap((document) =>
      Object.keys(document.types ?? {}).map((name) => ({
        path: `Member[${fullName(document, name)}]`,
        type: fullName(document, name),
      })),
    ),
  },
]);

/** Sections of a document with the states their paths start at. */
function sections(document: ModelDocument): { root: readonly ApiState[]; apis: readonly ApiDocument[] }[] {
  const packages = (document.packages ?? []).map((name) => probe.packageRoot(name));
  const globals = (document.globals ?? []).map((name) => probe.global(name));
  const types = Object.entries(document.types ?? {}).map(([name, { apis }]) => ({
    root: [probe.member(probe.packageRoot('probe'), fullName(document, name))],
    apis: apis ?? [],
  }));
  return [{ root: [...packages, ...globals], apis: document.apis ?? [] }, ...types];
}

/** Follows a path as a program would, taking the first of alternatives. */
function walk(automaton: CompiledModels, start: ApiState, steps: readonly PathStep[]): ApiState {
  let state = start;
  for (const [index, step] of steps.entries()) {
    switch (step.kind) {
      case 'member':
        state = automaton.member(state, step.names[step.names.length - 1]);
        break;
      case 'anyMember':
        state = automaton.member(state, 'someName');
        break;
      case 'element':
        state = automaton.element(state);
        break;
      case 'argument': {
        const count = step.span.from < 0 ? 4 : step.span.from + 1;
        const argument = step.span.from < 0 ? count + step.span.from : step.span.from;
        const next = steps.at(index + 1);
        if (next?.kind === 'parameter')
          return walk(
            automaton,
            automaton.callbackParameter(state, argument, count, next.span.from, countOf(next)),
            steps.slice(index + 2),
          );
        state = automaton.argument(state, argument, count);
        break;
      }
      case 'parameter': {
        if (step.count.from > 0) return state;
        state = automaton.parameter(state, step.span.from);
        break;
      }
      case 'return':
        state = automaton.returnValue(state);
        break;
      case 'instance':
        state = automaton.instance(state);
        break;
      case 'awaited':
        state = automaton.awaited(state);
        break;
      case 'receiver':
      case 'anything':
        return state;
    }
  }
  return state;
}

const countOf = (step: PathStep & { kind: 'parameter' }): number =>
  step.count.to === Infinity ? Math.max(step.count.from, step.span.from + 1) : step.count.to;

/** Names of all types that some package, global or method leads to. */
function reachableTypes(automaton: Automaton): Set<string> {
  const roots = shipped.documents.flatMap((document) =>
    (document.packages ?? []).map((name) => automaton.packageRoot(name)),
  );
  for (const document of shipped.documents)
    for (const name of document.globals ?? []) roots.push(automaton.global(name));
  for (const { key } of models.conventions) roots.push(automaton.packageRoot(key));
  roots.push(
    ...['window', 'document', 'location', 'Buffer', 'WebSocket', 'URL', 'fetch', 'onmessage'].map((name) =>
      automaton.global(name),
    ),
  );
  const found = new Set<string>();
  const queue = roots.flatMap((state) => automaton.nodesOf(state));
  const seen = new Set(queue);
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    found.add(node.description);
    const { members, anyMember, element, returnValue, instance, receiver, also } = node;
    const next = [
      anyMember,
      element,
      returnValue,
      instance,
      receiver,
      ...members.values(),
      ...also,
      ...[...node.arguments, ...node.parameters].map(({ target }) => target),
    ];
    for (const other of next) {
      if (other === undefined || seen.has(other)) continue;
      seen.add(other);
      queue.push(other);
    }
  }
  return found;
}
