/** The tree view over what the server would answer: the same groups and findings whatever way they come in. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { TaintTreeProvider, type TreeNode } from '../../../client/src/taintTree';
import type { ServerManager } from '../../../client/src/serverManager';
import { REQUEST, type SliceAnswer, type TaintPaths } from '../../../server/src/protocol/messages';
import { Documents } from '../../../server/src/session/documents';
import { FindingGroups } from '../../../server/src/session/findingGroups';
import {
  getTaintFindings,
  getTaintPaths,
  getTaintPlace,
  getTaintTree,
} from '../../../server/src/session/handlers/taintTree';
import { PublishedFindings } from '../../../server/src/session/published';
import type { ServerContext } from '../../../server/src/session/serverContext';
import { finding, place } from '../present/findingFixture';

// The editor's own module is there in its extension host only.
vi.mock('vscode', () => {
  class EventEmitter {
    readonly #listeners: ((value: unknown) => void)[] = [];
    readonly event = (listener: (value: unknown) => void): void => void this.#listeners.push(listener);
    fire(value: unknown): void {
      for (const listener of this.#listeners) listener(value);
    }
  }
  class TreeItem {
    constructor(
      readonly label: string,
      readonly collapsibleState: number,
    ) {}
  }
  class Named {
    constructor(readonly value: string) {}
  }
  return {
    EventEmitter,
    TreeItem,
    ThemeIcon: Object.assign(Named, { File: new Named('file') }),
    ThemeColor: Named,
    MarkdownString: Named,
    TreeItemCollapsibleState: { None: 0, Collapsed: 1, Expanded: 2 },
    Uri: { parse: (text: string) => text },
    l10n: {
      t: (text: string, ...values: unknown[]) => text.replace(/\{(\d)\}/g, (_all, i: string) => String(values[+i])),
    },
  };
});
vi.mock('../../../client/src/serverManager', () => ({ ServerUnavailableError: class extends Error {} }));

let published: PublishedFindings;
let tree: TaintTreeProvider;
let requests: { method: string; findings: number }[];
let refreshed: number;

beforeEach(() => {
  published = new PublishedFindings();
  const documents = new Documents();
  documents.roots = ['/w'];
  const context = { documents, published, findingGroups: new FindingGroups(published, documents) } as ServerContext;
  requests = [];
  const request = (method: string, params: object): Promise<unknown> => {
    const answer = answerTo(context, method, params);
    // As over a connection: the client gets a copy.
    const copy = JSON.parse(JSON.stringify(answer)) as unknown;
    requests.push({ method, findings: (JSON.stringify(copy).match(/"fingerprint"/g) ?? []).length });
    return Promise.resolve(copy);
  };
  const values = new Map<string, unknown>();
  const memory = {
    get: (key: string): unknown => values.get(key),
    update: (key: string, value: unknown) => Promise.resolve(void values.set(key, value)),
  };
  tree = new TaintTreeProvider(
    { request, state: { kind: 'running' } } as unknown as ServerManager,
    memory as unknown as ConstructorParameters<typeof TaintTreeProvider>[1],
  );
  refreshed = 0;
  tree.onDidChangeTreeData(() => refreshed++);
});

function answerTo(context: ServerContext, method: string, params: object): unknown {
  switch (method) {
    case REQUEST.taintTree:
      return getTaintTree(context, params);
    case REQUEST.taintFindings:
      return getTaintFindings(context, params);
    case REQUEST.taintPlace:
      return getTaintPlace(context, params);
    default:
      return getTaintPaths(context, params);
  }
}

/** So many findings with their sink in the file, one a line. */
function publish(path: string, count: number, severity: 'high' | 'low' = 'high'): void {
  const findings = Array.from(
    { length: count },
    (_, line) => finding({ severity, sink: place(path, line) }, `${path}:${String(line)}`).finding,
  );
  published.apply([{ path, version: undefined, findings, status: undefined }]);
  tree.refresh();
}

function label(node: TreeNode): string {
  const { label: text, description } = tree.getTreeItem(node);
  if (node.kind === 'finding') return typeof description === 'string' ? description : '';
  return typeof text === 'string' ? text : (text?.label ?? '');
}

