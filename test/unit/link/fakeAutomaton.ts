/**
 * An automaton over any API path below the given roots, for linking tests: every step gives a state, described by the
 * path that was taken. `known` bounds it: a step leads somewhere only if some known path starts with it.
 */
import { NO_API } from '../../../server/src/model/ids';
import type { ApiState } from '../../../server/src/model/ids';
import type { ApiAutomaton } from '../../../server/src/model/links';

export class FakeAutomaton implements ApiAutomaton {
  readonly hash = 'fake';
  /** The package `web` calls what files below `pages` export as `default` or `load`. */
  readonly conventions = [
    {
      key: 'web convention',
      exports: ['default', 'load'],
      isAbout: (path: string) => path.startsWith('pages/'),
      isOf: (name: string) => name === 'web',
    },
  ];
  private readonly paths: string[] = [''];
  private readonly states = new Map<string, ApiState>();
  private readonly prefixes = new Set<string>();

  constructor(known: readonly string[]) {
    for (const path of known) {
      for (let i = 1; i <= path.length; i++)
        if (i === path.length || /[.([<]/.test(path[i])) this.prefixes.add(path.slice(0, i));
    }
  }

  packageRoot(specifier: string): ApiState {
    return this.at(specifier);
  }
  global(name: string): ApiState {
    return this.at(`global:${name}`);
  }
  member(state: ApiState, name: string): ApiState {
    return this.at(`${this.paths[state]}.${name}`);
  }
  element(state: ApiState): ApiState {
    return this.at(`${this.paths[state]}[]`);
  }
  returnValue(state: ApiState): ApiState {
    return this.at(`${this.paths[state]}()`);
  }
  instance(state: ApiState): ApiState {
    return this.at(`${this.paths[state]}<new>`);
  }
  awaited(state: ApiState): ApiState {
    return this.at(`${this.paths[state]}<await>`);
  }
  callbackParameter(state: ApiState, _argument: number, _count: number, parameter: number): ApiState {
    return this.at(`${this.paths[state]}(cb)(${String(parameter)})`);
  }
  argument(state: ApiState): ApiState {
    return this.at(`${this.paths[state]}(arg)`);
  }
  parameter(state: ApiState, parameter: number): ApiState {
    return this.at(`${this.paths[state]}(${String(parameter)})`);
  }
  /** As `assign` of any library does. */
  copies(state: ApiState): { from: number; to: number } | undefined {
    return this.paths[state].endsWith('.assign') ? { from: 1, to: 0 } : undefined;
  }
  describe(state: ApiState): string {
    return this.paths[state];
  }

  private at(path: string): ApiState {
    if (!this.prefixes.has(path)) return NO_API;
    let state = this.states.get(path);
    if (state === undefined) {
      state = this.paths.length as ApiState;
      this.paths.push(path);
      this.states.set(path, state);
    }
    return state;
  }
}
