import { describe, expect, it } from 'vitest';
import schema from '../../../schemas/classification-event.schema.json' with { type: 'json' };
import { estimatorName, estimatorNames } from '../../../src/model/estimators/estimator-name.ts';

describe('estimatorName', () => {
  it('takes the name of every estimator, reads that of old models as what they meant, and refuses others', () => {
    for (const name of estimatorNames) expect(estimatorName.parse(name)).toBe(name);
    expect(estimatorName.parse('gumbel-kappa')).toBe('gumbel-kappa-normalised');
    expect(estimatorName.safeParse('gumbel').success).toBe(false);
  });

  it('knows the names that events may carry', () => {
    expect(schema.$defs.properties.properties.draw.properties.estimator.enum).toEqual(estimatorNames);
  });
});
