import type { World } from '../world/world.ts';
import { checkInvariants } from './check-invariants.ts';
import { answer } from './healthy-commands.ts';
import { at, changeOne, createHealthyWorld, USER, violatedBy } from './healthy-world.ts';
import { checkBooksAgree } from './i7-books-agree.ts';
import { checkRefundsFitTheirDeposit } from './refunds-fit-their-deposit.ts';

const healthy = createHealthyWorld();

/** The invariants that a change of the healthy world violates. */
const violated = (changes: Partial<World>) => violatedBy(healthy, changes);

/** Payment 3 failed and was redriven as payment 5 under the same reference, which ended as given. */
function shareReference(status: 'success' | 'failed') {
  const redriven = { ...healthy.payments[2]!, id: 5n, redriveOf: 3n, status };
  return { payments: [...healthy.payments, redriven], book: healthy.book };
}

test('in a world where everything holds, no check finds anything', () => {
  expect(checkInvariants(healthy)).toEqual([]);
});

describe('I1 is violated when', () => {
  test('an entry is missing', () => {
    expect(violated({ entries: healthy.entries.slice(1) })).toContain('I1');
  });
  test('an entry is off by one', () => {
    expect(violated({ entries: changeOne(healthy.entries, 2, { amountMinor: -19_999n }) })).toContain('I1');
  });
  test('a transaction sums to zero, but not in each currency', () => {
    expect(violated({ accounts: changeOne(healthy.accounts, 2, { currency: 'EUR' }) })).toContain('I1');
  });
});

describe('I2 is violated when', () => {
  test('a wallet stores another balance than its entries give', () => {
    expect(violated({ accounts: changeOne(healthy.accounts, 0, { postedMinor: 999_999n }) })).toEqual(['I2']);
  });
  test.each([0n, 2041n])('%s is held of a wallet, and its holds give another sum', (heldMinor) => {
    expect(violated({ accounts: changeOne(healthy.accounts, 0, { heldMinor }) })).toEqual(['I2']);
  });
  test('a system account was folded beyond what it stores', () => {
    expect(violated({ accounts: changeOne(healthy.accounts, 1, { foldedBelow: 12n }) })).toEqual(['I2']);
  });
});

describe('I3 is violated when', () => {
  test('a wallet is below its floor', () => {
    expect(violated({ accounts: changeOne(healthy.accounts, 0, { floorMinor: 200_000n }) })).toEqual(['I3']);
  });
  test('a wallet was seen below its floor', () => {
    expect(violated({ seenOverdrafts: ['account 1'] })).toEqual(['I3']);
  });
});

/** What refunds of a settled deposit of 200 with a fee of 4 that are as given violate. */
function violatedByRefunds(...refunds: Partial<World['payments'][number]>[]): string[] {
  const [deposit] = healthy.payments as [World['payments'][number]];
  const payments = refunds.map((changes, index) => ({
    ...deposit,
    id: BigInt(10 + index),
    type: 'refund' as const,
    refundOf: deposit.id,
    feeMinor: 0n,
    ...changes,
  }));
  const found = checkRefundsFitTheirDeposit({ ...healthy, payments: [...healthy.payments, ...payments] });
  return found.map(({ invariant, paymentId }) => `${invariant} ${paymentId}`);
}

describe('refunds of a deposit', () => {
  test('may give back all of it with its fee, whatever failed besides', () => {
    const parts = [
      { amountMinor: 15_000n, feeMinor: 300n, status: 'unknown' as const },
      { amountMinor: 5000n, feeMinor: 100n },
      { amountMinor: 20_000n, status: 'failed' as const },
    ];
    expect(violatedByRefunds(...parts)).toEqual([]);
  });
  test.each<[string, Partial<World['payments'][number]>[]]>([
    ['give back more than it', [{ amountMinor: 15_000n }, { amountMinor: 5001n, status: 'new' }]],
    ['give back more than its fee', [{ amountMinor: 5000n, feeMinor: 401n }]],
  ])('violate I4 when they %s', (_what, refunds) => {
    expect(violatedByRefunds(...refunds)).toEqual(['I4 1']);
  });
  test.each<[string, Partial<World['payments'][number]>]>([
    ['names none', { refundOf: null }],
    ['is of a payment that is not there', { refundOf: 999n }],
    ['is of a withdrawal', { refundOf: 2n }],
    ['is of the deposit of another', { userId: 77n }],
  ])('violate I4 when one %s', (_what, changes) => {
    expect(violatedByRefunds({ amountMinor: 1n, ...changes })).toEqual(['I4 10']);
  });
});