const labels = async (node?: TreeNode): Promise<string[]> => (await tree.getChildren(node)).map(label);

const isExpanded = (node: TreeNode): boolean => tree.getTreeItem(node).collapsibleState === 2;

/** Clicks the row that shows more. */
async function clickMore(node?: TreeNode): Promise<void> {
  const row = (await tree.getChildren(node)).at(-1);
  const { command } = tree.getTreeItem(row as TreeNode);
  expect(command?.command).toBe('tributary.showMore');
  tree.showMore((command?.arguments as [string | undefined])[0]);
}

const lines = (file: string, from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `${file}:${String(from + i + 1)} ← Express request query`);

describe('a slice', () => {
  const flow = (id: string, paths: number): TaintPaths => ({
    finding: {
      id,
      fingerprint: '',
      label: 'request query',
      description: 'in.ts:1',
      accessibilityLabel: 'request query at in.ts:1',
      severity: 'high',
      confidence: 3,
      ruleId: 'command-injection',
      ruleName: 'Command injection',
      uri: 'file:///w/in.ts',
      range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } },
      pathCount: paths,
    },
    tooltip: 'about it',
    paths: Array.from({ length: paths }, (_, i) => ({ label: `Path ${String(i + 1)}`, description: '', steps: [] })),
    morePaths: -1,
  });
  const answer: SliceAnswer = {
    outcome: 'done',
    message: 'What can reach it: 2 sources and entry points.',
    direction: 'to',
    title: 'exec at run.js:3',
    groups: [
      { id: 'slice:finding', label: 'Findings', flows: [flow('a', 2)] },
      { id: 'slice:entryPoint', label: 'From entry points', flows: [flow('b', 1)] },
    ],
    notes: ['It took too long.'],
    isCut: true,
    near: [],
  };

  it('takes the place of the findings, until they are gone back to', async () => {
    publish('/w/a.ts', 1);
    tree.showSlice(answer);
    expect(await labels()).toEqual(['It took too long.', 'Findings', 'From entry points']);
    const [, findings, entryPoints] = await tree.getChildren();
    expect(isExpanded(findings)).toBe(true);
    const [first] = await tree.getChildren(findings);
    expect(tree.getParent(first)).toBe(findings);
    expect(tree.getTreeItem(first)).toMatchObject({
      label: 'request query',
      command: { command: 'tributary.selectFlow' },
    });
    expect(await labels(first)).toEqual(['Path 1', 'Path 2', 'there are more paths']);
    expect(await labels((await tree.getChildren(entryPoints))[0])).toEqual(['there are more paths']);
    tree.showSlice(undefined);
    expect(await labels()).toEqual(['High']);
  });

  it('says when something changed since, and when there is nothing', async () => {
    tree.showSlice({ ...answer, groups: [], notes: [] });
    expect(await labels()).toEqual([answer.message]);
    tree.findingsChanged();
    expect(await labels()).toEqual(['Something changed since this was asked.', answer.message]);
    tree.showSlice(answer);
    expect((await labels())[0]).toBe('It took too long.');
  });
});

describe('a small tree', () => {
  it('comes with one request, all groups open', async () => {
    publish('/w/a.ts', 3);
    publish('/w/b.ts', 2, 'low');
    const [high, low] = await tree.getChildren();
    expect(await labels()).toEqual(['High', 'Low']);
    expect([high, low].map((node) => isExpanded(node))).toEqual([true, true]);
    expect(await labels(high)).toEqual(lines('a.ts', 0, 3));
    expect(await labels(low)).toEqual(lines('b.ts', 0, 2));
    expect(requests.map(({ method }) => method)).toEqual([REQUEST.taintTree]);
  });

  it('has findings at the top when they are not grouped', async () => {
    await tree.groupBy('none');
    publish('/w/a.ts', 2);
    expect(await labels()).toEqual(lines('a.ts', 0, 2));
    const node = await tree.nodeOf('/w/a.ts:1');
    expect(tree.getParent(node as TreeNode)).toBeUndefined();
  });

  it('tells of a finding what it is about when asked', async () => {
    publish('/w/a.ts', 1);
    const node = await tree.nodeOf('/w/a.ts:0');
    const item = await tree.resolveTreeItem(tree.getTreeItem(node as TreeNode), node as TreeNode);
    expect((item.tooltip as { value: string }).value).toContain('**Command injection**');
  });
});

