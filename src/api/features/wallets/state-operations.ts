import { z } from 'zod';
import { formatAmount } from '../../../money/decimal-amount.ts';
import { countOf } from '../../../text/plural.ts';
import { changeState } from '../../../wallets/change-state.ts';
import type { StateAction, StateFacts } from '../../../wallets/decide-state-change.ts';
import { logStateChange } from '../../../wallets/log-state-change.ts';
import type { Wallet } from '../../../wallets/wallet.ts';
import { idText, nameField, textField } from '../../describe/fields.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';
import { walletPath } from '../../describe/resource-paths.ts';
import { Problem } from '../../problems/problem.ts';
import type { ProblemCode } from '../../problems/problem-catalogue.ts';
import { walletStateProblem } from '../../problems/wallet-state-problem.ts';
import { afterWriting } from '../../server/after-writing.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { actorOf } from '../../server/guards/principal.ts';
import { defineOperation } from '../../server/operation.ts';
import { readTraceparent } from '../../server/read-traceparent.ts';
import { noSuchWallet, readWalletWithHistory, requireWallet } from './find-wallet.ts';
import { frozenWalletExample, walletWithHistorySchema } from './wallet-schemas.ts';

interface StateOperation {
  readonly action: StateAction;
  readonly summary: string;
  readonly description: string;
  readonly example: string;
  readonly problems: readonly ProblemCode[];
}

const OPERATIONS: readonly StateOperation[] = [
  {
    action: 'freeze',
    summary: 'Freeze a wallet: nothing more is taken from it',
    description:
      'Withdrawals, refunds, transfers, conversions and holds are refused from now on. What was promised before goes on: withdrawals that were accepted are carried out, and what is held for orders can be captured. Whether money may come in is the setting `WALLET_FROZEN_CREDITS`; what the gateway has moved is always credited. A wallet that is frozen already is answered as it is.',
    example: 'the account may have been taken over',
    problems: [],
  },
  {
    action: 'unfreeze',
    summary: 'Let money be taken from a frozen wallet again',
    description: 'A wallet that is open already is answered as it is.',
    example: 'the owner has proved who they are',
    problems: [],
  },
  {
    action: 'close',
    summary: 'Close an empty wallet for good',
    description:
      'Only a wallet that has nothing in it, of which nothing is held, and that no payment or quote is open for can be closed. Then nothing goes in or out, and its name stays taken. Money of a deposit that was accepted at the same moment is not lost: it reopens the wallet, frozen, and the history says so.',
    example: 'the owner has left',
    problems: ['wallet-not-empty'],
  },
];

/** What operators do to the state of a wallet; who did it and why is kept. */
export function stateOperations(context: ApiContext) {
  return OPERATIONS.map((operation) => stateOperation(context, operation));
}

function stateOperation({ knex, log, pool }: ApiContext, { action, ...described }: StateOperation) {
  return defineOperation({
    method: 'post',
    path: `${walletPath('{wallet_id}')}/${action}`,
    id: `${action}Wallet`,
    tag: 'wallets',
    summary: described.summary,
    description: described.description,
    params: z.object({ wallet_id: idText.meta({ example: 7 }) }),
    body: z.strictObject({ by: nameField({ most: 100 }).optional(), reason: textField({ most: 500 }) }),
    bodyExample: { by: 'ana', reason: described.example },
    access: 'operator',
    answers: {
      200: {
        description: 'The wallet as it is now.',
        schema: walletWithHistorySchema,
        example: frozenWalletExample,
      },
    },
    problems: [
      'malformed-request',
      'no-such-wallet',
      'wallet-closed',
      ...described.problems,
      'wallet-busy',
      'validation-failed',
    ],
    async handle({ params: { wallet_id: walletId }, body, principal, request }) {
      const by = body.by ?? actorOf(principal);
      const change = { walletId, action, by, reason: body.reason };
      const outcome = await changeState(pool, { ...change, traceparent: readTraceparent(request) });
      switch (outcome.kind) {
        case 'not_found':
          throw noSuchWallet(walletId);
        case 'closed':
          throw walletStateProblem({ kind: 'wallet_closed', walletId }, 'wallet_id');
        case 'not_empty':
          throw notEmpty(await requireWallet(knex, walletId), outcome.facts);
        case 'changed':
          logStateChange(log, { walletId, ...outcome.change });
          return await afterWriting(() => answer(knex, walletId));
        case 'unchanged':
          return await answer(knex, walletId);
      }
    },
  });
}

async function answer(knex: ApiContext['knex'], walletId: bigint) {
  return { status: 200, body: await readWalletWithHistory(knex, walletId) };
}

function notEmpty({ walletId, currency }: Wallet, facts: StateFacts): Problem {
  const { postedMinor, heldMinor, openPayments, openQuotes } = facts;
  const amount = (minor: bigint) => `${formatAmount(minor, currency)} ${currency}`;
  const reasons = [
    postedMinor !== 0n && `has ${amount(postedMinor)} in it`,
    heldMinor !== 0n && `has ${amount(heldMinor)} held`,
    openPayments > 0 && `has ${countOf(openPayments, 'open payment')}`,
    openQuotes > 0 && `has ${countOf(openQuotes, 'open quote')}`,
  ].filter((reason) => reason !== false);
  return new Problem('wallet-not-empty', {
    detail: `Wallet ${walletId} ${reasons.join(', and ')}. Nothing was done.`,
    errors: reasons.map((message) => ({ field: 'wallet_id', message })),
    extensions: {
      ...renderAmounts({ balance: postedMinor, held: heldMinor }, currency),
      currency,
      open_payments: openPayments,
      open_quotes: openQuotes,
    },
  });
}
