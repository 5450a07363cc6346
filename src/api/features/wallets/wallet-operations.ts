import { z } from 'zod';
import { WALLET_STATES } from '../../../ledger/wallet-state.ts';
import { listAllWallets } from '../../../wallets/list-wallets.sql.ts';
import { readStatement } from '../../../wallets/read-statement.sql.ts';
import { namedCurrencyField } from '../../describe/currency-field.ts';
import { idText } from '../../describe/fields.ts';
import { listQuery } from '../../describe/list-fields.ts';
import { WALLETS_PATH, walletPath } from '../../describe/resource-paths.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { answerWithPage, nextPageHeader } from '../../server/cursor.ts';
import { defineOperation } from '../../server/operation.ts';
import { renderStatementLine } from '../users/render-user.ts';
import { statementQuery, toStatementFilter } from '../users/statement-query.ts';
import { statementExample, statementSchema } from '../users/user-schemas.ts';
import { readWalletWithHistory, requireWallet } from './find-wallet.ts';
import { renderWallet } from './render-wallet.ts';
import {
  frozenWalletExample,
  walletExample,
  walletListSchema,
  walletWithHistorySchema,
} from './wallet-schemas.ts';

const PATH = WALLETS_PATH;
const STATEMENT_PATH = `${walletPath('{wallet_id}')}/statement`;
const params = z.object({ wallet_id: idText.meta({ example: 7 }) });

/** Wallets by their ids. */
export function walletOperations({ knex, lists }: ApiContext) {
  return [
    defineOperation({
      method: 'get',
      path: PATH,
      id: 'listWallets',
      tag: 'wallets',
      summary: 'List wallets, newest first',
      description:
        'Without a user the list is for operators. A filter looks at so many wallets for one page: a page may hold fewer than `limit`, even none, and still have a next one.',
      query: listQuery('wallets', {
        user_id: idText.optional(),
        currency: namedCurrencyField(),
        state: z.enum(WALLET_STATES).optional(),
      }),
      access: ({ query }) => (query.user_id === undefined ? 'operator' : 'anyone'),
      answers: {
        200: {
          description: 'A page of wallets.',
          schema: walletListSchema,
          example: { items: [walletExample], next_cursor: null },
          headers: { Link: nextPageHeader(PATH, 'wallets') },
        },
      },
      problems: ['validation-failed'],
      async handle({ query: { user_id: userId, currency, state, limit, cursor }, request }) {
        const page = await listAllWallets(lists, { userId, currency, state, limit, beforeId: cursor });
        return answerWithPage(page, {
          list: 'wallets',
          originalUrl: request.originalUrl,
          render: renderWallet,
        });
      },
    }),

    defineOperation({
      method: 'get',
      path: walletPath('{wallet_id}'),
      id: 'getWallet',
      tag: 'wallets',
      summary: 'Read a wallet, and what changed its state',
      params,
      isPolled: true,
      access: 'anyone',
      answers: {
        200: { description: 'The wallet.', schema: walletWithHistorySchema, example: frozenWalletExample },
      },
      problems: ['no-such-wallet', 'validation-failed'],
      async handle({ params: { wallet_id: walletId } }) {
        return { status: 200, body: await readWalletWithHistory(knex, walletId) };
      },
    }),

    defineOperation({
      method: 'get',
      path: STATEMENT_PATH,
      id: 'readWalletStatement',
      tag: 'wallets',
      summary: 'List what was posted to a wallet, newest first',
      description: 'Holds are not posted: they show as held until their payment ends.',
      params,
      query: statementQuery({}),
      access: 'operator',
      answers: {
        200: {
          description: 'A page of the statement.',
          schema: statementSchema,
          example: statementExample,
          headers: { Link: nextPageHeader(STATEMENT_PATH, 'statement') },
        },
      },
      problems: ['no-such-wallet', 'validation-failed'],
      async handle({ params: { wallet_id: walletId }, query, request }) {
        const { currency } = await requireWallet(knex, walletId);
        const page = await readStatement(lists, { walletId, ...toStatementFilter(query) });
        return answerWithPage(page, {
          list: 'statement',
          originalUrl: request.originalUrl,
          render: (line) => renderStatementLine(line, currency),
        });
      },
    }),
  ];
}
