import { z } from 'zod';
import { listAllWallets } from '../../../wallets/list-wallets.sql.ts';
import { readStatement } from '../../../wallets/read-statement.sql.ts';
import { namedCurrencyField } from '../../describe/currency-field.ts';
import { idText } from '../../describe/fields.ts';
import { listQuery } from '../../describe/list-fields.ts';
import { walletPath } from '../../describe/resource-paths.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { answerWithPage, nextPageHeader } from '../../server/cursor.ts';
import { defineOperation } from '../../server/operation.ts';
import { renderStatementLine } from '../users/render-user.ts';
import { statementExample, statementSchema } from '../users/user-schemas.ts';
import { requireWallet } from './find-wallet.ts';
import { renderWallet } from './render-wallet.ts';
import { walletExample, walletListSchema, walletSchema } from './wallet-schemas.ts';

const PATH = '/api/v1/wallets';
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
      query: listQuery('wallets', { user_id: idText.optional(), currency: namedCurrencyField() }),
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
      async handle({ query: { user_id: userId, currency, limit, cursor: beforeId }, request }) {
        const page = await listAllWallets(lists, { userId, currency, limit, beforeId });
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
      summary: 'Read a wallet',
      params,
      isPolled: true,
      access: 'anyone',
      answers: { 200: { description: 'The wallet.', schema: walletSchema, example: walletExample } },
      problems: ['no-such-wallet', 'validation-failed'],
      async handle({ params: { wallet_id: walletId } }) {
        return { status: 200, body: renderWallet(await requireWallet(knex, walletId)) };
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
      query: listQuery('statement', {}),
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
      async handle({ params: { wallet_id: walletId }, query: { limit, cursor: beforeId }, request }) {
        const { currency } = await requireWallet(knex, walletId);
        const page = await readStatement(lists, { walletId, beforeId, limit });
        return answerWithPage(page, {
          list: 'statement',
          originalUrl: request.originalUrl,
          render: (line) => renderStatementLine(line, currency),
        });
      },
    }),
  ];
}
