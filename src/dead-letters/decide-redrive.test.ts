import { lockedWallets } from '../../test/builders/locked-wallets.ts';
import type { Neighbours } from '../commands/command-kind.ts';
import { createFunds } from '../commands/funds.ts';
import { createTally } from '../commands/tally.ts';
import type { WalletState } from '../ledger/wallet-state.ts';
import type { Evidence } from '../payments/evidence/evidence.ts';
import { decideRedrive, type RedriveFacts } from './decide-redrive.ts';
import type { RedriveCommand } from './redrive.ts';

const WALLET = 10n;
/** A withdrawal of 50 with a fee of 1, which failed. */
const payment: RedriveCommand['payment'] = {
  paymentId: 2n,
  userId: 1n,
  walletId: WALLET,
  type: 'withdraw',
  direction: 'withdraw',
  amountMinor: 5000n,
  feeMinor: 100n,
  walletPaysFee: true,
  currency: 'USD',
  reference: '2-abc',
  createdAt: new Date(0),
  redriveOf: null,
  refundOf: null,
  refundReason: null,
  gatewayName: null,
};
const facts = (changes: Partial<RedriveFacts> = {}): RedriveFacts => ({
  letter: { id: 7n, paymentId: 2n, userId: 1n, reason: 'attempts_exhausted', action: null },
  evidence: [],
  sends: { sentCount: 1, openCount: 1, isPastForgotten: false },
  newPaymentId: 3n,
  deposit: null,
  ...changes,
});
const letter = (changes: Partial<RedriveFacts['letter']>) => ({ letter: { ...facts().letter, ...changes } });
const evidence: Evidence[] = [{ source: 'callback', paymentId: 2n, at: new Date(0), what: 'a callback' }];
const neighbours = (availableMinor = 100_000n, state: WalletState = 'open'): Neighbours => ({
  funds: createFunds(lockedWallets([[WALLET, availableMinor]], state)),
  tally: createTally(),
});
const decide = (read: RedriveFacts = facts(), among = neighbours(), changes: Partial<RedriveCommand> = {}) =>
  decideRedrive({ id: 7n, by: 'ana', reason: null, payment, ...changes }, read, among);

test('a failed payment becomes a new one under its reference, which asks first if a call may have been carried out, and holds again', () => {
  const among = neighbours();
  expect(decide(facts(), among)).toEqual({
    result: { kind: 'redriven', paymentId: 3n, overridden: [] },
    row: {
      letter: facts().letter,
      payment,
      closing: { id: 7n, by: 'ana', reason: null, redrivenPaymentId: 3n, overriddenEvidence: null },
      asksFirst: true,
      copy: expect.objectContaining({
        paymentId: 3n,
        amountMinor: 5000n,
        feeMinor: 100n,
        reference: '2-abc',
        redriveOf: 2n,
        status: 'new',
      }),
    },
  });
  expect(among.funds.availableMinor(WALLET)).toBe(94_900n);
});

test('a payment that the gateway refused gets a new reference', () => {
  const { row } = decide(facts(letter({ reason: 'refused' })));
  expect(row).toMatchObject({ asksFirst: false, copy: { reference: expect.stringMatching(/^3-/) } });
});

test.each(['outcome_unknown', 'poison'] as const)(
  'a payment that is %s goes back to the queue itself',
  (reason) => {
    const { result, row } = decide(facts({ ...letter({ reason }), newPaymentId: null }), neighbours(0n));
    expect(result).toMatchObject({ kind: 'redriven', paymentId: 2n });
    expect(row).toMatchObject({ copy: null, closing: { redrivenPaymentId: 2n } });
  },
);

test('a wallet that lacks one minor unit cannot pay again, and one with just enough can', () => {
  expect(decide(facts(), neighbours(5099n))).toEqual({
    result: { kind: 'insufficient_funds', neededMinor: 5100n, availableMinor: 5099n, currency: 'USD' },
  });
  expect(decide(facts(), neighbours(5100n)).result).toMatchObject({ kind: 'redriven' });
});

test('a deposit needs nothing', () => {
  const deposit = { payment: { ...payment, type: 'deposit' as const, direction: 'deposit' as const } };
  expect(decide(facts(), neighbours(0n), deposit).result).toMatchObject({ kind: 'redriven' });
});

