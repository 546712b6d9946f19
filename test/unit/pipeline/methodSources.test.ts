/** A model may name a source by a method alone, of whatever value: then a call of it is asked about although no link leads to it. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findingsIn, Project } from './project';

const OWN = {
  name: 'own/kiosk.yaml',
  document: { library: 'kiosk', methods: [{ path: 'Member[readBadge].ReturnValue', source: 'remote' }] },
};
const DOOR = [
  "const { exec } = require('child_process');",
  'exports.open = (reader) => {',
  '  const badge = reader.readBadge();',
  '  exec("unlock " + badge);',
  '};',
].join('\n');
const OTHER = DOOR.replace('readBadge', 'readClock');

let project: Project;
beforeEach(() => {
  project = new Project();
});
afterEach(async () => {
  await project.remove();
});

it('is followed from the first index on, and from the edit that brings it', async () => {
  project.write({ 'door.js': DOOR });
  const first = await project.open({}, undefined, [OWN]);
  await first.scan({});
  const found = findingsIn(first);
  expect(found).toEqual([expect.stringMatching(/^command-injection \d door\.js:3 door\.js:4 /)]);
  project.write({ 'door.js': OTHER });
  await first.update([project.path('door.js')]);
  expect(findingsIn(first)).toEqual([]);
  project.write({ 'door.js': DOOR });
  await first.update([project.path('door.js')]);
  expect(findingsIn(first)).toEqual(found);
});

it('says nothing to those who have no such model', async () => {
  project.write({ 'door.js': DOOR });
  const analysis = await project.open();
  await analysis.scan({});
  expect(findingsIn(analysis)).toEqual([]);
});

it('asks all functions of a file that come to hold a source because another one names its property', async () => {
  const models = [
    {
      name: 'own/kiosk.yaml',
      document: { library: 'kiosk', packages: ['kiosk'], apis: [{ path: 'Member[badge]', source: 'remote' }] },
    },
  ];
  const wash = "function wash(text) { return require('kiosk').wash(text); }\nexports.wash = wash;\n";
  project.write({ 'door.js': `${wash}exports.open = () => require('kiosk').door;\n` });
  // Who is never asked anything would be asked anew by any edit of its file.
  const settings = { threatModels: ['remote', 'library'] };
  const edited = await project.open(settings, undefined, models);
  await edited.scan({});
  project.write({ 'door.js': `${wash}exports.open = () => require('kiosk').badge;\n` });
  await edited.update([project.path('door.js')]);
  const clean = await project.open(settings, undefined, models);
  await clean.scan({});
  // Before there is nothing else to do: then all that a clean run asks would be asked in any case, if anything was lost.
  expect(edited.dump()).toEqual(expect.arrayContaining([...clean.dump()]));
});
