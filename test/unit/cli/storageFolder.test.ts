import { describe, expect, it } from 'vitest';
import { defaultStorage, folderKey, type Platform } from '../../../server/src/cli/storageFolder';

const linux: Platform = { name: 'linux', home: '/home/ann', environment: {} };
const mac: Platform = { name: 'darwin', home: '/Users/ann', environment: {} };
const windows: Platform = {
  name: 'win32',
  home: 'C:\\Users\\Ann',
  environment: { LOCALAPPDATA: 'C:\\Users\\Ann\\AppData\\Local' },
};

describe('the place of an index', () => {
  it('is in the cache of the platform', () => {
    expect(defaultStorage('/code/shop', linux)).toMatch(/^\/home\/ann\/\.cache\/tributary\/index\/shop-[\da-f]{16}$/);
    expect(defaultStorage('/code/shop', { ...linux, environment: { XDG_CACHE_HOME: '/fast' } })).toMatch(
      /^\/fast\/tributary\/index\/shop-/,
    );
    expect(defaultStorage('/code/shop', { ...linux, environment: { XDG_CACHE_HOME: 'relative' } })).toMatch(
      /^\/home\/ann\/\.cache\//,
    );
    expect(defaultStorage('/code/shop', mac)).toMatch(/^\/Users\/ann\/Library\/Caches\/tributary\/index\/shop-/);
    expect(defaultStorage('D:\\work\\shop', windows)).toMatch(
      /^C:\\Users\\Ann\\AppData\\Local\\tributary\\cache\\index\\shop-[\da-f]{16}$/,
    );
    expect(defaultStorage('C:\\work', { ...windows, environment: {} })).toMatch(
      /^C:\\Users\\Ann\\AppData\\Local\\tributary\\cache\\index\\work-/,
    );
  });

  it('has a name that every file system takes', () => {
    expect(defaultStorage('/', linux)).toMatch(/\/root-[\da-f]{16}$/);
    expect(defaultStorage('C:\\', windows)).toMatch(/\\[\w.-]+-[\da-f]{16}$/);
    expect(defaultStorage('/code/a b#c%ü😀', linux)).toMatch(/\/a_b_c_[_]+-[\da-f]{16}$/);
  });

  it('is one for all spellings of a folder', () => {
    expect(folderKey('C:\\Code\\Shop\\', 'win32')).toBe(folderKey('c:/code/shop', 'win32'));
    expect(folderKey('/Users/Ann/Caf\u00e9', 'darwin')).toBe(folderKey('/users/ann/cafe\u0301', 'darwin'));
    expect(folderKey('/code/Shop', 'linux')).not.toBe(folderKey('/code/shop', 'linux'));
    expect(defaultStorage('/a/shop', linux)).not.toBe(defaultStorage('/b/shop', linux));
  });
});