describe('I4 is violated when', () => {
  const extra = (reference: string, step: string) => ({
    steps: [...healthy.steps, { id: 99n, reference, step, createdAt: at(9) }],
  });
  test('a payment was settled twice', () => {
    expect(violated(extra('payment:2', 'settle'))).toEqual(['I4']);
  });
  test('a payment that failed was settled', () => {
    expect(violated(extra('payment:3', 'settle'))).toEqual(['I4']);
  });
  test('a success was never settled', () => {
    expect(violated({ steps: healthy.steps.filter(({ id }) => id !== 11n) })).toEqual(['I4']);
  });
  test('a payment was settled by a run that had lost its lease to another', () => {
    const attempts = changeOne(healthy.attempts, 0, { finishedAt: at(5) });
    expect(violated({ attempts: changeOne(attempts, 1, { finishedAt: at(6) }) })).toEqual(['I4']);
  });
  test('not when what it had found is kept in the millisecond in which the other settled the payment', () => {
    expect(violated({ attempts: changeOne(healthy.attempts, 0, { finishedAt: at(5) }) })).toEqual([]);
  });
  test('a settlement moved another amount than the payment says', () => {
    expect(violated({ payments: changeOne(healthy.payments, 1, { feeMinor: 99n }) })).toEqual(['I4']);
  });
});

describe('I5 is violated when', () => {
  test('a payment that was answered 202 does not exist', () => {
    expect(violated({ payments: healthy.payments.slice(1) })).toContain('I5');
  });
  test.each([{ amountMinor: 1n }, { type: 'withdraw' as const }, { userId: 8n }])(
    'a payment that was answered 202 is another one: %o',
    (changes) => {
      expect(violated({ payments: changeOne(healthy.payments, 0, changes) })).toContain('I5');
    },
  );
  test('a replay has other bytes than the first answer', () => {
    const body = `${healthy.answers[1]?.body} `;
    expect(violated({ answers: changeOne(healthy.answers, 1, { body }) })).toEqual(['I5']);
  });
  test('a key was answered with success and with a refusal', () => {
    const refusal = { status: 422, code: 'insufficient-funds', body: '{}' };
    expect(violated({ answers: changeOne(healthy.answers, 1, refusal) })).toEqual(['I5']);
  });
  test('a payment was accepted and forgotten', () => {
    expect(violated({ payments: changeOne(healthy.payments, 3, { hasInquiry: false }) })).toEqual(['I5']);
  });
  test('a callback that was answered 2xx is not stored, or as something else', () => {
    expect(violated({ events: [] })).toEqual(['I5']);
    expect(violated({ events: changeOne(healthy.events, 0, { status: 'refused' }) })).toEqual(['I5']);
  });
  test('a user has another opening balance than was answered', () => {
    expect(violated({ openingMinor: new Map([[USER, 5n]]) })).toEqual(['I5']);
  });
});

describe('I6 is violated when', () => {
  test('a send has no attempt', () => {
    expect(violated({ attempts: healthy.attempts.filter(({ paymentId }) => paymentId !== 2n) })).toEqual([
      'I6',
    ]);
  });
  test('an attempt was written down after its send arrived', () => {
    expect(violated({ attempts: changeOne(healthy.attempts, 2, { startedAt: at(3) }) })).toEqual(['I6']);
  });
  test('one attempt sent twice', () => {
    expect(violated({ attempts: healthy.attempts.slice(1) })).toEqual(['I6']);
  });
  test('a payment that may have executed was sent again without a question', () => {
    expect(violated({ calls: healthy.calls.filter(({ kind }) => kind !== 'inquiry') })).toEqual(['I6']);
  });
  test('the gateway got something that is no payment of ours', () => {
    expect(violated({ calls: changeOne(healthy.calls, 0, { reference: 'stranger' }) })).toEqual(['I6']);
  });
});

