import { z } from 'zod';
import type { UsedKeyOutcome } from '../../../idempotency/decide-replay.ts';
import { formatAmount } from '../../../money/decimal-amount.ts';
import { findTransfer } from '../../../wallets/transfers.sql.ts';
import type { WalletIdentity } from '../../../wallets/wallet.ts';
import { amountIn, unreadRequiredAmountField } from '../../describe/amount-field.ts';
import { idField, idText } from '../../describe/fields.ts';
import { IDEMPOTENCY_PROBLEMS, LOCATION, REPLAYED } from '../../describe/keyed-answers.ts';
import { transferFromPath, transferPath } from '../../describe/resource-paths.ts';
import { Problem } from '../../problems/problem.ts';
import { unchargeable } from '../../problems/unchargeable.ts';
import { answerMade, answerUsedKey } from '../../server/answer-keyed.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { validate } from '../../server/content/validate.ts';
import { readIdempotencyClaim } from '../../server/idempotency-key.ts';
import { type Answer, defineOperation } from '../../server/operation.ts';
import { readTraceparent } from '../../server/read-traceparent.ts';
import { readUnlessKeyUsed } from '../../server/read-unless-key-used.ts';
import { noSuchWallet, requireWalletIdentity } from './find-wallet.ts';
import { renderTransfer } from './render-transfer.ts';
import { transferExample, transferSchema } from './transfer-schemas.ts';

const PATH = transferFromPath('{wallet_id}');

export function transferOperations(context: ApiContext) {
  const { config, knex, lookups, metrics, transfers } = context;
  return [
    defineOperation({
      method: 'post',
      path: PATH,
      id: 'transferMoney',
      tag: 'wallets',
      summary: 'Move money from a wallet to another one of the same currency',
      description:
        'It happens at once and is final; the gateway has no part in it. The other wallet may be that of another user. The amount is in the currency of the wallets. It costs nothing, unless the schedule of fees has a row for transfers.',
      params: z.object({ wallet_id: idText.meta({ example: 7 }) }),
      body: z.strictObject({
        to_wallet_id: idField,
        amount: unreadRequiredAmountField({ currency: config.payments.currency }),
      }),
      bodyExample: { to_wallet_id: 15, amount: 30 },
      takesIdempotencyKey: true,
      movesMoney: true,
      access: 'anyone',
      answers: {
        201: {
          description: 'The money was moved.',
          schema: transferSchema,
          example: transferExample,
          headers: {
            Location: { ...LOCATION, example: transferPath('1') },
            'Idempotency-Replayed': REPLAYED,
          },
        },
      },
      problems: [
        'malformed-request',
        'idempotency-key-required',
        'no-such-wallet',
        'validation-failed',
        'transfer-not-funded',
        'wallet-frozen',
        'wallet-closed',
        'wallet-busy',
        ...IDEMPOTENCY_PROBLEMS,
      ],
      async handle({ params: { wallet_id: walletId }, body: { to_wallet_id: toWalletId, amount }, request }) {
        const [from, found] = await Promise.all([
          requireWalletIdentity(context, walletId),
          lookups.wallets.find(toWalletId),
        ]);
        const { currency } = from;
        const read = await readUnlessKeyUsed(context, request, {
          userId: from.userId,
          async read() {
            const { amount: amountMinor } = validate(amountIn(currency), { amount }, 'body');
            return { amountMinor, to: requireOtherEnd(from, { toWalletId, found }) };
          },
        });
        if (read.kind !== 'read') return answerByKey(context, read);
        const { amountMinor, to } = read.meant;
        const idempotency = readIdempotencyClaim(request, {
          route: PATH,
          isRequired: config.idempotency.isKeyRequired,
          understood: {
            wallet_id: walletId.toString(),
            to_wallet_id: toWalletId.toString(),
            amount: formatAmount(amountMinor, currency),
            currency,
          },
        });
        const outcome = await transfers.execute({
          from,
          to,
          amountMinor,
          currency,
          idempotency,
          traceparent: readTraceparent(request),
        });
        if (outcome.kind !== 'decided') return answerByKey(context, outcome);
        const { result } = outcome;
        if (result.kind !== 'answered') {
          metrics.transferEnded('refused');
          throw unchargeable(result, { field: 'amount', currency });
        }
        metrics.transferEnded(result.resource.kind === 'transfer' ? 'transferred' : 'refused');
        return answerMade(result);
      },
    }),

    defineOperation({
      method: 'get',
      path: transferPath('{transfer_id}'),
      id: 'getTransfer',
      tag: 'wallets',
      summary: 'Read a transfer between two wallets',
      params: z.object({ transfer_id: idText.meta({ example: 1 }) }),
      access: 'anyone',
      answers: { 200: { description: 'The transfer.', schema: transferSchema, example: transferExample } },
      problems: ['transfer-not-found', 'validation-failed'],
      async handle({ params: { transfer_id: transferId } }) {
        const transfer = await findTransfer(knex, transferId);
        if (!transfer)
          throw new Problem('transfer-not-found', { detail: `There is no transfer ${transferId}.` });
        return { status: 200, body: renderTransfer(transfer) };
      },
    }),
  ];
}

/** @throws Problem where the key leads to no answer. */
function answerByKey({ metrics }: Pick<ApiContext, 'metrics'>, outcome: UsedKeyOutcome): Answer {
  if (outcome.kind !== 'replayed') metrics.transferEnded(outcome.kind);
  return answerUsedKey(outcome, { metrics });
}

/** Whose wallets they are and in which currency never changes, so it may be looked at before anything is locked. */
function requireOtherEnd(
  from: WalletIdentity,
  { toWalletId, found }: { readonly toWalletId: bigint; readonly found: WalletIdentity | undefined },
): WalletIdentity {
  if (!found) throw noSuchWallet(toWalletId, 'to_wallet_id');
  const message = explainUnfitEnd(from, found);
  if (message === undefined) return found;
  throw new Problem('validation-failed', {
    detail: `to_wallet_id ${message}. Nothing was done.`,
    errors: [{ field: 'to_wallet_id', message }],
  });
}

function explainUnfitEnd(from: WalletIdentity, to: WalletIdentity): string | undefined {
  if (to.walletId === from.walletId) return 'must be another wallet than the one that gives';
  if (to.currency === from.currency) return undefined;
  return `must be another wallet in ${from.currency}, and wallet ${to.walletId} is one in ${to.currency}`;
}
