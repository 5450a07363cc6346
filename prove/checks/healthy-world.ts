import type { Answer, Intent } from '../load/client-journal.ts';
import type { AccountRow, EntryRow, EvidenceRow, PaymentRow, World } from '../world/world.ts';
import { checkInvariants } from './check-invariants.ts';

const START = Date.UTC(2026, 0, 1);
/** A moment of the story, in seconds from its start. */
export const at = (seconds: number) => new Date(START + seconds * 1000);

const WALLET = 1n;
const GATEWAY = 2n;
const FEE = 3n;
const EQUITY = 4n;
export const USER = 7n;

/**
 * A small world in which everything holds, for tests that break one thing of it. User 7 opened with 1000.00. Payment 1 is a deposit
 * of 200.00 that the gateway executed and hid, 2 a withdrawal of 50.00 that went well, 3 a withdrawal of 10.00 that was refused,
 * 4 one of 20.00 without a key, still held.
 */
export function createHealthyWorld(changes: Partial<World> = {}): World {
  const entries = listEntries();
  return {
    answers: [
      answer({ paymentId: 1n, type: 'deposit', amountMinor: 20_000n, key: 'k1' }),
      {
        ...answer({ paymentId: 1n, type: 'deposit', amountMinor: 20_000n, key: 'k1' }),
        api: 'api-2',
        isReplay: true,
      },
      answer({ paymentId: 2n, type: 'withdraw', amountMinor: 5000n, key: 'k2' }),
      answer({ paymentId: 3n, type: 'withdraw', amountMinor: 1000n, key: 'k3' }),
      answer({ paymentId: 4n, type: 'withdraw', amountMinor: 2000n, key: null }),
    ],
    commandAnswers: [],
    openingMinor: new Map([[USER, 100_000n]]),
    payments: [
      payment({ id: 1n, type: 'deposit', amountMinor: 20_000n, feeMinor: 400n, status: 'success' }),
      payment({ id: 2n, amountMinor: 5000n, feeMinor: 100n, status: 'success' }),
      payment({ id: 3n, amountMinor: 1000n, feeMinor: 20n, status: 'failed' }),
      payment({ id: 4n, amountMinor: 2000n, feeMinor: 40n, status: 'unknown', hasInquiry: true }),
    ],
    accounts: [
      account(entries, { id: WALLET, kind: 'wallet', userId: USER, floorMinor: 0n, heldMinor: 2040n }),
      account(entries, { id: GATEWAY, kind: 'gateway' }),
      account(entries, { id: FEE, kind: 'fee' }),
      account(entries, { id: EQUITY, kind: 'equity' }),
    ],
    holds: [
      {
        userId: USER,
        accountId: WALLET,
        purpose: 'payment',
        subjectId: 4n,
        amountMinor: 2040n,
        currency: 'USD',
      },
    ],
    orderHolds: [],
    transfers: [],
    fees: [],
    quotes: [],
    steps: [
      { id: 10n, reference: `user:${USER}`, step: 'open', createdAt: at(0) },
      { id: 11n, reference: 'payment:1', step: 'settle', createdAt: at(5) },
      { id: 13n, reference: 'payment:2', step: 'settle', createdAt: at(3) },
    ],
    entries,
    attempts: [
      { ...attempt(1n, 1n, at(1), 'unknown'), finishedAt: at(3) },
      attempt(1n, 2n, at(4), 'succeeded'),
      attempt(2n, 1n, at(2), 'succeeded'),
      attempt(3n, 1n, at(2), 'refused'),
      attempt(4n, 1n, at(2), 'unknown'),
    ],
    deadLetters: [
      {
        paymentId: 3n,
        reason: 'refused',
        createdAt: at(3),
        action: null,
        actionAt: null,
        actionBy: null,
        redrivenPaymentId: null,
        committedAt: at(3),
      },
    ],
    evidence: [
      attemptEvidence(1n, at(5)),
      attemptEvidence(2n, at(3)),
      { source: 'callback', paymentId: 2n, reference: 'r2', what: 'evt_2', committedAt: at(6) },
    ],
    resolutions: [],
    events: [{ eventId: 'evt_2', reference: 'r2', status: 'succeeded' }],
    told: new Map([
      ['payment:1', 'accepted succeeded'],
      ['payment:2', 'accepted succeeded'],
      ['payment:3', 'accepted failed'],
      ['payment:4', 'accepted unknown'],
    ]),
    takenCallbacks: [{ eventId: 'evt_2', reference: 'r2', status: 'succeeded', answeredAt: at(6) }],
    keys: [1n, 2n, 3n].map((id) => ({
      ...{ userId: USER, key: `k${id}`, paymentId: id, committedAt: at(1.4) },
    })),
    commandKeys: [],
    book: [
      {
        reference: 'r1',
        paymentId: 1n,
        type: 'deposit',
        amountMinor: 20_000n,
        currency: 'USD',
        executedAt: at(2),
      },
      {
        reference: 'r2',
        paymentId: 2n,
        type: 'withdraw',
        amountMinor: 5000n,
        currency: 'USD',
        executedAt: at(2),
      },
    ],
    bookTotals: [{ currency: 'USD', count: 2, depositsMinor: 20_000n, withdrawalsMinor: 5000n }],
    calls: [
      { reference: 'r1', at: at(2), kind: 'pay', result: 'execute_then_timeout' },
      { reference: 'r2', at: at(2.1), kind: 'pay', result: 'ok' },
      { reference: 'r2', at: at(2.15), kind: 'answer', result: 'succeeded' },
      { reference: 'r3', at: at(2.2), kind: 'pay', result: 'refuse' },
      { reference: 'r4', at: at(2.3), kind: 'pay', result: 'timeout' },
      { reference: 'r1', at: at(4.1), kind: 'inquiry', result: 'not_found' },
      { reference: 'r1', at: at(4.2), kind: 'pay', result: 'ok' },
      { reference: 'r1', at: at(4.3), kind: 'answer', result: 'succeeded' },
      { reference: 'r2', at: at(5.9), kind: 'callback', result: 'succeeded' },
    ],
    seenEndings: [{ paymentId: 2n, status: 'success', seenBy: 'api' }],
    seenOverdrafts: [],
    ...changes,
  };
}

