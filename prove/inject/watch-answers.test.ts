import { countAcceptedBeside, findStuckApis, refusesEverything } from './watch-answers.ts';

const times = (count: number, status: number | null) => Array.from({ length: count }, () => ({ status }));

test.each([
  ['nothing but 503', times(6, 503), true],
  ['one other answer', [...times(6, 503), ...times(1, 202)], false],
  ['too few answers to tell', times(4, 503), false],
  ['no answers at all', times(9, null), false],
])('an API with %s', (_name, answers, isStuck) => {
  expect(refusesEverything(answers)).toBe(isStuck);
});

test.each([
  ['refuses in every round', () => 503, ['api-1']],
  ['refuses in the first rounds alone', (round: number) => (round < 4 ? 503 : 202), []],
])('an API that %s', async (_name, statusIn, stuck) => {
  const answers: ReturnType<typeof answerOf>[] = [];
  let round = 0;
  const found = await findStuckApis({
    fleet: { originOf: (name) => `http://${name}` },
    journal: { answers: () => answers },
    ask() {
      answers.push(...Array.from({ length: 6 }, () => answerOf('api-1', statusIn(round))));
      answers.push(...Array.from({ length: 6 }, () => answerOf('api-2', 202)));
      round += 1;
    },
    wait: async () => undefined,
  });
  expect(found).toEqual(stuck);
});

function answerOf(api: 'api-1' | 'api-2', status: number) {
  const intent = { userId: 2n, type: 'deposit' as const, amountMinor: 1n, key: null };
  return {
    intent,
    api,
    sentAt: new Date(),
    answeredAt: new Date(),
    status,
    body: '',
    isReplay: false,
    code: null,
  };
}

test('only payments of others that were accepted for the first time meanwhile count', () => {
  const since = new Date(1000);
  const answer = (changes: object) => ({
    intent: { userId: 2n, type: 'deposit' as const, amountMinor: 1n, key: null },
    api: 'api-1',
    sentAt: new Date(2000),
    answeredAt: new Date(2100),
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
