import type { World } from '../world/world.ts';
import type { FeeRow } from '../world/world-fees.ts';
import { checkInvariants } from './check-invariants.ts';
import { feeOn, termsInForce } from './fees-in-force.ts';
import { answer, createHealthyCommands, OTHER_WALLET } from './healthy-commands.ts';
import { at, changeOne, violatedBy } from './healthy-world.ts';

const healthy = createHealthyCommands();

/** The invariants that a change violates. */
const violated = (changes: Partial<World>) => violatedBy(healthy, changes);

function fee(changes: Partial<FeeRow> = {}): FeeRow {
  const terms = {
    share: 30_000n,
    fixedMinor: 0n,
    leastMinor: null,
    mostMinor: null,
    payer: 'sender' as const,
  };
  return {
    ...{ id: 1n, kind: 'withdrawal', currency: 'USD', ...terms, validFrom: at(-10), setAt: at(-10) },
    ...{ validTo: null, endedAt: null },
    ...changes,
  };
}

test.each([
  ['2 % of 25 rounds up', 25n, { share: 20_000n }, 1n],
  ['2 % of 24 rounds down', 24n, { share: 20_000n }, 0n],
  ['a fixed part is added', 100n, { share: 10_000n, fixedMinor: 30n }, 31n],
  ['it is never less', 100n, { share: 10_000n, leastMinor: 5n }, 5n],
  ['it is never more', 10_000n, { share: 10_000n, mostMinor: 50n }, 50n],
])('a fee: %s', (_what, amountMinor, terms, expected) => {
  expect(feeOn(amountMinor, fee(terms))).toBe(expected);
});

describe('what was in force in a period is', () => {
  const during = (fees: readonly FeeRow[], from: number, to: number) =>
    termsInForce(fees, { kind: 'withdrawal', currency: 'USD' }, { from: at(from), to: at(to) }).map(
      ({ share }) => share,
    );
  const first = fee({
    id: 1n,
    share: 1n,
    validFrom: at(10),
    setAt: at(10.2),
    validTo: at(20),
    endedAt: at(20.5),
  });
  const second = fee({ id: 2n, share: 2n, validFrom: at(20), setAt: at(20.5) });
  const general = fee({ id: 3n, share: 3n, currency: null, validFrom: at(0), setAt: at(0) });

  test('the default where nothing was set', () => {
    expect(during([first, second], 2, 3)).toEqual([20_000n]);
    expect(
      during(
        [
          { ...first, kind: 'deposit' },
          { ...first, currency: 'JPY' },
        ],
        12,
        13,
      ),
    ).toEqual([20_000n]);
  });
  test('the row of the currency, and the one for every currency where there is none', () => {
    expect(during([first, second, general], 12, 13)).toEqual([1n]);
    expect(during([first, second, general], 2, 3)).toEqual([3n]);
  });
  test('both of two that change places, until others can see it', () => {
    expect(new Set(during([first, second], 19, 21))).toEqual(new Set([1n, 2n]));
    expect(new Set(during([first, second, general], 20.1, 20.4))).toEqual(new Set([1n, 2n]));
    expect(during([first, second], 21, 22)).toEqual([2n]);
  });
});

