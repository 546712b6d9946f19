/**
 * Scripts inside of other files: components of Vue, Svelte and Astro, and pages of HTML. What such a file does becomes a
 * text that is parsed like any script, with a map from its positions to those of the file.
 */
import type { Dialect } from '../../model/graph';
import { astroScript } from './astro';
import { htmlScript } from './html';
import type { ScriptText } from './scriptText';
import { svelteScript } from './svelte';
import type { ScriptLanguage } from './snippets';
import { vueScript } from './vue';

export type { PositionMap } from './scriptText';

export interface EmbeddedScript {
  readonly text: string;
  /** What the text is parsed as. */
  readonly dialect: Dialect;
  readonly positions: ScriptText;
}

type Reader = (host: string) => { readonly out: ScriptText; readonly language: ScriptLanguage };

const READERS: Readonly<Partial<Record<Dialect, Reader>>> = {
  vue: vueScript,
  svelte: svelteScript,
  astro: astroScript,
  html: htmlScript,
};

/** True for files whose script is a part of them. */
export function holdsScripts(dialect: Dialect): boolean {
  return READERS[dialect] !== undefined;
}

/** The script of a file; undefined where the file is a script itself. */
export function embeddedScript(host: string, dialect: Dialect): EmbeddedScript | undefined {
  const read = READERS[dialect];
  if (read === undefined) return undefined;
  const { out, language } = read(host);
  return { text: out.toString(), dialect: language, positions: out };
}
