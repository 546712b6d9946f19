/**
 * The layers of `server/ARCHITECTURE.md` as rules that fail (`npm run check:layers`). Each folder of `server/src` may
 * import `base`, `model` and what `mayImport` names. A layer that appears in the tree without a row here fails too.
 */

/** Folder of `server/src` → other folders it may import, beside itself. The same table stands in `server/ARCHITECTURE.md`. */
const mayImport = {
  base: [],
  model: ['base'],
  protocol: ['base', 'model'],
  documents: ['base', 'model'],
  parse: ['base', 'model'],
  regex: ['base'],
  extract: ['base', 'model', 'parse', 'regex'],
  store: ['base', 'model'],
  link: ['base', 'model'],
  taint: ['base', 'model'],
  pipeline: ['base', 'model', 'protocol', 'documents', 'parse', 'regex', 'extract', 'store', 'link', 'taint'],
  present: ['base', 'model', 'protocol'],
  session: ['base', 'model', 'protocol', 'present', 'pipeline'],
  cli: ['base', 'model', 'present'],
};

/** Folders that may read and write files, open connections and start processes. Entry points may as well. */
const mayTouchTheMachine = ['documents', 'store', 'session', 'cli'];

const entryPoints = '^server/src/[^/]+\\.ts$';

const layerRules = Object.entries(mayImport).map(([layer, others]) => ({
  name: `layer-${layer}`,
  severity: 'error',
  comment: `${layer}/ may import only: ${others.join(', ') || 'nothing else of the server'}.`,
  from: { path: `^server/src/${layer}/` },
  to: { path: '^server/src/', pathNot: [layer, ...others].map((name) => `^server/src/${name}/`) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'unknown-layer',
      severity: 'error',
      comment: 'A new folder of server/src needs a row in this file and in server/ARCHITECTURE.md.',
      from: { path: '^server/src/[^/]+/', pathNot: Object.keys(mayImport).map((name) => `^server/src/${name}/`) },
      to: {},
    },
    {
      name: 'entry-points-are-ends',
      severity: 'error',
      comment: 'Nothing imports an entry point; shared code belongs to a layer.',
      from: { path: '^(server|client)/src/' },
      to: { path: entryPoints },
    },
    {
      name: 'machine-access',
      severity: 'error',
      comment: 'Files, network and processes only in documents/, store/, session/, cli/ and entry points.',
      from: { path: '^server/src/[^/]+/', pathNot: mayTouchTheMachine.map((name) => `^server/src/${name}/`) },
      to: {
        dependencyTypes: ['core'],
        path: '^(node:)?(fs|fs/promises|net|tls|dgram|dns|http|http2|https|child_process|cluster)$',
      },
    },
    {
      name: 'server-without-editor',
      severity: 'error',
      comment: 'The server runs in any editor and on the command line.',
      from: { path: '^server/src/' },
      to: { path: '^client/|^vscode$|node_modules/(@types/vscode|vscode-languageclient)/' },
    },
    {
      name: 'language-server-library-in-its-place',
      severity: 'error',
      comment: 'Stages know no protocol: LSP libraries only in protocol/, present/, session/ and entry points.',
      from: {
        path: '^server/src/(base|model|documents|parse|regex|extract|store|link|taint|pipeline)/',
      },
      to: { path: 'node_modules/vscode-(languageserver|jsonrpc)' },
    },
    {
      name: 'client-knows-only-the-protocol',
      severity: 'error',
      comment: 'client/src may import vscode, libraries and server/src/protocol.',
      from: { path: '^client/src/' },
      to: { path: '^(server|test)/', pathNot: '^server/src/protocol/' },
    },
    {
      name: 'product-without-tests',
      severity: 'error',
      comment: 'The product does not import its tests or tools.',
      from: { path: '^(server|client)/src/' },
      to: { path: '^(test|server/tools)/' },
    },
    {
      name: 'no-circular',
      severity: 'error',
      comment:
        'A cycle means two files that are one. Circles through a type-only import vanish at run time and are allowed.',
      from: { path: '^(server|client)/src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'not-resolvable',
      severity: 'error',
      comment: 'An import that nothing answers to.',
      from: { path: '^(server|client)/src/' },
      to: { couldNotResolve: true, pathNot: '^vscode$' },
    },
    {
      name: 'declared-dependencies',
      severity: 'error',
      comment: 'What is imported stands in package.json.',
      from: { path: '^(server|client)/src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|dist-test)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
