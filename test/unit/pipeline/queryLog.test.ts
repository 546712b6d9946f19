/**
 * What an edit makes be worked out again, and why, to the last query: for each kind of edit the whole log of the update. More
 * than is listed is work for nothing, less is a stale result.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { Update } from '../../../server/src/model/analysis';
import { Project } from './project';

const APP = `const express = require('express');
const { run } = require('./run');
const { label } = require('./label');
const app = express();
app.get('/', (input, output) => {
  run(input.query.name);
  output.end(label(input.query.title));
});
`;
const RUN = `const { execSync } = require('child_process');
const { quote } = require('./quote');
exports.run = function run(name) {
  execSync('ls ' + quote(name));
};
exports.unused = function unused(a) { return a; };
`;
const QUOTE = `exports.quote = function quote(text) {
  return text;
};
`;
const LABEL = `exports.label = function label(text) {
  return text.length;
};
`;
const HUB = `exports.isSet = function isSet(value) {
  return value !== undefined;
};
`;
const FILES = { 'src/app.js': APP, 'src/run.js': RUN, 'src/quote.js': QUOTE, 'src/label.js': LABEL };

/** A short name for each function that the log names. */
const SHORT: readonly (readonly [string, string])[] = [
  ['src/app.js#arrow in app.get("/")', 'handler'],
  ['src/run.js#function exports.run', 'run'],
  ['src/quote.js#function exports.quote', 'quote'],
  ['src/label.js#function exports.label', 'label'],
];

interface Edit {
  readonly name: string;
  /** Texts by path; undefined deletes the file. */
  readonly edit: Readonly<Record<string, string | undefined>>;
  /** Files that are there before, beside the usual ones, or otherwise. */
  readonly before?: Readonly<Record<string, string>>;
  readonly log: readonly string[];
}

