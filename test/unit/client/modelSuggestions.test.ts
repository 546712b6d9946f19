import { describe, expect, it } from 'vitest';
import { suggestionsAt, type Schema } from '../../../client/src/modelSuggestions';
import schema from '../../../server/models/schema.json';

const names = { sinkKinds: { sql: 'Text of an SQL statement.', html: 'HTML.' }, sourceKinds: { remote: 'Sent.' } };
const at = (text: string): readonly string[] =>
  suggestionsAt(text, schema as unknown as Schema, names).map(({ label }) => label);

describe('in a model file,', () => {
  it('keys of the document are offered', () => {
    expect(at('')).toEqual(expect.arrayContaining(['library', 'packages', 'apis', 'types', 'rules']));
    expect(at('library: shop\npa')).toContain('packages');
  });

  it('keys of an entry are offered, with what they mean', () => {
    expect(at('apis:\n  - pa')).toEqual(expect.arrayContaining(['path', 'sink', 'source', 'flow', 'guard']));
    expect(at('apis:\n  - path: Member[find]\n    ')).toContain('sink');
    expect(at('apis:\n- path: Member[find]\n  ')).toContain('sink');
    const [path] = suggestionsAt('apis:\n  - pa', schema, names);
    expect(path.label).toBe('path');
    expect(path.isKey).toBe(true);
  });

  it('keys below keys are offered', () => {
    expect(at('apis:\n  - path: Member[find]\n    when:\n      ')).toEqual(
      expect.arrayContaining(['at', 'is', 'matches']),
    );
    expect(at('types:\n  Order:\n    ')).toEqual(expect.arrayContaining(['at', 'extends', 'apis']));
    expect(at('types:\n  Order:\n    apis:\n      - ')).toContain('path');
  });

  it('kinds are offered where one is named', () => {
    expect(at('apis:\n  - path: Member[find]\n    sink: ')).toEqual(['sql', 'html']);
    expect(at('apis:\n  - path: Member[find]\n    removes: [sql, ')).toEqual(['sql', 'html']);
    expect(at('apis:\n  - path: Member[find]\n    source: re')).toEqual(['remote']);
    expect(at('apis:\n  - path: Member[find]\n    removes:\n      - ')).toEqual(['sql', 'html']);
  });

  it('values are offered that the schema lists', () => {
    expect(at('rules:\n  - id: own\n    severity: ')).toEqual(['critical', 'high', 'medium', 'low', 'note']);
    expect(at('types:\n  Order:\n    shared: ')).toEqual(['true', 'false']);
  });
});
