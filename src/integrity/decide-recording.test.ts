import { decideRecording, hashFingerprint, type KnownViolations } from './decide-recording.ts';
import type { Rule, Violation } from './violation.ts';

/** From how many on violations of a rule are kept together, and how many such a group names. Not the code's own numbers. */
const MAX_SINGLES = 10;
const MAX_SUBJECTS = 100_000;

const RULE: Rule = 'balance_equals_entries';

const found = (account: number, changes: Partial<Violation> = {}): Violation => ({
  rule: RULE,
  subject: `account:${account}`,
  fingerprint: '5',
  detail: 'stored 5 posted, entries say 0',
  ...changes,
});
const manyFound = (count: number) => Array.from({ length: count }, (_, index) => found(index));
const known = (changes: Partial<KnownViolations> = {}): KnownViolations => ({
  singles: [],
  members: [],
  openSingleCounts: new Map(),
  openGroups: new Map(),
  ...changes,
});
const single = (changes: { fingerprint?: string; isAcknowledged?: boolean } = {}) => ({
  id: 1n,
  rule: RULE,
  subject: 'account:7',
  fingerprint: '5',
  isAcknowledged: false,
  ...changes,
});
const member = (changes: { fingerprint?: string; isAcknowledged?: boolean } = {}) => ({
  violationId: 2n,
  rule: RULE,
  subject: 'account:7',
  isAcknowledged: false,
  ...changes,
  fingerprint: hashFingerprint({ fingerprint: changes.fingerprint ?? '5' }),
});
const NOTHING = {
  seenSingles: [],
  endedSingleIds: [],
  changedMembers: [],
  leavingMembers: [],
  newSingles: [],
  joining: new Map(),
};

test('what is new is kept by itself', () => {
  expect(decideRecording([found(7)], known())).toEqual({ ...NOTHING, newSingles: [found(7)] });
});

test.each([
  ['as it was', '5'],
  ['otherwise than it was', '6'],
])('what is open and found %s is seen again, and not raised anew', (_what, fingerprint) => {
  const violation = found(7, { fingerprint });
  expect(decideRecording([violation], known({ singles: [single()] }))).toEqual({
    ...NOTHING,
    seenSingles: [{ id: 1n, violation }],
  });
});

test('what was acknowledged and stays as it was raises nothing', () => {
  const recording = decideRecording([found(7)], known({ singles: [single({ isAcknowledged: true })] }));
  expect(recording).toEqual({ ...NOTHING, seenSingles: [{ id: 1n, violation: found(7) }] });
});

test('what was acknowledged and has changed since is closed, and raised anew', () => {
  const violation = found(7, { fingerprint: '6' });
  expect(decideRecording([violation], known({ singles: [single({ isAcknowledged: true })] }))).toEqual({
    ...NOTHING,
    endedSingleIds: [1n],
    newSingles: [violation],
  });
});

test('the same subject under another rule is something else', () => {
  const violation = found(7, { rule: 'wallet_above_floor' });
  expect(decideRecording([violation], known({ singles: [single()], members: [member()] }))).toEqual({
    ...NOTHING,
    newSingles: [violation],
  });
});

test.each([true, false])(
  'a member of a group that is as it was changes nothing (acknowledged: %p)',
  (isAcknowledged) => {
    expect(decideRecording([found(7)], known({ members: [member({ isAcknowledged })] }))).toEqual(NOTHING);
  },
);

test('a member of an open group that has changed is changed there', () => {
  const violation = found(7, { fingerprint: '6' });
  expect(decideRecording([violation], known({ members: [member()] }))).toEqual({
    ...NOTHING,
    changedMembers: [{ violationId: 2n, violation }],
  });
});

test('a member of an acknowledged group that has changed leaves it, and is raised anew', () => {
  const violation = found(7, { fingerprint: '6' });
  expect(decideRecording([violation], known({ members: [member({ isAcknowledged: true })] }))).toEqual({
    ...NOTHING,
    leavingMembers: [{ violationId: 2n, subject: 'account:7' }],
    newSingles: [violation],
  });
});

test('as many as may be kept one by one are; one more, and all that are new join the group of their rule', () => {
  const few = manyFound(MAX_SINGLES);
  expect(decideRecording(few, known())).toEqual({ ...NOTHING, newSingles: few });
  const many = manyFound(MAX_SINGLES + 1);
  expect(decideRecording(many, known())).toEqual({ ...NOTHING, joining: new Map([[RULE, many]]) });
});

test('those that are open already count among those that may be kept one by one', () => {
  const violations = manyFound(2);
  const beside = (count: number) => known({ openSingleCounts: new Map([[RULE, count]]) });
  expect(decideRecording(violations, beside(MAX_SINGLES - 2)).newSingles).toEqual(violations);
  expect(decideRecording(violations, beside(MAX_SINGLES - 1)).joining.get(RULE)).toEqual(violations);
});

test('many of one rule leave another rule its single ones', () => {
  const other = found(99, { rule: 'wallet_above_floor' });
  const many = manyFound(MAX_SINGLES + 1);
  const recording = decideRecording([...many, other], known());
  expect(recording.newSingles).toEqual([other]);
  expect([...recording.joining.keys()]).toEqual([RULE]);
});

test('a group that is nearly full takes only what still fits', () => {
  const many = manyFound(MAX_SINGLES + 1);
  const groupOf = (subjectCount: number) =>
    known({ openGroups: new Map([[RULE, { id: 2n, subjectCount }]]) });
  expect(decideRecording(many, groupOf(MAX_SUBJECTS - 3)).joining.get(RULE)).toEqual(many.slice(0, 3));
  expect(decideRecording(many, groupOf(MAX_SUBJECTS)).joining.get(RULE)).toEqual([]);
  expect(decideRecording(many, groupOf(MAX_SUBJECTS + 1)).joining.get(RULE)).toEqual([]);
});

test('a fingerprint is kept short, and another one is another', () => {
  const hashes = ['5', '6', 'x'.repeat(100_000)].map((fingerprint) => hashFingerprint({ fingerprint }));
  expect(new Set(hashes).size).toBe(3);
  expect(hashes.map(({ length }) => length)).toEqual([22, 22, 22]);
});