describe('payments that a redrive made under one reference', () => {
  const payments = [
    ...healthy.payments,
    {
      ...healthy.payments[1]!,
      id: 5n,
      redriveOf: 3n,
      reference: 'r3',
      amountMinor: 1000n,
      status: 'new' as const,
    },
  ];
  const book = [...healthy.book, { ...healthy.book[1]!, reference: 'r3', paymentId: 3n, amountMinor: 1000n }];
  const newest = (status: 'success' | 'failed') =>
    payments.map((payment) => (payment.id === 5n ? { ...payment, status } : payment));

  test('are one execution at the gateway, of which the newest says how it ended', () => {
    const about = (world: object) =>
      checkBooksAgree(createHealthyWorld(world)).filter(({ paymentId }) => paymentId !== null);
    expect(about({ payments: newest('success'), book })).toEqual([]);
    expect(about({ payments: newest('failed'), book })).toMatchObject([{ paymentId: 5n }]);
    expect(about({ payments: newest('success') })).toMatchObject([{ paymentId: 5n }]);
  });
});

describe('I7 is violated when', () => {
  test('a payment succeeded here and was not executed there', () => {
    expect(violated({ book: healthy.book.slice(1) })).toEqual(['I7']);
  });
  test('a payment failed here and was executed there', () => {
    expect(
      violated({ book: changeOne(healthy.book, 1, { reference: 'r3', paymentId: 3n, amountMinor: 1000n }) }),
    ).toEqual(['I7']);
  });
  test('the amounts differ', () => {
    expect(violated({ book: changeOne(healthy.book, 0, { amountMinor: 1n }) })).toEqual(['I7']);
  });
  test('the gateway executed something that we do not know', () => {
    expect(violated({ book: [...healthy.book, { ...healthy.book[0]!, reference: 'stranger' }] })).toEqual([
      'I7',
    ]);
  });
  test('two payments that share a reference both succeeded', () => {
    const redriven = { ...healthy.payments[1]!, id: 5n, redriveOf: 2n };
    expect(violated({ payments: [...healthy.payments, redriven] })).toContain('I7');
  });
  test('the gateway executed a reference of which every payment failed', () => {
    const { payments, book } = shareReference('failed');
    expect(
      violated({ payments, book: [...book, { ...book[1]!, reference: 'r3', paymentId: 3n }] }),
    ).toContain('I7');
  });
  test('a payment was settled on a word that misreported it', () => {
    const calls = healthy.calls.map((call) =>
      call.reference === 'r2' && call.kind === 'answer' ? { ...call, result: 'misreported' } : call,
    );
    expect(violated({ calls })).toEqual(['I7']);
  });
  test('a payment was settled before the gateway had said anything definite', () => {
    const calls = healthy.calls.filter(({ kind, reference }) => kind !== 'answer' || reference !== 'r2');
    expect(violated({ calls })).toEqual(['I7']);
  });
  test('the totals differ although every outcome is known', () => {
    const payments = healthy.payments.filter(({ id }) => id !== 4n);
    const bookTotals = changeOne(healthy.bookTotals, 0, { depositsMinor: 1n });
    expect(violated({ payments, bookTotals })).toContain('I7');
  });
});

describe('I8 is violated when', () => {
  test('a payment that was seen to succeed failed in the end', () => {
    expect(violated({ seenEndings: [{ paymentId: 3n, status: 'success', seenBy: 'api' }] })).toEqual(['I8']);
  });
  test('a payment that was seen to end is open again', () => {
    expect(violated({ seenEndings: [{ paymentId: 4n, status: 'failed', seenBy: 'database' }] })).toEqual([
      'I8',
    ]);
  });
});

