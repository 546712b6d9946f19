import { describe, expect, it } from 'vitest';
import { superLinearity, superLinearityOfLiteral } from '../../../server/src/regex';
import { countSteps } from './backtracking';

const EXPONENTIAL = [
  '/^(a+)+$/',
  '/(a|a)*b/',
  '/(a|aa)+$/',
  '/^(\\w+\\s?)*$/',
  '/^(.*,)+(.+)?$/',
  '/(?:a*)*b/',
  '/^(([a-z])+.)+[A-Z]([a-z])+$/',
  '/(x+x+)+y/',
  '/^(?:(?:a|b)+|c)*$/',
  '/^(\\d{1,3})*$/',
  '/^((ab)*)*c/',
  '/((((((a*)*)*)*)*)*)*b/',
  '/^(?:\\/?[\\w.-]+)*$/',
  '/("(\\\\.|[^"])*")+;/',
  '/^([a-z0-9]+[-_.]?)+@/i',
  '/^(?:[^;]|,[^;])*;$/',
  '/^(?=(a+)+b)a/',
  '/(?:-?\\d+)*x$/',
  '/^(?:\\s*\\w+\\s*)*:/',
  '/^(?:(?:\\d+|\\d*\\.\\d+)(?:px)?)+;$/',
  '/^(\\p{L}+\\s?)+$/u',
  '/^([a-z0-9]+)-([A-Za-z0-9+/=]{44,88})(\\?[!-~]*)*$/',
  // The limits come too late to help.
  '/^((?:[\\da-f]{1,4}(?::|)){0,8})(::)?((?:[\\da-f]{1,4}(?::|)){0,8})$/',
  '/^(?:\\w{1,8}\\s?){2,30}$/',
];

const POLYNOMIAL = [
  // Few beginnings, but steeper.
  '/\\/\\* source notes: (.*)\\s*\\*\\//',
  '/\\s+$/',
  '/^\\s+|\\s+$/g',
  '/^\\s*|\\s*$/g',
  '/ *, */',
  '/\\s*;\\s*/',
  '/.*[.\\/\\\\]/',
  '/^\\S+@\\S+\\.\\S+$/',
  '/^(-|\\+)?([1-9]+[0-9]*)$/',
  '/<[^>]+>/g',
  '/"([^"\\\\]|\\\\.)*"/',
  '/\\/\\*[\\s\\S]*?\\*\\//',
  '/foo.*bar/',
  '/^foo.*bar.*baz/',
  '/([\\w.]+)@/',
  '/(\\r?\\n)+$/',
  '/\\/+$/',
  '/[^]*foo/',
  '/^\\d*\\.?\\d+%$/',
  '/^[a-z]*[0-9a-z]*!/',
  '/\\{\\{(.+?)\\}\\}/g',
  '/^(?=.*foo.*bar)x/',
  '/=+$/gm',
  '/(?:ab)+(?:ab)+c/',
  '/\\w+\\s*=\\s*\\w+;/',
  // What leads to the loop must not be what an earlier part takes.
  '/^(?:(?![^;@]+;[^;@/]*@)([^;/?!.]+);)?(?:\\/\\/)?((?:(([^;@]*)(?:;([^;@]*))?)?@)?([^;/?!]*)(?:;(\\d*))?)(((\\/(?:[^?!](?![^?!/]*\\.[^?!/.]+(?:[?!]|$)))*\\/?)?([^?!/]*))(?:\\?([^!]*))?(?:!(.*))?)/',
];

const LINEAR = [
  // Quadratic, but a text of a hundred thousand characters has too few beginnings to take a second.
  '/Cannot find the module "(.*?)" in the folder/',
  '/data:application\\/x-notes;([^,]+),/',
  // The same, and nothing has to be remembered on the way.
  '/<!--[\\s\\S]*?-->/g',
  '/\\{\\{=([\\s\\S]+?)\\}\\}/g',
  '/\\b\\w+\\s*=\\s*\\w+;/',
  '/^.*(\\d+).*$/m',
  '/^\\w+(?:\\s\\w+)*$/',
  '/^[a-z]+$/',
  '/[a-z]+/',
  '/\\s+/g',
  '/(?:a*)*/',
  '/^\\s*;\\s*/',
  '/^"([^"\\\\]|\\\\.)*"/',
  '/([^"\\\\]|\\\\\\\\)*/',
  '/^\\d{1,3}(,\\d{3})*$/',
  '/^(\\d{3})*$/',
  '/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,}$/i',
  '/^(?=.*\\d)(?=.*[a-z]).{8,}$/',
  '/^https?:\\/\\//',
  '/^[^@]+@[^@]+$/',
  '/^\\/+/',
  '/^\\s+/',
  '/\\s$/',
  '/[<>&"]/g',
  '/^(\\d+)-(\\d+)$/',
  '/^#?([a-f\\d]{3}|[a-f\\d]{6})$/i',
  '/\\d{4}-\\d{2}-\\d{2}/',
  '/^(?:GET|POST) (\\S+)$/',
  '/^[\\w-]+(\\.[\\w-]+)*$/',
  '/^([^=]+)=(.*)$/',
  '/\\r?\\n/',
  '/(^|,)a/',
  '/^(?:[a-f]+:)+$/',
  '/\\$\\{(\\w{1,20})\\}/',
  '/a{2,5}b{2,5}/',
  '/^a*b*c*$/',
  '/\\s+$/y',
  '/^\\[[^\\]]*\\]/',
  '/(?:x|y)*/',
  '/^(\\w+)\\s+\\1$/',
  '/^(?:\\.\\d+)*$/',
  '/[.*+?^${}()|[\\]\\\\]/g',
  '/^x*(?!y)/',
  '/(?<!\\\\)"/',
  '/^(?:0|[1-9]\\d*)\\.(?:0|[1-9]\\d*)$/',
  '/^[^\\s]+$/',
  '/\\bfoo\\b/',
  '/^\\s*#/',
  '/a|b|c/',
  '/^.{1,64}$/',
  '/^(?:\\w+\\.)*\\w+$/',
  '/^[A-Z][a-z]+(?:[A-Z][a-z]+)*$/',
  '/^(?:a|b)*$/',
  '/.*/s',
  '/^\\/api\\/([^/]+)\\/?$/',
  '/^\\{\\s*"/',
  '/^(?:\\d{1,3}(?:\\.|$)){4}/',
  // So many blanks, and no more: a constant factor.
  '/^([^=;]*)\\s{0,100}=/',
  '/\\s{1,64}$/',
  '/^(?:[a-z]{1,3}-?){1,6}$/',
  '/^(?:[a-f\\d]{1,4}:){1,7}:$/',
  '/^[a-z\\d](?:[a-z\\d-]{0,61}[a-z\\d])?(?:\\.[a-z\\d](?:[a-z\\d-]{0,61}[a-z\\d])?){0,10}$/',
];