const EDITS: readonly Edit[] = [
  {
    name: 'a comment',
    edit: { 'src/quote.js': `// Quotes.\n${QUOTE}` },
    log: [
      'extract src/quote.js: its text → same',
      'link src/quote.js: its text → same',
      'files +0 ±1 −0, functions +0 ±0 −0, answers +0 ±0 −0, findings +0 ±0 −0',
    ],
  },
  {
    name: 'the same text',
    edit: { 'src/quote.js': QUOTE },
    log: ['files +0 ±0 −0, functions +0 ±0 −0, answers +0 ±0 −0, findings +0 ±0 −0'],
  },
  {
    name: 'moved lines that a path crosses',
    edit: { 'src/run.js': `\n\n${RUN}` },
    log: [
      'extract src/run.js: its text → same',
      'link src/run.js: its text → same',
      'trace command-injection in src/run.js: it crosses src/run.js → changed',
      'files +0 ±1 −0, functions +0 ±0 −0, answers +0 ±0 −0, findings +0 ±1 −0',
    ],
  },
  {
    name: 'a parameter with another name',
    edit: { 'src/quote.js': QUOTE.replaceAll('text', 'value') },
    log: [
      'extract src/quote.js: its text → changed',
      'link src/quote.js: its text → same',
      'solve quote about parameter 1: its code → same',
      'solve quote about uses of parameters: its code → same',
      'files +0 ±1 −0, functions +0 ±1 −0, answers +0 ±0 −0, findings +0 ±0 −0',
    ],
  },
  {
    name: 'a result that is clean now',
    edit: { 'src/quote.js': QUOTE.replace('return text', 'return String(text.length)') },
    log: [
      'extract src/quote.js: its text → changed',
      'link src/quote.js: its text → changed',
      'link src/run.js: what functions of src/quote.js return → same',
      'solve handler about sources: answer of run about parameter 1 → changed',
      'solve quote about parameter 1: its code → changed',
      'solve quote about uses of parameters: its code → same',
      'solve run about parameter 1: answer of quote about parameter 1 → changed',
      'trace command-injection in src/run.js: it crosses src/app.js; it crosses src/run.js → gone',
      'files +0 ±1 −0, functions +0 ±1 −0, answers +0 ±3 −0, findings +0 ±0 −1',
    ],
  },
  {
    name: 'a function that nothing untrusted reaches',
    edit: { 'src/run.js': RUN.replace('return a;', 'return a + 1;') },
    log: [
      'extract src/run.js: its text → changed',
      'link src/run.js: its text → same',
      'trace command-injection in src/run.js: it crosses src/run.js → same',
      'files +0 ±1 −0, functions +0 ±1 −0, answers +0 ±0 −0, findings +0 ±0 −0',
    ],
  },
  {
    name: 'another argument',
    edit: { 'src/app.js': APP.replace('run(input.query.name)', "run('all')") },
    log: [
      'extract src/app.js: its text → changed',
      'link src/app.js: its text → changed',
      'solve handler about sources: its code → changed',
      'trace command-injection in src/run.js: it crosses src/app.js → gone',
      'files +0 ±1 −0, functions +0 ±1 −0, answers +0 ±1 −0, findings +0 ±0 −1',
    ],
  },
  {
    name: 'one more source',
    edit: { 'src/app.js': APP.replace('label(input.query.title)', 'run(input.query.title)') },
    log: [
      'extract src/app.js: its text → changed',
      'link src/app.js: its text → changed',
      'solve handler about sources: its code → changed',
      'trace command-injection in src/run.js: it crosses src/app.js → new',
      'trace command-injection in src/run.js: it crosses src/app.js → same',
      'files +0 ±1 −0, functions +0 ±2 −0, answers +0 ±1 −0, findings +1 ±0 −0',
    ],
  },
  {
    name: 'another sink',
    edit: { 'src/run.js': RUN.replace("execSync('ls '", "console.log('ls '") },
    log: [
      'extract src/run.js: its text → changed',
      'link src/run.js: its text → changed',
      'solve handler about sources: answer of run about parameter 1 → changed',
      'solve run about parameter 1: its code → changed',
      'solve run about uses of parameters: its code → same',
      'trace command-injection in src/run.js: it crosses src/app.js; it crosses src/run.js → gone',
      'trace log-injection in src/run.js: it crosses src/app.js; it crosses src/run.js → new',
      'files +0 ±1 −0, functions +0 ±2 −0, answers +0 ±2 −0, findings +1 ±0 −1',
    ],
  },
  {
    name: 'a new function',
    edit: { 'src/quote.js': `${QUOTE}exports.more = function more() {};\n` },
    log: [
      'extract src/quote.js: its text → changed',
      'link src/quote.js: its text → changed',
      'link src/run.js: what src/quote.js offers → same',
      'files +0 ±1 −0, functions +1 ±1 −0, answers +0 ±0 −0, findings +0 ±0 −0',
    ],
  },
  {
    name: 'an export with another name',
    edit: { 'src/quote.js': QUOTE.replace('exports.quote', 'exports.quotes') },
    log: [
      'extract src/quote.js: its text → changed',
      'link src/quote.js: its text → changed',
      'link src/run.js: what functions of src/quote.js return; what src/quote.js offers → changed',
      'solve handler about sources: answer of run about parameter 1 → changed',
      'solve quote about parameter 1: the function is gone → gone',
      'solve quote about uses of parameters: the function is gone → gone',
      'solve run about parameter 1: its links → changed',
      'solve run about uses of parameters: its links → same',
      'trace command-injection in src/run.js: it crosses src/app.js; it crosses src/run.js → changed',
      'files +0 ±1 −0, functions +1 ±1 −1, answers +0 ±2 −2, findings +0 ±1 −0',
    ],
  },
  {
    name: 'a function that is deleted',
    edit: { 'src/run.js': RUN.replace('exports.unused = function unused(a) { return a; };\n', '') },
    log: [
      'extract src/run.js: its text → changed',
      'link src/app.js: what src/run.js offers → same',
      'link src/run.js: its text → changed',
      'solve run about parameter 1: the code around it → same',
      'solve run about uses of parameters: the code around it → same',
      'trace command-injection in src/run.js: it crosses src/run.js → same',
      'files +0 ±1 −0, functions +0 ±1 −1, answers +0 ±0 −0, findings +0 ±0 −0',
    ],
  },
  {
    name: 'an import that is deleted',
    edit: { 'src/run.js': RUN.replace("const { quote } = require('./quote');\n", '').replace('quote(name)', 'name') },
    log: [
      'extract src/run.js: its text → changed',
      'link src/app.js: what src/run.js offers → same',
      'link src/run.js: its text → changed',
      'solve handler about sources: answer of run about parameter 1 → changed',
      'solve run about parameter 1: its code → changed',
      'solve run about uses of parameters: its code → same',
      'trace command-injection in src/run.js: it crosses src/app.js; it crosses src/run.js → changed',
      'files +0 ±1 −0, functions +0 ±2 −0, answers +0 ±2 −0, findings +0 ±1 −0',
    ],
  },
  {
    name: 'a new file that nobody imports',
    edit: { 'src/other.js': LABEL },
    log: [
      'extract src/other.js: new file → new',
      'link src/other.js: new file → new',
      'files +1 ±0 −0, functions +2 ±0 −0, answers +0 ±0 −0, findings +0 ±0 −0',
    ],
  },
  {
    name: 'a file that an import was waiting for',
    edit: { 'src/late.js': QUOTE },
    before: { 'src/run.js': RUN.replace('./quote', './late') },
    log: [
      'extract src/late.js: new file → new',
      'link src/app.js: what src/run.js offers → same',
      'link src/late.js: new file → new',
      'link src/run.js: its imports lead elsewhere → changed',
      'solve handler about sources: answer of run about parameter 1 → changed',
      'solve src/late.js#function exports.quote about parameter 1: asked by run about parameter 1 → new',
      'solve src/late.js#function exports.quote about uses of parameters: asked by run about parameter 1 → new',
      'solve run about parameter 1: answer of src/late.js#function exports.quote about parameter 1; answer of src/late.js#function exports.quote about uses of parameters; its links → changed',
      'solve run about uses of parameters: its links → same',
      'trace command-injection in src/run.js: it crosses src/app.js; it crosses src/run.js → changed',
      'files +1 ±0 −0, functions +2 ±0 −0, answers +2 ±2 −0, findings +0 ±1 −0',
    ],
  },
  {
    name: 'a new file that takes the place of another',
    edit: { 'src/quote.ts': QUOTE },
    log: [
      'extract src/quote.ts: new file → new',
      'link src/quote.ts: new file → new',
      'link src/run.js: its imports lead elsewhere → changed',
      'solve src/quote.ts#function exports.quote about parameter 1: asked by run about parameter 1 → new',
      'solve src/quote.ts#function exports.quote about uses of parameters: asked by run about parameter 1 → new',
      'solve run about parameter 1: answer of src/quote.ts#function exports.quote about parameter 1; answer of src/quote.ts#function exports.quote about uses of parameters; its links → same',
      'solve run about uses of parameters: its links → same',
      'trace command-injection in src/run.js: it crosses src/run.js → same',
      'files +1 ±0 −0, functions +2 ±0 −0, answers +2 ±0 −0, findings +0 ±0 −0',
    ],
  },
  {
    name: 'a deleted file that others import',
    edit: { 'src/quote.js': undefined },
    log: [
      'extract src/quote.js: deleted → gone',
      'link src/app.js: what src/run.js offers → same',
      'link src/quote.js: deleted → gone',
      'link src/run.js: its imports lead elsewhere → changed',
      'solve handler about sources: answer of run about parameter 1 → changed',
      'solve quote about parameter 1: the function is gone → gone',
      'solve quote about uses of parameters: the function is gone → gone',
      'solve run about parameter 1: its links → changed',
      'solve run about uses of parameters: its links → same',
      'trace command-injection in src/run.js: it crosses src/app.js; it crosses src/run.js → changed',
      'files +0 ±0 −1, functions +0 ±0 −2, answers +0 ±2 −2, findings +0 ±1 −0',
    ],
  },
  {
    name: 'a file with another name',
    edit: { 'src/label.js': undefined, 'src/title.js': LABEL },
    log: [
      'extract src/title.js: renamed from src/label.js → same',
      'link src/app.js: its imports lead elsewhere → changed',
      'link src/label.js: deleted → gone',
      'link src/title.js: new file → new',
      'solve handler about sources: its links → changed',
      'solve src/app.js#module about sources: there are sources in it → new',
      'solve label about parameter 1: the function is gone → gone',
      'solve label about uses of parameters: the function is gone → gone',
      'trace command-injection in src/run.js: it crosses src/app.js → same',
      'trace xss in src/app.js: it crosses src/app.js → new',
      'files +0 ±0 −0 renamed 1, functions +0 ±0 −0, answers +1 ±1 −2, findings +1 ±0 −0',
    ],
  },
  {
    name: 'a file with another name, and its importer',
    edit: { 'src/quote.js': undefined, 'src/quoted.js': QUOTE, 'src/run.js': RUN.replace('./quote', './quoted') },
    log: [
      'extract src/quoted.js: renamed from src/quote.js → same',
      'extract src/run.js: its text → changed',
      'link src/quote.js: deleted → gone',
      'link src/quoted.js: new file → new',
      'link src/run.js: its text → changed',
      'solve quote about parameter 1: the function is gone → gone',
      'solve quote about uses of parameters: the function is gone → gone',
      'solve src/quoted.js#function exports.quote about parameter 1: asked by run about parameter 1 → new',
      'solve src/quoted.js#function exports.quote about uses of parameters: asked by run about parameter 1 → new',
      'solve run about parameter 1: answer of src/quoted.js#function exports.quote about parameter 1; answer of src/quoted.js#function exports.quote about uses of parameters; its links → same',
      'solve run about uses of parameters: its links → same',
      'trace command-injection in src/run.js: it crosses src/run.js → same',
      'files +0 ±1 −0 renamed 1, functions +0 ±1 −0, answers +2 ±0 −2, findings +0 ±0 −0',
    ],
  },
  {
    name: 'a barrel between',
    edit: { 'src/quote.js': `exports.quote = require('./label').label;\n` },
    log: [
      'extract src/quote.js: its text → changed',
      'link src/quote.js: its text → changed',
      'link src/run.js: what functions of src/quote.js return; what src/quote.js offers → changed',
      'solve handler about sources: answer of run about parameter 1 → changed',
      'solve quote about parameter 1: the function is gone → gone',
      'solve quote about uses of parameters: the function is gone → gone',
      'solve run about parameter 1: its links → changed',
      'solve run about uses of parameters: its links → same',
      'trace command-injection in src/run.js: it crosses src/app.js; it crosses src/run.js → gone',
      'files +0 ±1 −0, functions +0 ±1 −1, answers +0 ±2 −2, findings +0 ±0 −1',
    ],
  },
  {
    name: 'a syntax error',
    edit: { 'src/quote.js': QUOTE.replace('return text;', 'return text +;') },
    log: [
      'extract src/quote.js: its text → changed',
      'link src/quote.js: its text → same',
      'link src/run.js: what functions of src/quote.js return → same',
      'solve quote about parameter 1: its code → changed',
      'solve quote about uses of parameters: its code → same',
      'solve run about parameter 1: answer of quote about parameter 1 → same',
      'trace command-injection in src/run.js: it crosses src/run.js → same',
      'files +0 ±1 −0, functions +0 ±1 −0, answers +0 ±1 −0, findings +0 ±0 −0',
    ],
  },
  {
    name: 'a syntax error that is mended',
    edit: { 'src/quote.js': QUOTE },
    before: { 'src/quote.js': QUOTE.replace('return text;', 'return text +;') },
    log: [
      'extract src/quote.js: its text → changed',
      'link src/quote.js: its text → same',
      'link src/run.js: what functions of src/quote.js return → same',
      'solve quote about parameter 1: its code → changed',
      'solve quote about uses of parameters: its code → same',
      'solve run about parameter 1: answer of quote about parameter 1 → same',
      'trace command-injection in src/run.js: it crosses src/run.js → same',
      'files +0 ±1 −0, functions +0 ±1 −0, answers +0 ±1 −0, findings +0 ±0 −0',
    ],
  },
  {
    name: 'two files at once',
    edit: { 'src/quote.js': `// Quotes.\n${QUOTE}`, 'src/label.js': LABEL.replace('text.length', 'text') },
    log: [
      'extract src/quote.js: its text → same',
      'extract src/label.js: its text → changed',
      'link src/app.js: what functions of src/label.js return → same',
      'link src/label.js: its text → same',
      'link src/quote.js: its text → same',
      'solve handler about sources: answer of label about parameter 1 → changed',
      'solve label about parameter 1: its code → changed',
      'solve label about uses of parameters: its code → same',
      'trace command-injection in src/run.js: it crosses src/app.js → same',
      'trace xss in src/app.js: it crosses src/app.js → new',
      'files +0 ±2 −0, functions +0 ±1 −0, answers +0 ±2 −0, findings +1 ±0 −0',
    ],
  },
  {
    name: 'configuration that moves an import',
    edit: { 'tsconfig.json': '{ "compilerOptions": { "paths": { "quoting": ["./src/label.js"] } } }' },
    before: { 'src/run.js': RUN.replace('./quote', 'quoting').replace('quote }', 'label: quote }') },
    log: [
      'link src/app.js: what src/run.js offers → same',
      'link src/run.js: its imports lead elsewhere → changed',
      'solve handler about sources: answer of run about parameter 1 → changed',
      'solve run about parameter 1: its links → changed',
      'solve run about uses of parameters: its links → same',
      'trace command-injection in src/run.js: it crosses src/app.js; it crosses src/run.js → gone',
      'files +0 ±0 −0, functions +0 ±0 −0, answers +0 ±2 −0, findings +0 ±0 −1',
    ],
  },
  {
    name: 'configuration that moves none',
    before: { 'package.json': '{ "name": "shop", "version": "1.0.0" }' },
    edit: { 'package.json': '{ "name": "shop", "version": "2.0.0" }' },
    log: ['files +0 ±0 −0, functions +0 ±0 −0, answers +0 ±0 −0, findings +0 ±0 −0'],
  },
  {
    name: 'functions that call each other',
    edit: {
      'src/quote.js':
        "const { run } = require('./run');\nexports.quote = function quote(text) {\n  if (text.length > 9) run(text.slice(1));\n  return text;\n};\n",
    },
    log: [
      'extract src/quote.js: its text → changed',
      'link src/quote.js: its text → changed',
      'link src/run.js: what src/quote.js offers → same',
      'solve handler about sources: answer of run about parameter 1 → same',
      'solve quote about parameter 1: answer of run about parameter 1; answer of run about what it tests, where it fails; its code → changed',
      'solve quote about uses of parameters: its code → same',
      'solve run about parameter 1: answer of quote about parameter 1 → changed',
      'solve run about what it tests, where it fails: asked by quote about parameter 1 → new',
      'trace command-injection in src/run.js: it crosses src/app.js; it crosses src/run.js → same',
      'files +0 ±1 −0, functions +0 ±2 −0, answers +1 ±2 −0, findings +0 ±0 −0',
    ],
  },
  {
    name: 'a variable that functions share',
    edit: {
      'src/quote.js':
        'let last;\nexports.quote = function quote(text) {\n  const before = last;\n  last = text;\n  return before;\n};\n',
    },
    log: [
      'extract src/quote.js: its text → changed',
      'link src/quote.js: its text → changed',
      'link src/run.js: what functions of src/quote.js return; what src/quote.js offers → same',
      'solve handler about sources: answer of run about parameter 1 → changed',
      'solve handler about variable 0 of src/quote.js#module: something comes to the variable → new',
      'solve src/app.js#module about sources: there are sources in it → new',
      'solve quote about parameter 1: its code → changed',
      'solve quote about uses of parameters: its code → same',
      'solve quote about variable 0 of src/quote.js#module: asked by src/quote.js#module about variable 0 of src/quote.js#module; asked by run about variable 0 of src/quote.js#module → new',
      'solve src/quote.js#module about variable 0 of src/quote.js#module: asked by src/run.js#module about variable 0 of src/quote.js#module → new',
      'solve run about parameter 1: answer of quote about parameter 1 → changed',
      'solve run about variable 0 of src/quote.js#module: asked by handler about variable 0 of src/quote.js#module; asked by src/run.js#module about variable 0 of src/quote.js#module → new',
      'solve src/run.js#module about variable 0 of src/quote.js#module: something comes to the variable → new',
      'trace command-injection in src/run.js: it crosses src/app.js; it crosses src/quote.js; it crosses src/run.js → changed',
      'files +0 ±1 −0, functions +0 ±2 −0, answers +6 ±3 −0, findings +0 ±1 −0',
    ],
  },
  {
    name: 'what a function returns that some use and some only ask',
    before: {
      'src/app.js': `${APP}const { ask } = require('./ask');
const { show } = require('./show');
app.get('/hub', (input, output) => {
  ask(input.query.name);
  output.end(show(input.query.title));
});
`,
      'src/hub.js': HUB,
      'src/ask.js': `const { execSync } = require('child_process');
const { isSet } = require('./hub');
exports.ask = function ask(name) {
  if (!isSet(name)) return;
  execSync('ls ' + name);
};
`,
      'src/show.js': `const { isSet } = require('./hub');
exports.show = function show(title) {
  return isSet(title);
};
`,
    },
    edit: { 'src/hub.js': HUB.replace('return value !== undefined', 'return value.first') },
    log: [
      'extract src/hub.js: its text → changed',
      'link src/app.js: what functions of src/hub.js return → same',
      'link src/hub.js: its text → same',
      'link src/show.js: what functions of src/hub.js return → same',
      'solve src/app.js#arrow in app.get("/hub") about sources: answer of src/show.js#function exports.show about parameter 1 → changed',
      'solve src/hub.js#function exports.isSet about parameter 1: its code → changed',
      'solve src/hub.js#function exports.isSet about uses of parameters: its code → same',
      'solve src/hub.js#function exports.isSet about what it tests: its code → same',
      'solve src/show.js#function exports.show about parameter 1: answer of src/hub.js#function exports.isSet about parameter 1 → changed',
      'trace command-injection in src/ask.js: it crosses src/app.js → same',
      'trace xss in src/app.js: it crosses src/app.js; it crosses src/hub.js; it crosses src/show.js → new',
      'files +0 ±1 −0, functions +0 ±1 −0, answers +0 ±3 −0, findings +1 ±0 −0',
    ],
  },
  {
    name: 'a way that one of two findings goes',
    before: {
      'src/app.js': APP.replace('{ run }', '{ run, again }').replace(
        'label(input.query.title)',
        'again(input.query.title)',
      ),
      'src/run.js': `${RUN}exports.again = function again(name) {
  execSync('cat ' + name);
};
`,
    },
    edit: { 'src/quote.js': QUOTE.replace('return text', "return '-' + text") },
    log: [
      'extract src/quote.js: its text → changed',
      'link src/quote.js: its text → same',
      'link src/run.js: what functions of src/quote.js return → same',
      'solve quote about parameter 1: its code → changed',
      'solve quote about uses of parameters: its code → same',
      'solve run about parameter 1: answer of quote about parameter 1 → same',
      'trace command-injection in src/run.js: it crosses src/run.js → same',
      'files +0 ±1 −0, functions +0 ±1 −0, answers +0 ±1 −0, findings +0 ±0 −0',
    ],
  },
];

