import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, parseSettings } from '../../../server/src/session/settings';
import packageJson from '../../../package.json';

describe('parseSettings', () => {
  it('takes the defaults for whatever is not there', () => {
    for (const nothing of [undefined, null, {}, [], 'x', 3]) {
      expect(parseSettings(nothing)).toEqual({ settings: DEFAULT_SETTINGS, problems: [] });
    }
  });

  it('reads what is there', () => {
    const { settings, problems } = parseSettings({
      enable: false,
      threatModels: ['library', 'remote'],
      minSeverity: 'high',
      minConfidence: 'certain',
      exclude: ['**/*.spec.ts'],
      includeDependencies: true,
      maxFileSize: 10,
      explainUpdates: true,
      incremental: false,
      maxMemory: 512,
    });
    expect(problems).toEqual([]);
    expect(settings).toEqual({
      enable: false,
      maxMemory: 512,
      analysis: {
        threatModels: ['remote', 'library'],
        minSeverity: 'high',
        minConfidence: 3,
        exclude: ['**/*.spec.ts'],
        includeDependencies: true,
        maxFileSize: 10_240,
        explainUpdates: true,
        incremental: false,
      },
    });
  });

  it('names what it does not understand and uses the default there', () => {
    const { settings, problems } = parseSettings({
      enable: 'yes',
      threatModels: ['remote', 'martian'],
      minSeverity: 'HIGH',
      minConfidence: 7,
      exclude: Array.from({ length: 501 }, () => '*'),
      maxFileSize: Number.NaN,
      maxMemory: 1024,
    });
    expect(settings).toEqual({ ...DEFAULT_SETTINGS, maxMemory: 1024 });
    expect(problems).toHaveLength(6);
    expect(problems[0]).toContain('tributary.enable');
  });

  it('keeps numbers in bounds', () => {
    const { settings } = parseSettings({ maxFileSize: 1e12, maxMemory: -5 });
    expect(settings.analysis.maxFileSize).toBe(102_400 * 1024);
    expect(settings.maxMemory).toBe(256);
  });

  it('has the defaults that package.json shows', () => {
    const properties: Record<string, { default: unknown }> = packageJson.contributes.configuration.properties;
    const shown = Object.entries(properties).map(([name, { default: value }]) => [
      name.replace('tributary.', ''),
      value,
    ]);
    expect(parseSettings(Object.fromEntries(shown))).toEqual({ settings: DEFAULT_SETTINGS, problems: [] });
  });
});