describe('I9 is violated when', () => {
  test('a key made two payments', () => {
    const body = healthy.answers[0]!.body.replace('"payment_id":1,', '"payment_id":2,');
    expect(violated({ answers: changeOne(healthy.answers, 1, { body }) })).toContain('I9');
  });
  test('two keys were answered with one payment', () => {
    const intent = { ...healthy.answers[1]!.intent, key: 'another' };
    expect(violated({ answers: changeOne(healthy.answers, 1, { intent }) })).toEqual(['I9']);
  });
  test('the gateway executed a payment twice', () => {
    expect(violated({ book: [...healthy.book, healthy.book[0]!] })).toContain('I9');
  });
  test('there is one payment more than was asked for', () => {
    const more = { ...healthy.payments[3]!, id: 5n, reference: 'r5' };
    expect(violated({ payments: [...healthy.payments, more] })).toContain('I9');
  });
  test('a payment has no key although its request had one', () => {
    expect(violated({ keys: healthy.keys.slice(1) })).toEqual(['I9']);
  });
});

describe('I13 is violated when events tell', () => {
  const telling = (subject: string, history: string) => ({
    told: new Map([...healthy.told, [subject, history]]),
  });
  test.each([
    ['nothing of a payment', 'payment:1', ''],
    ['only that it was accepted', 'payment:1', 'accepted'],
    ['its end before its beginning', 'payment:1', 'succeeded accepted'],
    ['its end twice', 'payment:1', 'accepted succeeded succeeded'],
    ['another end', 'payment:1', 'accepted failed'],
    [
      'of an unknown outcome that it is known, and not that it was unknown',
      'payment:1',
      'accepted succeeded resolved',
    ],
    ['that an outcome is known that is not', 'payment:4', 'accepted unknown succeeded resolved'],
    ['of a refund that nobody made', 'payment:1', 'accepted succeeded refunded'],
    ['of a payment that is not there', 'payment:99', 'accepted'],
    ['of a transfer that is not there', 'transfer:99', 'completed'],
  ])('%s', (_what, subject, history) => {
    expect(violated(telling(subject, history))).toEqual(['I13']);
  });
  test.each([
    ['payment:1', 'accepted unknown succeeded resolved'],
    ['payment:1', 'accepted unknown redriven unknown redriven succeeded'],
    ['payment:3', 'failed'],
    ['payment:3', 'accepted unknown failed resolved'],
    ['payment:4', 'accepted unknown redriven unknown'],
  ])('but not by %s: %s', (subject, history) => {
    expect(violated(telling(subject, history))).toEqual([]);
  });
});

describe('a reference that a redriven payment shares with the one that it was made from', () => {
  const withExecution = (status: 'success' | 'failed') => ({
    ...shareReference(status),
    book: [
      ...healthy.book,
      { ...healthy.book[1]!, reference: 'r3', paymentId: 3n, amountMinor: 1000n, executedAt: at(7) },
    ],
  });
  test('violates nothing in the books when the gateway executed it once and one of them succeeded', () => {
    const found = checkInvariants({ ...healthy, ...withExecution('success') });
    const ofBooks = found.filter(({ detail }) =>
      /gateway executed|succeeded here|did not execute/.test(detail),
    );
    expect(ofBooks).toEqual([]);
  });
  test('may be sent for both of them, each with an attempt of its own', () => {
    const { payments } = shareReference('failed');
    const again = { reference: 'r3', at: at(7), kind: 'pay', result: 'ok' } as const;
    const asked = { reference: 'r3', at: at(6), kind: 'inquiry', result: 'not_found' } as const;
    const calls = [...healthy.calls, asked, again];
    expect(violated({ payments, calls })).toContain('I6');
    const attempt = { ...healthy.attempts[3]!, paymentId: 5n, startedAt: at(6.5), finishedAt: at(8) };
    expect(violated({ payments, calls, attempts: [...healthy.attempts, attempt] })).not.toContain('I6');
  });
});

