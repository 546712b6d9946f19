/**
 * What names in the template of a Vue component mean: variables of its script, members of its instance, properties.
 */
import type { Binding } from './snippets';
import type { NameRule } from './templateCode';
import { camelCase } from './vueEvents';

/** Names of elements are in small letters and without hyphen. */
export function isComponentTag(tag: string): boolean {
  return /[A-Z-]/.test(tag);
}

/** What a name that may hold a reference is called where it was read through. */
export function aliasOf(name: string): string {
  return `$$${name}`;
}

/** What templates may use of the platform. */
const GLOBALS = new Set(
  (
    'Infinity undefined NaN isFinite isNaN parseFloat parseInt decodeURI decodeURIComponent encodeURI encodeURIComponent ' +
    'Math Number Date Array Object Boolean String RegExp Map Set JSON Intl BigInt console Error Symbol'
  ).split(' '),
);

export function isTemplateGlobal(name: string): boolean {
  return GLOBALS.has(name);
}

/** Names of the script mean its variables, references read through; others are properties. */
export function setupRule(bindings: ReadonlyMap<string, Binding>): NameRule {
  return ({ name, use }) => {
    const binding = bindings.get(name);
    if (binding === 'plain' || isTemplateGlobal(name)) return undefined;
    if (binding === undefined) {
      if (name === '$props') return '$$props';
      return name.startsWith('$') ? `$$vue.${name}` : `$$props.${name}`;
    }
    if (use === 'call') return undefined;
    if (use === 'write') return binding === 'constant' ? `${name}.value` : undefined;
    return aliasOf(name);
  };
}

/** By the name of a tag, what components the options name. */
export function componentFinder(components: ReadonlyMap<string, string>): (tag: string) => string | undefined {
  const known = new Map([...components].map(([name, code]) => [camelCase(name).toLowerCase(), code]));
  return (tag) => (isComponentTag(tag) ? known.get(camelCase(tag).toLowerCase()) : undefined);
}