describe('a large tree', () => {
  it('shows the first findings of a group, says how many more there are, and shows them', async () => {
    publish('/w/a.ts', 1100);
    const group = async (): Promise<TreeNode> => (await tree.getChildren())[0];
    expect(String(tree.getTreeItem(await group()).description)).toBe('1100');
    expect(await labels(await group())).toEqual([...lines('a.ts', 0, 250), '850 more findings…']);
    await clickMore(await group());
    expect(await labels(await group())).toEqual([...lines('a.ts', 0, 500), '600 more findings…']);
    await clickMore(await group());
    await clickMore(await group());
    expect(await labels(await group())).toEqual(lines('a.ts', 0, 1100));
    expect(Math.max(...requests.map(({ findings }) => findings))).toBe(250);
  });

  it('does so without groups, too', async () => {
    await tree.groupBy('none');
    publish('/w/a.ts', 300);
    expect(await labels()).toEqual([...lines('a.ts', 0, 250), '50 more findings…']);
    await clickMore();
    expect(await labels()).toEqual(lines('a.ts', 0, 300));
  });

  it('opens what came along, and asks for the rest when it is opened', async () => {
    await tree.groupBy('file');
    publish('/w/a.ts', 240);
    publish('/w/b.ts', 30);
    publish('/w/c.ts', 5);
    const [a, b, c] = (await tree.getChildren()) as [TreeNode, TreeNode, TreeNode];
    expect([a, b, c].map(isExpanded)).toEqual([true, true, false]);
    requests.length = 0;
    expect(await labels(c)).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'line 5'].map(fromQuery));
    expect(await labels(b)).toHaveLength(30);
    expect(requests.map(({ findings }) => findings)).toEqual([5, 20]);
  });

  it('says how many more groups there are, and shows them', async () => {
    await tree.groupBy('file');
    for (let i = 0; i < 260; i++) publish(`/w/${String(i).padStart(3, '0')}.ts`, 1);
    expect((await labels()).slice(-2)).toEqual(['249.ts', '10 more groups…']);
    await clickMore();
    expect((await labels()).slice(-2)).toEqual(['258.ts', '259.ts']);
  });

  it('finds a finding that is not shown yet, to reveal it', async () => {
    publish('/w/a.ts', 900);
    refreshed = 0;
    const node = (await tree.nodeOf('/w/a.ts:700')) as TreeNode;
    expect(label(node)).toBe(lines('a.ts', 700, 701)[0]);
    // The editor has to ask for the children again, and then finds it among them.
    expect(refreshed).toBe(1);
    const [group] = await tree.getChildren();
    expect(tree.getParent(node)?.id).toBe(group?.id);
    expect((await tree.getChildren(group)).map(({ id }) => id)).toContain(node.id);
    expect(await tree.nodeOf('gone')).toBeUndefined();
  });

  it('finds one in a group that is not shown yet', async () => {
    await tree.groupBy('file');
    for (let i = 0; i < 260; i++) publish(`/w/${String(i).padStart(3, '0')}.ts`, 1);
    const node = await tree.nodeOf('/w/255.ts:0');
    expect(label(node as TreeNode)).toBe(fromQuery('line 1'));
    expect((await tree.getChildren()).map(({ id }) => id)).toContain(tree.getParent(node as TreeNode)?.id);
  });

  it('shows every finding once when findings change between two answers', async () => {
    publish('/w/a.ts', 400);
    tree.showMore('severity:high');
    const [group] = await tree.getChildren();
    // One more comes first; nobody has told the tree yet.
    published.apply([
      {
        path: '/w/0.ts',
        version: undefined,
        findings: [finding({ severity: 'high', sink: place('/w/0.ts', 0) }, 'new').finding],
        status: undefined,
      },
    ]);
    const nodes = await tree.getChildren(group);
    expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
    expect(label(nodes.at(-1) as TreeNode)).toBe('1 more findings…');
  });
});

function fromQuery(line: string): string {
  return `${line} ← Express request query`;
}