describe('I10 is violated when', () => {
  const hold = healthy.holds[0]!;
  // What is held of the wallet follows its holds, so that nothing else is wrong.
  const holding = (holds: World['holds']) => ({
    holds,
    accounts: changeOne(healthy.accounts, 0, {
      heldMinor: holds.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
    }),
  });
  test('an open withdrawal holds nothing', () => {
    expect(violated(holding([]))).toEqual(['I10']);
  });
  test.each([{ amountMinor: 2000n }, { userId: 8n }, { currency: 'EUR' }])(
    'an open withdrawal holds something else: %o',
    (changes) => {
      expect(violated(holding([{ ...hold, ...changes }]))).toEqual(['I10']);
    },
  );
  test.each([
    ['a withdrawal that succeeded', 2n],
    ['a withdrawal that failed', 3n],
    ['a deposit', 1n],
    ['a payment that does not exist', 99n],
  ])('%s holds something', (_what, subjectId) => {
    expect(violated(holding([hold, { ...hold, subjectId }]))).toEqual(['I10']);
  });
});

describe('I10 of what is held for orders', () => {
  const WALLET = healthy.accounts[0]!;
  const SALES = { ...healthy.accounts[1]!, id: 90n, kind: 'sales', postedMinor: 0n, foldedBelow: 0n };
  const hold: World['orderHolds'][number] = {
    id: 5n,
    userId: WALLET.userId!,
    walletId: WALLET.id,
    amountMinor: 3000n,
    capturedMinor: 1000n,
    releasedMinor: 0n,
    currency: 'USD',
    status: 'open',
    createdAt: at(1),
    expiresAt: at(1000),
    resolvedAt: null,
  };
  const reserved: World['holds'][number] = {
    userId: hold.userId,
    accountId: hold.walletId,
    purpose: 'order',
    subjectId: hold.id,
    amountMinor: 2000n,
    currency: 'USD',
  };
  const captured = (transactionId = 50n, amountMinor = 1000n) => [
    { accountId: WALLET.id, transactionId, amountMinor: -amountMinor, writtenByXid: 1n },
    { accountId: SALES.id, transactionId, amountMinor, writtenByXid: 1n },
  ];
  /** A world with this hold, in which balances follow what was posted and reserved, so that nothing else is wrong. */
  function holding(
    changes: Partial<typeof hold> | null,
    { holds = [reserved], posted = captured() }: { holds?: World['holds']; posted?: World['entries'] } = {},
  ) {
    const all = [...healthy.holds, ...holds];
    const takenMinor = posted.reduce(
      (sum, entry) => (entry.accountId === WALLET.id ? sum + entry.amountMinor : sum),
      0n,
    );
    const ids = [...new Set(posted.map(({ transactionId }) => transactionId))];
    const key = {
      userId: hold.userId,
      kind: 'order_hold',
      resourceId: hold.id,
      status: 200,
      committedAt: at(2),
    };
    return {
      commandKeys: [
        { ...key, key: 'hold' },
        { ...key, key: 'capture' },
      ],
      commandAnswers: [{ ...answer('capture', 'capture', 500, {}), status: null }],
      orderHolds: changes === null ? [] : [{ ...hold, ...changes }],
      holds: all,
      entries: [...healthy.entries, ...posted],
      steps: [
        ...healthy.steps,
        ...ids.map((id, n) => ({
          id,
          reference: 'hold:5',
          step: `capture:${n + 1}`,
          createdAt: healthy.steps[0]!.createdAt,
        })),
      ],
      accounts: [
        ...changeOne(healthy.accounts, 0, {
          postedMinor: WALLET.postedMinor + takenMinor,
          heldMinor: all.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
        }),
        SALES,
      ],
    };
  }
  const ended = { status: 'released', releasedMinor: 2000n } as const;

  test('is whole while it is open, and once it has ended', () => {
    expect(violated(holding({}))).toEqual([]);
    expect(violated(holding(ended, { holds: [] }))).toEqual([]);
  });
  test.each<[string, ReturnType<typeof holding>]>([
    ['released less than was left', holding({ ...ended, releasedMinor: 1999n }, { holds: [] })],
    [
      'has released something while it is open',
      holding({ releasedMinor: 1n }, { holds: [{ ...reserved, amountMinor: 1999n }] }),
    ],
    ['has ended and still has something reserved', holding(ended)],
    [
      'is of an account that is no wallet of its user',
      holding(
        { ...ended, capturedMinor: 0n, releasedMinor: 3000n, walletId: SALES.id },
        { holds: [], posted: [] },
      ),
    ],
    ['is open and has nothing reserved', holding({}, { holds: [] })],
    [
      'is open and has something else reserved',
      holding({}, { holds: [{ ...reserved, amountMinor: 1999n }] }),
    ],
    ['is not there, and has something reserved', holding(null, { posted: [] })],
    ['is not there, and was captured', holding(null, { holds: [] })],
    ['was captured without a posting', holding({}, { posted: [] })],
    ['was captured once and posted twice', holding({}, { posted: [...captured(), ...captured(51n)] })],
  ])('is violated when it %s', (_what, world) => {
    expect(violated(world)).toContain('I10');
  });
});

