import type { Request } from 'express';
import { classifyDatabaseError } from '../../../database/transactions/classify-database-error.ts';
import { formatAmount } from '../../../money/decimal-amount.ts';
import type { Money } from '../../../money/money.ts';
import type { PaymentStatus } from '../../../payments/payment.ts';
import { findPayment } from '../../../payments/read/read-payments.sql.ts';
import { findWalletOfPayment, type UserIds } from '../../../wallets/read-user-wallets.sql.ts';
import type { UserWallet } from '../../../wallets/user-wallet.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';
import { PROBLEM_MEDIA_TYPE, Problem, renderProblem } from '../../problems/problem.ts';
import type { ProblemCode } from '../../problems/problem-catalogue.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { signalOfLeaving } from '../../server/client-leaving.ts';
import type { Answer, DescribedAnswer } from '../../server/operation.ts';
import { requestPath } from '../../server/request-path.ts';
import { ACCEPT_HEADERS, ACCEPT_PROBLEMS, acceptPayment } from '../payments/accept-payment.ts';
import { type NamedUser, requireUser } from './find-named-user.ts';
import { renderUserName, renderUserWallet } from './render-user-wallet.ts';
import {
  openDepositExample,
  openDepositSchema,
  settledDepositExample,
  settledDepositSchema,
} from './user-wallet-schemas.ts';

/** An answer must be on its way before the request times out. */
const SHARE_OF_REQUEST = 0.5;

export const DEPOSIT_PROBLEMS: readonly ProblemCode[] = [...ACCEPT_PROBLEMS, 'deposit-failed'];
export const DEPOSIT_ANSWERS: Readonly<Record<number, DescribedAnswer>> = {
  200: {
    description: 'The deposit is settled, and the balance has it.',
    schema: settledDepositSchema,
    example: settledDepositExample,
    headers: ACCEPT_HEADERS,
  },
  202: {
    description: 'The deposit was accepted and is not settled yet. `Location` says what becomes of it.',
    schema: openDepositSchema,
    example: openDepositExample,
    headers: ACCEPT_HEADERS,
  },
};

/**
 * Accepts a deposit as any other, and waits for a while until it is settled. A crash while it waits loses nothing but the answer.
 * @throws Problem for a deposit that was not accepted.
 */
export async function depositAndWait(
  context: ApiContext,
  request: Request,
  {
    route,
    user,
    amountMinor,
    currency,
    amountField,
  }: {
    readonly route: string;
    readonly user: NamedUser;
    readonly amountField: 'amount' | 'deposit';
  } & Money,
): Promise<Answer> {
  const startedAtMs = performance.now();
  const ids = await requireUser(context.knex, user);
  const { userId } = ids;
  const accepted = await acceptPayment(context, request, {
    route,
    understood: { user_id: userId.toString(), amount: formatAmount(amountMinor, currency), currency },
    payment: { type: 'deposit', userId, amountMinor, currency },
    amountField,
  });
  // Refused by its wallet, which is frozen or closed: there is no payment to wait for.
  if (accepted.status >= 400) return accepted;
  const { paymentId, headers = {} } = accepted;
  if (paymentId === undefined) throw new Error('a deposit was answered without naming it');
  const status = await context.conclusions.wait(paymentId, {
    forMs: waitMs(context) - (performance.now() - startedAtMs),
    signal: signalOfLeaving(request),
  });
  const deposit = { paymentId, ids, amountMinor, currency, instance: requestPath(request) };
  return { ...(await answerAbout(context, deposit, status)), headers, paymentId };
}

function waitMs({ config: { api } }: ApiContext): number {
  return Math.min(api.depositWaitMs, api.requestTimeoutMs * SHARE_OF_REQUEST);
}

interface AcceptedDeposit extends Money {
  readonly paymentId: bigint;
  readonly ids: UserIds;
  /** The path of the request. */
  readonly instance: string;
}

async function answerAbout(
  context: ApiContext,
  deposit: AcceptedDeposit,
  status: PaymentStatus,
): Promise<Answer> {
  // The deposit is accepted, so a database that is away now is no reason to say anything else.
  const answer = await answerFromRows(context, deposit, status).catch((error: unknown) => {
    if (!classifyDatabaseError(error).isUnavailable) throw error;
    return undefined;
  });
  return answer ?? { status: 202, body: { ...renderOpen(deposit), status } };
}

/** Undefined while there is nothing to read. */
async function answerFromRows(
  { knex }: ApiContext,
  deposit: AcceptedDeposit,
  status: PaymentStatus,
): Promise<Answer | undefined> {
  const { paymentId, instance } = deposit;
  if (status === 'failed') {
    const payment = await findPayment(knex, paymentId);
    return answerFailed(deposit, { instance, why: payment?.lastError ?? null });
  }
  if (status !== 'success') return undefined;
  const wallet = await findWalletOfPayment(knex, paymentId);
  if (!wallet) throw new Error(`payment ${paymentId} has no wallet`);
  return { status: 200, body: renderSettled(deposit, wallet) };
}

function renderOpen({ paymentId, ids, amountMinor, currency }: AcceptedDeposit) {
  return {
    user_id: renderUserName(ids),
    currency,
    payment_id: Number(paymentId),
    ...renderAmounts({ amount: amountMinor }, currency),
  };
}

function renderSettled(deposit: AcceptedDeposit, wallet: UserWallet) {
  return { ...renderUserWallet(wallet), ...renderOpen(deposit), status: 'success' };
}

function answerFailed(
  { paymentId }: AcceptedDeposit,
  { instance, why }: { readonly instance: string; readonly why: string | null },
): Answer {
  const problem = new Problem('deposit-failed', {
    detail: `Deposit ${paymentId} failed${why === null ? '' : `: ${why}`}. Nothing was added to the wallet.`,
    extensions: { payment_id: Number(paymentId), payment_status: 'failed' },
  });
  return { status: problem.status, body: renderProblem(problem, instance), mediaType: PROBLEM_MEDIA_TYPE };
}
