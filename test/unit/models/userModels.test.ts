import Ajv from 'ajv';
import { describe, expect, it } from 'vitest';
import schema from '../../../server/models/schema.json';
import { compileModels, formatProblem, loadModels, validateModel } from '../../../server/src/taint/models';
import { shipped } from './shipped';

const problemsOf = (text: string) =>
  loadModels([{ name: 'shop.yaml', text }], shipped.documents).problems.map(formatProblem);

describe('a model of a user', () => {
  it('adds a library to the shipped ones', () => {
    const text = `
library: shop
packages: [shop-database]
apis:
  - path: Member[find].Argument[0]
    sink: sql
types:
  express.Request:
    apis:
      - path: Member[tenant]
        source: remote
        label: Tenant of the shop
`;
    const { documents, problems } = loadModels([{ name: 'shop.yaml', text }], shipped.documents);
    expect(problems).toEqual([]);
    const models = compileModels([...shipped.documents, ...documents]);
    const find = models.member(models.packageRoot('shop-database'), 'find');
    expect(models.callModel(find, false).sinks.map(({ label }) => label)).toEqual(['shop.find']);
    const app = models.returnValue(models.packageRoot('express'));
    const request = models.callbackParameter(models.member(app, 'get'), 1, 2, 0, 2);
    expect(models.valueSources(request)).toContainEqual({
      path: ['tenant'],
      kinds: models.sourceKindBit('remote'),
      label: 'Tenant of the shop',
      isRead: true,
    });
  });

  it('may be empty', () => {
    expect(problemsOf('')).toEqual([]);
    expect(problemsOf('# nothing yet\n')).toEqual([]);
  });

  it.each([
    [
      'library: shop\napis:\n  - path: [Member[a], x]\n    sink: sql\n',
      /^shop\.yaml:3:\d+: This is not valid YAML: .* Paths with brackets need quotes/,
    ],
    ['apis: []\n', /^shop\.yaml:1:1: The document needs "library"\./],
    [
      'library: shop\napi: []\n',
      /^shop\.yaml:1:1: "api" is not known here\. Did you mean "apis"\? Allowed are .*globalApis/,
    ],
    [
      'library: shop\napis:\n  - path: Self\n',
      /^shop\.yaml:3:5: The entry says nothing about its path\. Add one of type, source, sink/,
    ],
    [
      'library: shop\napis:\n  - path: Self\n    sink: 3\n',
      /^shop\.yaml:4:11: "sink" has to be string or array\. Sink kinds: command, code/,
    ],
    [
      'library: shop\napis:\n  - path: Self\n    sink: comand\n',
      /^shop\.yaml:4:11: "comand" is not a sink kind\. Did you mean "command"\? Known are .*sql/,
    ],
    [
      'library: shop\napis:\n  - path: Self\n    source: remot\n',
      /^shop\.yaml:4:13: "remot" is not a source kind\. Did you mean "remote"\?/,
    ],
    [
      'library: shop\napis:\n  - path: Membr[get]\n    sink: sql\n',
      /^shop\.yaml:3:11: "Membr\[get\]" is not a path component\. Did you mean Member\? Allowed are/,
    ],
    [
      'library: shop\napis:\n  - path:\n      - Self\n      - query.Argument[0]\n    sink: sql\n',
      /^shop\.yaml:5:9: "query" is not a path component\. To read a property, write Member\[query\]\./,
    ],
    [
      'library: shop\napis:\n  - path: Argument[x]\n    sink: sql\n',
      /^shop\.yaml:3:11: "x" in "Argument\[x\]" is not a position\. Positions are 0, 1/,
    ],
    [
      'library: shop\napis:\n  - path: Argument\n    sink: sql\n',
      /"Argument" needs brackets\. Write for example Argument\[0\]\./,
    ],
    ['library: shop\napis:\n  - path: Argument[0\n    sink: sql\n', /has a "\[" that is not closed/],
    [
      'library: shop\napis:\n  - path: Argument[-1]\n    sink: sql\n',
      /"Argument\[-1\]" counts from the end\. .*give a range/,
    ],
    [
      'library: shop\napis:\n  - path: Self\n    flow: Argument[0] to ReturnValue\n',
      /^shop\.yaml:4:11: "flow" is not written as it should be\. How a call hands data on/,
    ],
    [
      'library: shop\napis:\n  - path: Self\n    flow: Argument[0] -> Member[x]\n',
      /^shop\.yaml:4:11: "Member\[x\]" is not a place in a call\. A place starts with Argument\[n\], Receiver/,
    ],
    [
      'library: shop\napis:\n  - path: Self\n    type: express.Reqest\n',
      /^shop\.yaml:4:11: There is no type "express\.Reqest"\. Did you mean "express\.Request"\?/,
    ],
    [
      'library: shop\napis:\n  - path: Argument[0]\n    sink: sql\n    when: { at: "Argument[1]" }\n',
      /^shop\.yaml:5:11: A condition needs one of "is", "isNot"/,
    ],
    [
      'library: shop\nprefixes:\n  - pattern: "("\n    removes: all\n',
      /^shop\.yaml:3:5: This is not a regular expression\./,
    ],
    [
      'library: shop\nrules:\n  - id: x\n    severity: terrible\n',
      /"severity" is not one of the allowed values\. Allowed are critical or high/,
    ],
    ['- a\n- b\n', /^shop\.yaml:1:1: The document has to be object\./],
  ])('that is wrong says where and what is allowed: %j', (text, expected) => {
    const problems = problemsOf(text);
    expect(problems.join('\n')).toMatch(new RegExp(expected.source, 'm'));
  });

  it('loses only its broken entries', () => {
    const text =
      'library: shop\npackages: [shop]\napis:\n  - path: Memer[a]\n    sink: sql\n  - path: Argument[0]\n    sink: sql\n';
    const { documents, problems } = loadModels([{ name: 'shop.yaml', text }], shipped.documents);
    expect(problems).toHaveLength(1);
    const models = compileModels([...shipped.documents, ...documents]);
    expect(models.callModel(models.packageRoot('shop'), false).sinks).toHaveLength(1);
    expect(models.problems.map(({ at }) => at)).toEqual([['apis', 0, 'path']]);
  });

  it('is refused by the editor where it is refused here', () => {
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    for (const document of shipped.documents) expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    for (const broken of [
      {},
      { library: 'x', api: [] },
      { library: 'x', apis: [{ path: 'Self' }] },
      { library: 'x', apis: [{ sink: 'sql' }] },
      [],
    ]) {
      expect(validate(broken)).toBe(false);
      expect(validateModel(broken)).not.toEqual([]);
    }
  });

  it('can be checked alone, without what it refers to', () => {
    const document = {
      library: 'x',
      apis: [
        { path: 'Self', type: 'express.Request' },
        { path: 'Argument[0]', sink: 'sql' },
      ],
    };
    expect(validateModel(document)).toEqual([]);
    expect(validateModel(document, 'x.yaml', [])).toHaveLength(2);
  });
});