describe('a refund', () => {
  const refund = {
    payment: { ...payment, type: 'refund' as const, refundOf: 1n, refundReason: 'sent back' },
  };
  /** A deposit of 200 with a fee of 4, of which others gave back so much. */
  const deposit = (refundedMinor: bigint, refundedFeeMinor = 0n) => ({
    deposit: {
      paymentId: 1n,
      amountMinor: 20_000n,
      feeMinor: 400n,
      walletPaysFee: true,
      gatewayName: null,
      refundedMinor,
      refundedFeeMinor,
    },
  });

  test('gives back the same of the same deposit, and holds what it costs', () => {
    const among = neighbours(4900n);
    expect(decide(facts(deposit(15_000n)), among, refund).row?.copy).toMatchObject({
      type: 'refund',
      amountMinor: 5000n,
      feeMinor: 100n,
      refundOf: 1n,
      refundReason: 'sent back',
    });
    expect(among.funds.availableMinor(WALLET)).toBe(0n);
  });

  test('that exceeds what is left is refused, whether refunds before it or in its batch have taken that', () => {
    const tooMuch = (leftMinor: bigint) => ({
      result: { kind: 'refund_exceeds_deposit', depositId: 1n, leftMinor, currency: 'USD' },
    });
    expect(decide(facts(deposit(15_001n)), neighbours(), refund)).toEqual(tooMuch(4999n));
    const among = neighbours();
    decide(facts(deposit(12_000n)), among, refund);
    const other = { ...refund, id: 8n };
    expect(decide(facts({ ...letter({ id: 8n }), ...deposit(12_000n) }), among, other)).toEqual(
      tooMuch(3000n),
    );
  });

  test('gives back no more of the fee than others have left of it', () => {
    expect(decide(facts(deposit(15_000n, 350n)), neighbours(), refund).row?.copy).toMatchObject({
      feeMinor: 50n,
    });
  });
});

test.each(['redriven', 'discarded', 'resolved'] as const)('a letter that was %s stays so', (action) => {
  expect(decide(facts(letter({ action })))).toEqual({ result: { kind: 'already_handled', action } });
});

test('the second of two orders for one letter in a batch finds it redriven', () => {
  const among = neighbours();
  decide(facts(), among);
  expect(decide(facts(), among)).toEqual({ result: { kind: 'already_handled', action: 'redriven' } });
  expect(among.funds.availableMinor(WALLET)).toBe(94_900n);
});

test('evidence stands, unless a person overrides it; then the reference is kept and the gateway asked, whatever it said', () => {
  const contradicted = facts({ ...letter({ reason: 'refused' }), evidence });
  expect(decide(contradicted)).toEqual({ result: { kind: 'evidence', evidence } });
  const overridden = decide(contradicted, neighbours(), { mayOverrideEvidence: true, reason: 'seen' });
  expect(overridden).toMatchObject({
    result: { kind: 'redriven', overridden: evidence },
    row: {
      asksFirst: true,
      copy: { reference: '2-abc' },
      closing: { reason: 'seen', overriddenEvidence: [expect.objectContaining({ source: 'callback' })] },
    },
  });
});

test.each([
  ['withdraw', 'frozen', 'wallet_frozen'],
  ['withdraw', 'closed', 'wallet_closed'],
  ['deposit', 'frozen', 'redriven'],
  ['deposit', 'closed', 'wallet_closed'],
] as const)('a failed %s of a wallet that is %s: %s', (type, state, kind) => {
  const decision = decide(facts(), neighbours(100_000n, state), { payment: { ...payment, type } });
  expect(decision.result.kind).toBe(kind);
  expect(decision.row === undefined).toBe(kind !== 'redriven');
});

test('a payment of unknown outcome goes back to the queue whatever became of its wallet: its money may have moved', () => {
  const unknown = facts({ ...letter({ reason: 'outcome_unknown' }), newPaymentId: null });
  for (const state of ['frozen', 'closed'] as const)
    expect(decide(unknown, neighbours(0n, state)).result.kind).toBe('redriven');
});
