/** Scripts inside of other files: what they become, and that every position is one of the file. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Op, type Dialect, type FileGraph } from '../../../server/src/model/graph';
import { extractJavaScript } from '../../../server/src/extract/javascript';
import { embeddedScript } from '../../../server/src/parse/embedded';

const FIXTURES = join(import.meta.dirname, '../../fixtures/components');

/** All components and pages of the fixtures. */
const files = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
  .sort()
  .flatMap((name): { name: string; dialect: Dialect; text: string }[] => {
    const dialect = /\.(vue|svelte|astro|html)$/.exec(name)?.[1] as Dialect | undefined;
    return dialect === undefined ? [] : [{ name, dialect, text: readFileSync(join(FIXTURES, name), 'utf8') }];
  });

function script(host: string, dialect: Dialect): string {
  return embeddedScript(host, dialect)?.text.replace(/\s+/g, ' ').trim() ?? '';
}

function lostIn(host: string, dialect: Dialect): string[] {
  return extractJavaScript(host, dialect).lost.map(([start, end]) => host.slice(start, end));
}

/** Everything that has a place in the file. */
function places(graph: FileGraph): [number, number][] {
  const ranges = graph.functions.flatMap((fn): [number, number][] => [
    [...fn.range],
    [...fn.nameRange],
    ...Array.from(fn.start, (start, node): [number, number] => [start, fn.end[node]]),
  ]);
  return [
    ...ranges,
    ...graph.imports.map(({ start, end }): [number, number] => [start, end]),
    ...graph.lost.map(([start, end]): [number, number] => [start, end]),
  ];
}