function shortened(text: string): string {
  return SHORT.reduce((result, [long, short]) => result.replaceAll(long, short), text);
}

const counts = ({ added, changed, removed }: Update['functions']): string =>
  `+${String(added)} ±${String(changed)} −${String(removed)}`;

function logOf({ queries, files, functions, summaries, findings }: Update): readonly string[] {
  return [
    ...queries.map(({ query, subject, reasons, result }) =>
      shortened(`${query} ${subject}: ${reasons.join('; ')} → ${result}`),
    ),
    `files ${counts(files)}${files.renamed > 0 ? ` renamed ${String(files.renamed)}` : ''}, functions ${counts(functions)}, answers ${counts(summaries)}, findings ${counts(findings)}`,
  ];
}

describe('the log of an update', () => {
  const project = new Project();
  afterEach(() => project.remove());

  it.each(EDITS)('$name', async ({ edit, before = {}, log }) => {
    project.write({ ...FILES, ...before });
    const analysis = await project.open({ explainUpdates: true });
    await analysis.scan({});
    for (const [name, text] of Object.entries(edit)) {
      if (text === undefined) project.delete(name);
      else project.write({ [name]: text });
    }
    const update = await analysis.update(Object.keys(edit).map((name) => project.path(name)));
    expect(logOf(update)).toEqual(log);
  });

  it('is empty unless the settings ask for it', async () => {
    project.write(FILES);
    const analysis = await project.open();
    const { queries, functions } = await analysis.scan({});
    expect(queries).toEqual([]);
    expect(functions).toEqual({ added: 9, changed: 0, removed: 0 });
  });
});
