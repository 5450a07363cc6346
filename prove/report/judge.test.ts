import { STUCK } from '../processes/tally.ts';
import { REQUIRED_OUTCOMES } from './count-commands.ts';
import { judge, REQUIRED_TROUBLES, REQUIRED_WORDS } from './judge.ts';

const QUIET = { tasks: 0, inquiries: 0, orders: 0, lateHolds: 0 };
const hard = {
  violations: [],
  leftOpen: QUIET,
  acceptedCount: 1000,
  askedCount: 1500,
  internalErrorCount: 0,
  tally: {
    countOf: (name: string) => (name === STUCK ? 0 : 1),
    killsAtFailpoints: () => 5,
    errorsAtFailpoints: () => 2,
  },
};
const violation = { invariant: 'I4', paymentId: 1n, detail: 'twice' } as const;

test('a run that was hard enough and violated nothing proves', () => {
  expect(judge(hard)).toEqual({ kind: 'proved' });
});

test('a violation is told before everything else, even of a run that was not hard enough', () => {
  const verdict = judge({ ...hard, acceptedCount: 0, violations: [violation, violation] });
  expect(verdict).toEqual({ kind: 'violated', violation, count: 2 });
});

test('a run without payments proves nothing', () => {
  expect(judge({ ...hard, acceptedCount: 0, askedCount: 0 })).toMatchObject({ kind: 'not_proved' });
});

test('a run on a busy machine proves with the little that was asked for, as long as a quarter of it was accepted', () => {
  expect(judge({ ...hard, acceptedCount: 60, askedCount: 200 })).toEqual({ kind: 'proved' });
  expect(judge({ ...hard, acceptedCount: 60, askedCount: 250 })).toEqual({
    kind: 'not_proved',
    reasons: ['60 of 250 payments were accepted, and at least 62 are needed'],
  });
});

test('a run in which hardly anything could be asked for proves nothing', () => {
  expect(judge({ ...hard, acceptedCount: 49, askedCount: 49 })).toMatchObject({ kind: 'not_proved' });
});

test.each(REQUIRED_TROUBLES)('a run without "%s" proves nothing', (missing) => {
  const tally = { ...hard.tally, countOf: (name: string) => (name === missing || name === STUCK ? 0 : 1) };
  expect(judge({ ...hard, tally })).toEqual({ kind: 'not_proved', reasons: [`there was no "${missing}"`] });
});

test.each(REQUIRED_OUTCOMES)('a run without "%s" proves nothing', (missing) => {
  const tally = { ...hard.tally, countOf: (name: string) => (name === missing || name === STUCK ? 0 : 1) };
  expect(judge({ ...hard, tally })).toEqual({ kind: 'not_proved', reasons: [`there was no "${missing}"`] });
});

test.each(REQUIRED_WORDS)('a run in which the gateway never "%s" proves nothing', (missing) => {
  const tally = { ...hard.tally, countOf: (name: string) => (name === missing || name === STUCK ? 0 : 1) };
  expect(judge({ ...hard, tally })).toMatchObject({
    kind: 'not_proved',
    reasons: [expect.stringContaining(missing)],
  });
});

test('a run in which nobody died at a failpoint proves nothing', () => {
  const tally = { ...hard.tally, killsAtFailpoints: () => 0 };
  expect(judge({ ...hard, tally })).toMatchObject({ kind: 'not_proved' });
});

test('a run with more answers 500 than failpoints that failed proves nothing', () => {
  expect(judge({ ...hard, internalErrorCount: 2 })).toEqual({ kind: 'proved' });
  expect(judge({ ...hard, internalErrorCount: 3 })).toMatchObject({ kind: 'not_proved' });
});

test.each(Object.keys(QUIET))('a run that did not become quiet proves nothing: %s', (what) => {
  expect(judge({ ...hard, leftOpen: { ...QUIET, [what]: 1 } })).toMatchObject({ kind: 'not_proved' });
});

test('a run in which an API went on refusing although the database could write again proves nothing', () => {
  const tally = { ...hard.tally, countOf: () => 1 };
  expect(judge({ ...hard, tally })).toMatchObject({ kind: 'not_proved' });
});
