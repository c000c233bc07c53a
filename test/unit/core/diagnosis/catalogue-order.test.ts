import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { catalogueOf } from '../../../../src/core/diagnosis/catalogue.ts';

const folders = catalogue.map((signature) => ({ folder: signature.id, exported: signature as unknown }));
const others = folders.filter(({ folder }) => folder !== 'table-full');
const replaced = (exported: unknown) => [...others, { folder: 'table-full', exported }];
const signature = { id: 'table-full', title: 'A title', order: { stage: 'new-entries', position: 999 } };
const evaluate = () => ({ state: 'no-match', evidence: [] });

describe('the order of the catalogue', () => {
  it('is the same however the folders are listed', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(folders, { minLength: folders.length }), (shuffled) => {
        expect(catalogueOf(shuffled)).toEqual(catalogue);
      }),
    );
  });

  it('asks for the table before its look-alikes and concludes at the end', () => {
    const ids = catalogue.map(({ id }) => id);
    expect(ids.slice(0, 3)).toEqual(['half-open-flood', 'table-full', 'near-full']);
    expect(ids.slice(-2)).toEqual(['not-the-node', 'insufficient-evidence']);
  });

  it.each([
    [
      'a folder without a signature',
      replaced({}),
      /^runbooks\/table-full\/signature.ts exports no signature/,
    ],
    [
      'one with both predicates',
      replaced({ ...signature, evaluate, conclude: evaluate }),
      /exports no signature/,
    ],
    ['another name', replaced({ ...signature, id: 'table-ful', evaluate }), /has the id "table-ful"/],
    [
      'no stage',
      replaced({ ...signature, evaluate, order: { position: 1 } }),
      /no valid order; give it a stage \(flood, /,
    ],
    [
      'a position of 0',
      replaced({ ...signature, evaluate, order: { stage: 'flood', position: 0 } }),
      /no valid order/,
    ],
    [
      'a conclusion that looks',
      replaced({ ...signature, evaluate, order: { stage: 'conclusion', position: 1 } }),
      /"conclude"/,
    ],
    [
      'a taken position',
      replaced({ ...signature, evaluate, order: { stage: 'flood', position: 10 } }),
      /both claim position 10/,
    ],
    ['no conclusion', folders.slice(0, 1), /no failure mode in the stage "conclusion"/],
  ])('refuses %s', (_, broken, message) => {
    expect(() => catalogueOf(broken)).toThrow(message);
  });
});
