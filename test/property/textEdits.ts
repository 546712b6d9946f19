/** Edits of any text as people and accidents make them, line by line and word by word; the result need not be a program. */

type Random = (below: number) => number;

const WORD = /[A-Za-z_$][\w$]*/g;

const CHANGES: readonly ((lines: string[], at: number, random: Random) => void)[] = [
  (lines, at) => lines.splice(at, 1),
  (lines, at) => lines.splice(at, 0, lines[at]),
  (lines, at) => (lines[at] = `// ${lines[at]}`),
  (lines, at, random) => {
    const other = random(lines.length);
    [lines[at], lines[other]] = [lines[other], lines[at]];
  },
  // Another word of the file in place of one.
  (lines, at, random) => {
    const words = [...lines[at].matchAll(WORD)];
    const others = lines[random(lines.length)].match(WORD);
    if (words.length === 0 || others === null) return;
    const word = words[random(words.length)];
    const other = others[random(others.length)];
    lines[at] = lines[at].slice(0, word.index) + other + lines[at].slice(word.index + word[0].length);
  },
  (lines, at, random) => {
    const cut = random(lines[at].length + 1);
    lines[at] = lines[at].slice(0, cut) + '(){};,"'[random(7)] + lines[at].slice(cut);
  },
  (lines, at) => lines.splice(at, 0, 'function added(value) { return added(value.next) || value; }'),
  (lines, at, random) => lines.splice(at, 1 + random(20)),
];

/** The text with up to three changes. */
export function editedText(text: string, random: Random): string {
  const lines = text.split('\n');
  for (let left = 1 + random(3); left > 0 && lines.length > 1; left--)
    CHANGES[random(CHANGES.length)](lines, random(lines.length), random);
  return lines.join('\n');
}
