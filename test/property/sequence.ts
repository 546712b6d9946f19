/** Runs a sequence of edits against one analysis, and compares it after each with a clean one. */
import { vi } from 'vitest';
import type { Analysis, AnalysisSettings } from '../../server/src/model/analysis';
import { Store } from '../../server/src/store/store';
import { cancelledAt, Project, randomNumbers } from '../unit/pipeline/project';
import { EDITS } from './edits';
import { HELPER_MODELS, makeProgram, textOf, type ProgramModel } from './programs';
import { expectSame } from './sameAsClean';

export interface Step {
  readonly kind: number;
  readonly seed: number;
  /** Numbers of edits; more than one is done before the analysis hears of any. */
  readonly edits: readonly number[];
}

/** How a step reaches the analysis. Edits of files are the commonest. */
export const STEP_KINDS = [
  'edit',
  'edit',
  'edit',
  'edit',
  'edit several',
  'type without saving',
  'close without saving',
  'undo',
  'cancel and go on',
  'cancel again and again',
  'cancel and start again',
  'configure',
  'rescan',
  'start again',
  'change models',
] as const;

function checkpoint(this: Store): Promise<boolean> {
  return this.checkpoint();
}

const EDIT_NAMES = Object.keys(EDITS);
const CONFIGURATIONS: readonly Readonly<Record<string, string>>[] = [
  { 'package.json': '{"name": "program"}', 'tsconfig.json': '{}' },
  {
    'package.json': '{"name": "program", "main": "f1.js"}',
    'tsconfig.json': '{"compilerOptions": {"baseUrl": ".", "paths": {"@lib/*": ["lib/*"]}, "allowJs": true}}',
  },
  {
    'package.json': '{"name": "program", "type": "module", "imports": {"#lib/*": "./lib/*"}}',
    'tsconfig.json':
      '{"compilerOptions": {"baseUrl": ".", "paths": {"@lib/*": ["routes/*", "lib/*"]}, "allowJs": true}}',
  },
];

export interface Seen {
  readonly steps: number;
  readonly withFindings: number;
}

/** Ends with an error that names the step when the two differ. */
export async function checkSequence(seed: number, steps: readonly Step[]): Promise<Seen> {
  const run = new Run(seed);
  try {
    return await run.all(steps);
  } finally {
    await run.project.remove();
  }
}

class Run {
  readonly project = new Project();
  private readonly log: string[] = [];
  private program: ProgramModel;
  private before: ProgramModel;
  private configuration = 0;
  private models = 0;
  /** As they are on disk, and as an editor has them. */
  private readonly onDisk = new Map<string, string>();
  private readonly open = new Map<string, string>();

  private readonly settings: Partial<AnalysisSettings>;

  constructor(private readonly seed: number) {
    // Unlikely findings have to be right, too.
    this.settings = { minConfidence: 0, ...(seed % 4 === 0 ? { threatModels: ['remote', 'local', 'library'] } : {}) };
    const random = randomNumbers(seed);
    this.program = makeProgram(random, 8 + random(4));
    this.before = this.program;
    this.configuration = random(CONFIGURATIONS.length);
    this.models = random(HELPER_MODELS.length);
  }

  async all(steps: readonly Step[]): Promise<Seen> {
    this.write();
    this.project.write(CONFIGURATIONS[this.configuration]);
    const storage = this.project.path('.index');
    let edited = await this.opened(storage);
    await edited.scan({});
    await this.compare(edited, true);
    let withFindings = 0;
    for (const step of steps) {
      edited = await this.step(edited, step, storage);
      if (step.seed % 3 === 0) await this.ask(edited, randomNumbers(step.seed));
      await this.compare(edited, step.seed % 2 === 0);
      if (edited.allFindings().length > 0) withFindings++;
    }
    await edited.close();
    return { steps: steps.length, withFindings };
  }