describe('super-linear regular expressions', () => {
  it.each(EXPONENTIAL)('%s takes exponential time', (literal) => {
    expect(superLinearityOfLiteral(literal)).toMatchObject({ kind: 'exponential' });
  });

  it.each(POLYNOMIAL)('%s takes polynomial time', (literal) => {
    expect(superLinearityOfLiteral(literal)).toMatchObject({ kind: 'polynomial' });
  });

  it.each(LINEAR)('%s takes linear time', (literal) => {
    expect(superLinearityOfLiteral(literal)).toEqual({ kind: 'linear' });
  });

  it.each([
    ['/\\s+$/', 'linear'],
    ['/\\s*;\\s*/', 'linear'],
    ['/(?:\\r?\\n)+$/', 'linear'],
    ['/^([^?]*)\\??.*$/', 'linear'],
    ['/[\\s,]+$/', 'polynomial'],
    ['/<[^>]+>/g', 'polynomial'],
    ['/^(\\w+\\s?)*$/', 'exponential'],
    // One blank between words is left.
    ['/^(?:a+ )+(?:a+ )+x/', 'polynomial'],
  ])('%s takes %s time where blanks stand alone', (literal, kind) => {
    expect(superLinearityOfLiteral(literal, true)).toMatchObject({ kind });
  });

  it('leaves undecided what is no regular expression, and what is too large', () => {
    expect(superLinearity('(a+', '')).toEqual({ kind: 'undecided' });
    expect(superLinearity(`(${Array.from({ length: 2_000 }, (_, i) => `a${String(i)}`).join('|')})*x`, '')).toEqual({
      kind: 'undecided',
    });
  });

  it('takes bounded time for expressions made to take long', () => {
    const hard = [
      `^${'(a?|b?)'.repeat(60)}*$`,
      `${'(.*)'.repeat(40)}x`,
      `^${'(?:a{1,5}){1,5}'.repeat(20)}*$`,
      `${'['.repeat(1)}${Array.from({ length: 500 }, (_, i) => String.fromCharCode(0x100 + i * 3)).join('')}]+$`,
      `((((((((a*)*)*)*)*)*)*)*)*b`,
      `(?=(?=(?=(a|b)*)*)*)*c`,
      `(\\1a|b)*(\\1)*$`,
    ];
    const before = process.cpuUsage().user;
    for (const source of hard) expect(superLinearity(source, '').kind).toBeDefined();
    expect((process.cpuUsage().user - before) / 1000).toBeLessThan(3_000);
  });
});

/** Steps of a matcher, with texts that are long enough to tell and short enough to end. */
describe('attack strings', () => {
  const steps = (literal: string, pumps: number): number => {
    const growth = superLinearityOfLiteral(literal);
    if (!('pump' in growth)) throw new Error(`${literal} is ${growth.kind}`);
    const text = growth.prefix + growth.pump.repeat(pumps) + growth.suffix;
    const { matches, steps } = countSteps(literal, text);
    const end = literal.lastIndexOf('/');
    const expression = new RegExp(literal.slice(1, end), literal.slice(end + 1));
    expect(matches).toBe(expression.global ? (text.match(expression)?.length ?? 0) : Number(expression.test(text)));
    return steps;
  };

  it.each(POLYNOMIAL.slice(0, 8))('make %s slower by more than their length', (literal) => {
    const [short, long] = [50, 300].map((pumps) => steps(literal, pumps));
    // Six times the length: linear would be 6, quadratic is 36.
    expect(long / short).toBeGreaterThan(12);
  });

  it.each(EXPONENTIAL.slice(0, 6))('make %s take twice the time with each character or two', (literal) => {
    const [short, long] = [8, 16].map((pumps) => steps(literal, pumps));
    // Eight more: 256 times as long, or 47 where it takes two characters in some ways.
    expect(long / short).toBeGreaterThan(40);
  });
});
