import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MODEL_FINGERPRINT } from '../migrations/model/model.ts';

/**
 * The fingerprint of the data model in the first release. It is null before that release, while the model may still be rewritten. From then on
 * it never changes: what the model lacks is added by a further migration.
 */
const RELEASED_FINGERPRINT: string | null = null;

/** What is wrong with the first migration; undefined if nothing is. */
function findFault({
  changelog,
  released,
  fingerprint,
}: {
  readonly changelog: string;
  readonly released: string | null;
  readonly fingerprint: string;
}): string | undefined {
  const isReleased = /^## \[v?\d/m.test(changelog);
  if (!isReleased)
    return released === null ? undefined : 'a fingerprint is recorded, and nothing has been released';
  if (released === null)
    return `a version has been released: record ${fingerprint} as the fingerprint of its model`;
  return released === fingerprint
    ? undefined
    : `the model of the first release was changed: undo that, and add a migration instead`;
}

test('the first migration makes the model that was released', () => {
  const changelog = readFileSync(path.resolve(import.meta.dirname, '../CHANGELOG.md'), 'utf8');
  expect(
    findFault({ changelog, released: RELEASED_FINGERPRINT, fingerprint: MODEL_FINGERPRINT }),
  ).toBeUndefined();
});

const UNRELEASED = '## [Unreleased]\n\n### Added\n\n- Something of version 1.0.\n';
const RELEASED = `${UNRELEASED}\n## [0.1.0] - 2027-01-15\n`;

test.each([
  ['may change before the first release', UNRELEASED, null, undefined],
  ['is not called released before it is', UNRELEASED, 'abc', 'nothing has been released'],
  ['must be recorded with the first release', RELEASED, null, 'record abc'],
  ['stays as it was recorded', RELEASED, 'abc', undefined],
  ['must not change after the first release', RELEASED, 'abd', 'was changed'],
])('the model %s', (_, changelog, released, fault) => {
  const found = findFault({ changelog, released, fingerprint: 'abc' });
  if (fault === undefined) expect(found).toBeUndefined();
  else expect(found).toContain(fault);
});