  private async step(edited: Analysis, step: Step, storage: string): Promise<Analysis> {
    const kind = STEP_KINDS[step.kind];
    const random = randomNumbers(step.seed);
    this.log.push(kind);
    switch (kind) {
      case 'edit':
        this.edit(step.edits.slice(0, 1), random);
        await edited.update(this.write());
        break;
      case 'edit several':
        this.edit(step.edits, random);
        await edited.update(this.write());
        break;
      case 'undo':
        [this.program, this.before] = [this.before, this.program];
        await edited.update(this.write());
        break;
      case 'type without saving': {
        const before = this.program;
        this.edit(step.edits, random);
        const paths: string[] = [];
        for (const file of this.program.values()) {
          const text = this.textOf(file.path);
          // Nothing that is not on disk is opened, and what another file's place depends on stays.
          if (!this.onDisk.has(file.path) || this.onDisk.get(file.path) === text) continue;
          this.open.set(file.path, text);
          edited.setOverlay(this.project.path(file.path), text, 'javascript');
          paths.push(this.project.path(file.path));
        }
        this.program = before;
        // After a start there may be something to show before; it must leave no trace.
        edited.preview(paths);
        await edited.update(paths);
        break;
      }
      case 'close without saving': {
        const paths = [...this.open.keys()].map((path) => this.project.path(path));
        for (const path of paths) edited.removeOverlay(path);
        this.open.clear();
        await edited.update(paths);
        break;
      }
      case 'cancel and go on': {
        this.edit(step.edits, random);
        const paths = this.write();
        await edited.update(paths, { token: cancelledAt(1 + random(30)) });
        this.edit(step.edits.slice(0, 1), random);
        await edited.update([...paths, ...this.write()]);
        break;
      }
      case 'cancel again and again': {
        this.edit(step.edits, random);
        const paths = this.write();
        for (let look = 1 + random(4); ; look += 1 + random(3)) {
          const { cancelled } = await edited.update(paths, { token: cancelledAt(look) });
          if (!cancelled) break;
        }
        break;
      }
      case 'cancel and start again':
        this.edit(step.edits, random);
        await edited.update(this.write(), { token: cancelledAt(1 + random(30)) });
        return this.again(edited, storage, random(2) === 0, undefined, random(2) === 0);
      case 'configure':
        this.configuration = random(CONFIGURATIONS.length);
        this.log.push(`configuration ${String(this.configuration)}`);
        this.project.write(CONFIGURATIONS[this.configuration]);
        await edited.update([...this.write(), this.project.path('package.json'), this.project.path('tsconfig.json')]);
        break;
      case 'rescan':
        this.edit(step.edits, random);
        this.write();
        await edited.scan({});
        break;
      case 'change models':
        this.models = random(HELPER_MODELS.length);
        this.log.push(`models ${String(this.models)}`);
        return this.again(edited, storage, random(4) > 0);
      case 'start again': {
        const isIdle = random(2) === 0;
        return this.again(edited, storage, isIdle, () => {
          if (random(2) === 0) this.edit(step.edits, random);
          this.write();
        });
      }
    }
    return edited;
  }

  /** Asks what reaches some lines and what these reach, which must leave no trace. */
  private async ask(edited: Analysis, random: (below: number) => number): Promise<void> {
    const paths = [...this.onDisk.keys()];
    const name = paths[random(paths.length)];
    const lines = (this.onDisk.get(name) ?? '').split('\n').length;
    this.log.push(`ask about ${name}`);
    for (const direction of ['to', 'from'] as const) {
      const request = { path: this.project.path(name), line: random(lines), character: undefined, direction };
      await edited.slice(request, random(3) === 0 ? { token: cancelledAt(1 + random(40)) } : {});
    }
  }

  private opened(storage?: string): Promise<Analysis> {
    const apis = HELPER_MODELS[this.models];
    const document = { library: 'helper', packages: ['helper'], apis };
    // In half of the sequences tables are made anew whenever there is nothing else to do; never those of a clean run.
    const isCompacted = storage !== undefined && (this.seed & 4) === 0;
    this.project.growthLimit = isCompacted ? { minimum: 0, factor: 0 } : undefined;
    return this.project.open(this.settings, storage, apis.length === 0 ? [] : [{ name: 'helper.yaml', document }]);
  }

  /** Ends the process, so to speak, and starts another one. */
  private async again(
    edited: Analysis,
    storage: string,
    isIdle: boolean,
    between?: () => void,
    isSaved = false,
  ): Promise<Analysis> {
    // As an index that has grown much would be.
    const due = isSaved ? vi.spyOn(Store.prototype, 'checkpointIfDue').mockImplementation(checkpoint) : undefined;
    if (isIdle || isSaved) await edited.idle();
    due?.mockRestore();
    await edited.close();
    between?.();
    const result = await this.opened(storage);
    for (const [path, text] of this.open) result.setOverlay(this.project.path(path), text, 'javascript');
    for (const path of this.open.keys()) result.preview([this.project.path(path)]);
    await result.scan({});
    return result;
  }

  private edit(numbers: readonly number[], random: (below: number) => number): void {
    this.before = this.program;
    for (const number of numbers) {
      const name = EDIT_NAMES[number % EDIT_NAMES.length];
      this.log.push(name);
      this.program = EDITS[name](this.program, random);
    }
  }

  private textOf(path: string): string {
    const file = this.program.get(path);
    return file === undefined ? '' : textOf(file, this.configuration > 0);
  }

  /** Brings the disk in line with the program; gives the paths that changed. */
  private write(): string[] {
    const changed: string[] = [];
    for (const path of this.program.keys()) {
      const text = this.textOf(path);
      if (this.onDisk.get(path) === text) continue;
      this.onDisk.set(path, text);
      this.project.write({ [path]: text });
      changed.push(this.project.path(path));
    }
    for (const path of [...this.onDisk.keys()]) {
      if (this.program.has(path)) continue;
      this.onDisk.delete(path);
      this.project.delete(path);
      changed.push(this.project.path(path));
    }
    return changed;
  }

  private async compare(edited: Analysis, isWhole: boolean): Promise<void> {
    const clean = await this.opened();
    try {
      for (const [path, text] of this.open) clean.setOverlay(this.project.path(path), text, 'javascript');
      await clean.scan({});
      await expectSame(edited, clean, `after ${this.log.join(', ')}`, isWhole);
    } finally {
      await clean.close();
    }
  }
}