describe('I4 of fees is violated when', () => {
  // Payment 2 is a withdrawal of 50.00 with a fee of 1.00, accepted between the seconds 1 and 1.4; transfer 1 is one of 5.00 without a fee.
  test.each<[string, Partial<World>]>([
    ['a payment costs what was charged before', { fees: [fee()] }],
    [
      'a payment costs what was charged afterwards',
      {
        fees: [
          fee({ share: 20_000n, validTo: at(0), endedAt: at(0) }),
          fee({ id: 2n, validFrom: at(0), setAt: at(0) }),
        ],
      },
    ],
    [
      'the fee of a payment is paid by the wrong side',
      { fees: [fee({ share: 20_000n, payer: 'recipient' })] },
    ],
    [
      'a transfer costs nothing, and the schedule says otherwise',
      { fees: [fee({ kind: 'transfer', share: 10_000n })] },
    ],
    [
      'a payment that is carried out again costs something else',
      { payments: [...healthy.payments, { ...healthy.payments[2]!, id: 5n, redriveOf: 3n, feeMinor: 21n }] },
    ],
    [
      'who pays the fee of a payment is another one when it is carried out again',
      {
        payments: [
          ...healthy.payments,
          { ...healthy.payments[2]!, id: 5n, redriveOf: 3n, walletPaysFee: false, amountMinor: 980n },
        ],
      },
    ],
  ])('%s', (_what, changes) => {
    expect(violated(changes)).toContain('I4');
  });

  test('not when what was charged was in force at that moment alone', () => {
    const gone = fee({ share: 20_000n, validTo: at(1.2), endedAt: at(1.2) });
    expect(
      violated({ fees: [gone, fee({ id: 2n, share: 90_000n, validFrom: at(1.2), setAt: at(1.2) })] }),
    ).toEqual([]);
  });

  test('not when nobody can say when a payment was accepted', () => {
    const unheard = {
      answers: healthy.answers.filter(({ intent }) => intent.key !== 'k2'),
      keys: healthy.keys.map((key) => ({ ...key, committedAt: null })),
    };
    expect(violated({ ...unheard, fees: [fee({ validTo: at(1.1), endedAt: at(1.1) })] })).not.toContain('I4');
  });
});

test('a transfer with a fee moves it to the house, from whoever pays it', () => {
  const [legs, rest] = [
    healthy.entries.filter(({ transactionId }) => transactionId === 40n),
    healthy.entries.filter(({ transactionId }) => transactionId !== 40n),
  ];
  const FEE = healthy.accounts.find(({ kind, currency }) => kind === 'fee' && currency === 'USD')!.id;
  const taken = (given: bigint, got: bigint) => ({
    fees: [fee({ kind: 'transfer', share: 10_000n, payer: 'recipient' })],
    transfers: changeOne(healthy.transfers, 0, { feeMinor: 5n, feePayer: 'recipient' }),
    entries: [
      ...rest,
      ...legs.map((leg) => ({ ...leg, amountMinor: leg.accountId === OTHER_WALLET ? got : -given })),
      { ...legs[0]!, accountId: FEE, amountMinor: 5n },
    ],
  });
  const problems = (world: Partial<World>) =>
    checkInvariants({ ...healthy, ...world }).filter(({ detail }) => detail.startsWith('transfer 1 '));
  expect(problems(taken(500n, 495n))).toEqual([]);
  expect(problems(taken(505n, 500n))).toMatchObject([{ invariant: 'I4' }]);
});

describe('I5 is violated when an operator was told', () => {
  const row = fee({ kind: 'deposit', currency: 'EUR' });
  const after = {
    ...{ id: 1, kind: 'deposit', currency: 'EUR', percent: '3', payer: 'sender' },
    ...{ fixed_minor: '0', least_minor: null, most_minor: null },
  };
  const told = (changes: object) => [
    ...healthy.commandAnswers,
    answer('fee', null, 201, { after: { ...after, ...changes } }),
  ];
  test('not of what is in the schedule', () => {
    expect(violated({ fees: [row], commandAnswers: told({}) })).toEqual([]);
  });
  test.each<[string, Partial<World>]>([
    ['of a fee that is not there', { fees: [], commandAnswers: told({}) }],
    ['of other terms', { fees: [row], commandAnswers: told({ percent: '3.0001' }) }],
    [
      'that a fee was ended, and it was not',
      {
        fees: [row],
        commandAnswers: [...healthy.commandAnswers, answer('end_fee', null, 200, { before: after })],
      },
    ],
  ])('%s', (_what, changes) => {
    expect(violated(changes)).toEqual(['I5']);
  });
});