describe('I15 is violated when', () => {
  const failedAt = healthy.payments[2]!.updatedAt;
  const before = new Date(failedAt.getTime() - 3000);
  const after = new Date(failedAt.getTime() + 1);
  const withEvidence = (row: Partial<World['evidence'][number]>) => ({
    evidence: [
      ...healthy.evidence,
      {
        source: 'attempt' as const,
        paymentId: 3n,
        reference: null,
        what: 'run 1',
        committedAt: before,
        ...row,
      },
    ],
  });
  const taken = { eventId: 'evt_2', reference: 'r3', status: 'succeeded', answeredAt: before };
  const redriven = (actionAt: Date) =>
    changeOne(healthy.deadLetters, 0, { action: 'redriven', actionAt, actionBy: 'prove-bulk' });

  test.each([
    ['an attempt that succeeded', {}],
    ['a callback', { source: 'callback' as const, paymentId: null, reference: 'r3' }],
    ['an answer to an inquiry', { source: 'inquiry' as const }],
    [
      'an exception that names the reference',
      { source: 'exception' as const, paymentId: null, reference: 'r3' },
    ],
  ])('a payment failed after %s had been recorded', (_what, row) => {
    expect(violated(withEvidence(row))).toEqual(['I15']);
  });
  test('a payment failed after a callback had been answered 2xx, even if it is stored nowhere', () => {
    expect(violated({ takenCallbacks: [taken] })).toContain('I15');
    expect(violated({ takenCallbacks: [{ ...taken, status: 'refused' }] })).not.toContain('I15');
  });
  test('a hold was released after evidence, whatever the payment is called now', () => {
    const payments = changeOne(healthy.payments, 2, { status: 'unknown', hasInquiry: true });
    const earlier = withEvidence({ committedAt: at(2.5) });
    expect(violated({ payments, ...earlier })).toContain('I15');
  });
  test('a payment was redriven after evidence that came when it had failed', () => {
    const late = withEvidence({ committedAt: after });
    expect(violated(late)).toEqual([]);
    expect(violated({ ...late, deadLetters: redriven(new Date(after.getTime() + 1)) })).toEqual(['I15']);
    expect(violated({ ...late, deadLetters: redriven(failedAt) })).toEqual([]);
  });
  test('a payment was redriven after evidence about one that it was made from', () => {
    const payments = [
      ...healthy.payments,
      { ...healthy.payments[2]!, id: 5n, reference: 'r5', redriveOf: 3n, updatedAt: at(8) },
    ];
    const letter = { ...redriven(at(9))[0]!, paymentId: 5n };
    const found = violated({
      payments,
      deadLetters: [...healthy.deadLetters, letter],
      ...withEvidence({ committedAt: after }),
    });
    expect(found).toContain('I15');
  });
  test('it is not when a person failed it, who has said so', () => {
    const resolution = { paymentId: 3n, outcome: 'not_executed' as const, by: 'ana', createdAt: failedAt };
    expect(violated({ ...withEvidence({}), resolutions: [resolution] })).toEqual([]);
  });
});
