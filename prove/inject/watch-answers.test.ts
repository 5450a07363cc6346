import { countAcceptedBeside, refusesEverything } from './watch-answers.ts';

const times = (count: number, status: number | null) => Array.from({ length: count }, () => ({ status }));

test.each([
  ['nothing but 503', times(6, 503), true],
  ['one other answer', [...times(6, 503), ...times(1, 202)], false],
  ['too few answers to tell', times(4, 503), false],
  ['no answers at all', times(9, null), false],
])('an API with %s', (_name, answers, isStuck) => {
  expect(refusesEverything(answers)).toBe(isStuck);
});

test('only payments of others that were accepted for the first time meanwhile count', () => {
  const since = new Date(1000);
  const answer = (changes: object) => ({
    intent: { userId: 2n, type: 'deposit' as const, amountMinor: 1n, key: null },
    api: 'api-1',
    sentAt: new Date(2000),
    status: 202,
    body: '',
    isReplay: false,
    code: null,
    ...changes,
  });
  const own = { userId: 1n, type: 'deposit' as const, amountMinor: 1n, key: null };
  const answers = [
    answer({}),
    answer({ intent: own }),
    answer({ isReplay: true }),
    answer({ status: 503 }),
    answer({ sentAt: new Date(500) }),
  ];
  expect(countAcceptedBeside({ answers: () => answers }, { userId: 1n, since })).toBe(1);
});