/**
 * The invariants that changes of a world violate. What events tell of it stays as it was, so that I13 counts only for tests that are about
 * it.
 */
export function violatedBy(world: World, changes: Partial<World>): string[] {
  const found = checkInvariants({ ...world, ...changes }).map(({ invariant }) => invariant);
  return [...new Set(found)].filter((invariant) => invariant !== 'I13' || 'told' in changes);
}

function listEntries(): EntryRow[] {
  const legs = (transactionId: bigint, amounts: [bigint, bigint][]): EntryRow[] =>
    amounts.map(([accountId, amountMinor]) => ({
      accountId,
      transactionId,
      amountMinor,
      writtenByXid: transactionId,
    }));
  return [
    ...legs(10n, [
      [EQUITY, -100_000n],
      [WALLET, 100_000n],
    ]),
    ...legs(11n, [
      [GATEWAY, -20_000n],
      [WALLET, 19_600n],
      [FEE, 400n],
    ]),
    ...legs(13n, [
      [WALLET, -5100n],
      [GATEWAY, 5000n],
      [FEE, 100n],
    ]),
  ];
}

function account(
  entries: readonly EntryRow[],
  given: Pick<AccountRow, 'id' | 'kind'> & Partial<AccountRow>,
): AccountRow {
  return {
    userId: null,
    currency: 'USD',
    name: '',
    postedMinor: entries
      .filter((entry) => entry.accountId === given.id)
      .reduce((total, { amountMinor }) => total + amountMinor, 0n),
    heldMinor: 0n,
    floorMinor: null,
    foldedBelow: 1000n,
    ...given,
  };
}

function payment(
  given: Pick<PaymentRow, 'id' | 'amountMinor' | 'feeMinor' | 'status'> & Partial<PaymentRow>,
): PaymentRow {
  return {
    userId: USER,
    walletId: WALLET,
    type: 'withdraw',
    walletPaysFee: true,
    currency: 'USD',
    reference: `r${given.id}`,
    redriveOf: null,
    refundOf: null,
    createdAt: at(1),
    updatedAt: at(5),
    hasTask: false,
    hasInquiry: false,
    ...given,
  };
}

function attempt(paymentId: bigint, runLease: bigint, startedAt: Date, outcome: string) {
  return {
    paymentId,
    runLease,
    worker: 'w',
    startedAt,
    finishedAt: at(5),
    outcome,
    inquiry: null,
    errorClass: null,
  };
}

function attemptEvidence(paymentId: bigint, committedAt: Date): EvidenceRow {
  return { source: 'attempt', paymentId, reference: null, what: 'run 1', committedAt };
}

function answer({
  paymentId,
  ...given
}: Pick<Intent, 'type' | 'amountMinor' | 'key'> & { readonly paymentId: bigint }): Answer {
  const { type, amountMinor } = given;
  const body = {
    payment_id: Number(paymentId),
    user_id: Number(USER),
    status: 'processing',
    [type]: Number(amountMinor) / 100,
  };
  return {
    intent: { userId: USER, ...given },
    api: 'api-1',
    sentAt: at(1),
    answeredAt: at(1.5),
    status: 202,
    body: JSON.stringify(body),
    isReplay: false,
    code: null,
  };
}

/** Changes one element of a list and leaves the rest. */
export function changeOne<T>(items: readonly T[], index: number, changes: Partial<T>): T[] {
  return items.map((item, position) => (position === index ? { ...item, ...changes } : item));
}