describe('positions', () => {
  const variants: [name: string, change: (text: string) => string][] = [
    ['as they are', (text) => text],
    ['with CRLF', (text) => text.replaceAll('\n', '\r\n')],
    [
      'behind letters of four bytes',
      (text) => text.replaceAll('Hello', '😀😀').replace(/^(?!\s*---)/, '<!-- 😀 𝒳 é -->\n'),
    ],
  ];

  it.each(variants)('of strings, names and imports are where they stand, %s', (_, change) => {
    for (const { name, dialect, text } of files) {
      const host = change(text);
      const graph = extractJavaScript(host, dialect);
      expect(graph.lost, name).toEqual([]);
      let copied = 0;
      for (const fn of graph.functions) {
        for (let node = 0; node < fn.op.length; node++) {
          if ((fn.op[node] as Op) !== Op.StringConst && (fn.op[node] as Op) !== Op.Global) continue;
          const value = graph.strings[fn.aux[node]];
          const written = host.slice(fn.start[node], fn.end[node]);
          // Made-up parts stand for a part of the file that says the same in other words.
          if (value.startsWith('$$') || value === '' || !written.includes(value)) continue;
          if (/^[`}&]/.test(written)) continue;
          expect([`'${value}'`, `"${value}"`, value], `${name}: ${written}`).toContain(written);
          copied++;
        }
        const functionName = graph.strings[fn.name] ?? '';
        if (
          /^[a-z]+$/i.test(functionName) &&
          host.includes(functionName) &&
          !['constructor', 'component'].includes(functionName)
        ) {
          expect(host.slice(...fn.nameRange), name).toContain(functionName);
        }
      }
      for (const { specifier, start, end } of graph.imports) {
        expect(host.slice(start, end), name).toContain(graph.strings[specifier]);
      }
      if (/Search|Profile\.|index|search/.test(name)) expect(copied, name).toBeGreaterThan(3);
    }
  });

  it('stay in the file whatever is cut off', { timeout: 120_000 }, () => {
    for (const { name, dialect, text } of files) {
      for (let length = 0; length < text.length; length += 11) {
        for (const part of [text.slice(0, length), text.slice(length)]) {
          for (const [start, end] of places(extractJavaScript(part, dialect))) {
            if (start > end || end > part.length)
              expect.fail(`${name} cut at ${String(length)}: ${String(start)}–${String(end)}`);
          }
        }
      }
    }
  });
});

describe('Vue', () => {
  it('puts a template behind its script, wherever it stands', () => {
    expect(script('<template><p v-html="a.b"/></template>\n<script setup>\nconst a = f()\n</script>', 'vue')).toBe(
      'export default function component($$props) { const a = f() ;(() => { const $$a = $$ref ? a.value : a; { $$template.p["v-html"](($$a.b)); } })(); }',
    );
  });

  it('knows names of the template itself, properties and what every instance has', () => {
    const text = script(
      '<template><p v-for="{ a, b } in list" :id="a + (b => b + c)(1)" :title="$route.path" :x="{ c }"/></template>\n<script setup></script>',
      'vue',
    );
    expect(text).toContain('for (const { a, b } of ($$props.list)) {');
    expect(text).toContain('$$template.p.id((a + (b => b + $$props.c)(1)))');
    expect(text).toContain('$$template.p.title(($$vue.$route.path))');
    expect(text).toContain('$$template.p.x(({ c: $$props.c }))');
  });

  it('makes branches of v-if, v-else-if and v-else', () => {
    const text = script(
      '<template><a v-if="x"/> <b v-else-if="y"/> <!-- c --><i v-else/><u v-else/></template>',
      'vue',
    );
    expect(text).toContain('if ($$props.x){ } else if ($$props.y){ } else { } { }'.replaceAll('if (', 'if ('));
  });

  it('keeps its script when the template is being typed', () => {
    const host =
      '<template>\n  <p v-html="a.\n  <b :x="\n</template>\n<script>\nexport default { methods: { run() { go(); } } };\n</script>\n';
    expect(script(host, 'vue')).toContain('run() { go(); }');
    expect(lostIn(host, 'vue').join()).toContain('a.');
  });

  it('takes options out of calls, constants and assertions', () => {
    for (const code of [
      'export default defineComponent({ data: () => ({ a: 1 }) })',
      'const c = Vue.extend({ data() { return { a: 1 } } }); export default c',
      'module.exports = { data: function () { return { a: 1 } } }',
    ]) {
      const text = script(`<script>${code}</script><template><p v-html="a"/></template>`, 'vue');
      expect(text, code).toContain('this.a = $$data.a;');
      expect(text, code).toContain('$$template.p["v-html"]((this.a));');
    }
  });

  it('calls the handlers of its parents where it tells of events', () => {
    const setup = script(
      '<template><a @click="$emit(\'a-b\', x)"/></template>\n<script setup>const tell = defineEmits(); tell("c", 1); tell("d")</script>',
      'vue',
    );
    expect(setup).toContain('$$props.onC( 1);');
    expect(setup).toContain('$$props.onD()');
    expect(setup).toContain('$$props.onAB( $$props.x)');
    const options = script('<script>export default { created() { this.$emit("update:a", 1) } }</script>', 'vue');
    expect(options).toContain('this.$props.onUpdateA( 1)');
  });

  it('does not take a name that the file has', () => {
    expect(script('<script setup>import component from "./c"</script>', 'vue')).toContain(
      'export default function ($$props) {',
    );
  });

  it('leaves other languages of templates alone', () => {
    expect(
      script('<template lang="pug">\np(v-html="a")\n</template>\n<script setup>f()</script>', 'vue'),
    ).not.toContain('$$template');
  });
});

describe('Svelte', () => {
  it('makes blocks of its blocks, balanced whatever is missing', () => {
    expect(script('{#if a}<p>{#each b as c, i (c.id)}{@html c}</p>{/if}{/each}', 'svelte')).toBe(
      'export default function component($$props) { const $$restProps = $$props; ; if ( a) { { for (const c of (b)) { let i; $$template.fragment["@html"](( c)); } } } }',
    );
  });

  it('declares stores and what reactions assign', () => {
    const text = script(
      '<script>import { s } from "./s"; const t = make(); $: ({ a } = $s); $: b = $t;</script>',
      'svelte',
    );
    expect(text).toContain('let $s = $$svelte.get(s);');
    expect(text).toContain('const t = make(); let $t = $$svelte.get(t);');
    expect(text).toContain('let a, b;');
  });

  it('gives properties their defaults', () => {
    expect(script('<script>export let a; export let b = 1; export { c as d }; let c;</script>', 'svelte')).toContain(
      'let a = $$props.a; let b = $$props.b ?? (1); c = $$props["d"]; let c;',
    );
  });

  it('waits, keeps constants, renders snippets', () => {
    const text = script(
      '{#await p then { v }}{@const w = v + 1}{@html w}{/await}{#snippet s(x)}{@html x}{/snippet}{@render s(1)}',
      'svelte',
    );
    expect(text).toContain('const [{ v }] = [( p)];');
    expect(text).toContain('const w =  ( v + 1);'.replace('  ', ' '));
    expect(text).toContain('function s(x) {');
    expect(text).toContain('( s(1));');
  });
});

describe('Astro', () => {
  it('writes elements in code as expressions', () => {
    expect(
      script('---\nconst { a } = Astro.props\n---\n<ul>{a.map(x => <li set:html={x}>it\'s {"{"}</li>)}</ul>', 'astro'),
    ).toBe(
      'export default async function component($$props) { const { a } = $$props ;((a.map(x => ($$template.li["set:html"]((x )), ("{" ), 0)) ), 0); }',
    );
  });

  it('loses only the code that can not be read', () => {
    const host = '---\nconst a = 1;\n---\n<p set:html={a +}/><b set:html={a}/>';
    expect(lostIn(host, 'astro')).toEqual(['a +']);
    expect(script(host, 'astro')).toContain('$$template.b["set:html"]((a ))');
  });
});

describe('HTML', () => {
  it('joins classic scripts, keeps the names of modules apart, and leaves other types alone', () => {
    const host =
      '<script>var a</script><script type="module">import b from "b"; let a = b</script><script type="text/x-template">{{</script><script>a = 1</script>';
    expect(script(host, 'html')).toBe('var a ; import b from "b"; { let a = b } a = 1 ;');
  });

  it('reads handlers, with what stands for characters', () => {
    expect(script('<p onclick="f(&quot;a&quot;)" href="javascript:g()">', 'html')).toContain(
      '$$template.p.onclick(function (event) {f("a") });',
    );
    expect(lostIn('<p onclick="f(">', 'html')).toEqual(['f(']);
  });

  it('costs nothing without a script', () => {
    expect(script('<p>text { }</p>', 'html')).toBe('');
    expect(extractJavaScript('<p>text { }</p>', 'html').lost).toEqual([]);
  });
});
