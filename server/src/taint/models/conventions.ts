/**
 * Conventions of frameworks: which exports of which files a framework calls. Globs and names of packages are read here; what is said of
 * such an export is said of a place in the network like any other.
 */
import type { ExportConvention } from '../../model/links';
import { textsOf, type ConventionDocument, type Texts } from './document';

/** `key` names the place that the exports are at, as if it were a package. */
export function readConvention(document: ConventionDocument, key: string): ExportConvention {
  const requires = textsOf(document.requires);
  const prefixes = requires.flatMap((name) => (name.endsWith('*') ? [name.slice(0, -1)] : []));
  const exact = new Set(requires);
  return {
    key,
    exports: textsOf(document.exports),
    isAbout: readGlobs(document.files),
    isOf: (name) => exact.has(name) || prefixes.some((prefix) => name.startsWith(prefix)),
  };
}

/** Whether a path is one of these. */
export function readGlobs(files: Texts): (path: string) => boolean {
  const globs = textsOf(files).map(globExpression);
  return (path) => globs.some((glob) => glob.test(path));
}

/** `**` stands for any folders, `*` for any part of a name, `{a,b}` for one of several. The path may lie in any folder. */
function globExpression(glob: string): RegExp {
  let text = '';
  let isInBraces = false;
  for (let i = 0; i < glob.length; i++) {
    const char = glob[i];
    if (glob.startsWith('**/', i)) {
      text += '(?:[^/]+/)*';
      i += 2;
    } else if (glob.startsWith('**', i)) {
      text += '.*';
      i++;
    } else if (char === '*') text += '[^/]*';
    else if (char === '{') {
      text += '(?:';
      isInBraces = true;
    } else if (char === '}' && isInBraces) {
      text += ')';
      isInBraces = false;
    } else if (char === ',' && isInBraces) text += '|';
    else text += char.replace(/[.+?^$()[\]\\|{}]/, '\\$&');
  }
  return new RegExp(`^(?:.*/)?${text}$`);
}
