import { decideModel } from './decide-model.ts';

const known = { names: ['0001_model.ts', '0002_cells.ts'], fingerprint: 'abc' };
const ran = (...names: string[]) => ({ names, fingerprint: 'abc' });

test('a database that has had every migration is current, also where its comments were lost', () => {
  expect(decideModel(ran(...known.names), known)).toEqual({ kind: 'current' });
  expect(decideModel({ names: known.names, fingerprint: undefined }, known)).toEqual({ kind: 'current' });
});

test('an empty database lacks every migration, and one of an earlier version lacks the newer ones', () => {
  expect(decideModel(undefined, known)).toEqual({ kind: 'behind', missing: known.names });
  expect(decideModel({ names: [], fingerprint: undefined }, known)).toEqual({
    kind: 'behind',
    missing: known.names,
  });
  expect(decideModel(ran('0001_model.ts'), known)).toEqual({ kind: 'behind', missing: ['0002_cells.ts'] });
});

test('an unknown migration means a newer version, even if one of ours is missing', () => {
  const later = { kind: 'newer', unknown: ['0003_sales.ts'] };
  expect(decideModel(ran(...known.names, '0003_sales.ts'), known)).toEqual(later);
  expect(decideModel(ran('0001_model.ts', '0003_sales.ts'), known)).toEqual(later);
});

test('a database that began with another migration, or with another text of the first one, is from before the first release', () => {
  const early = { kind: 'before_first_release' };
  expect(decideModel({ names: ['0001_ledger.ts'], fingerprint: undefined }, known)).toEqual(early);
  expect(decideModel({ names: ['0001_ledger.ts', '0002_cells.ts'], fingerprint: undefined }, known)).toEqual(
    early,
  );
  expect(decideModel({ ...ran('0001_model.ts'), fingerprint: 'abd' }, known)).toEqual(early);
  expect(decideModel({ ...ran(...known.names, '0003_sales.ts'), fingerprint: 'abd' }, known)).toEqual(early);
});

test('another program’s table of migrations is recognized', () => {
  expect(decideModel('another_program', known)).toEqual({ kind: 'another_program' });
});
