import { z } from 'zod';
import { findWallet } from '../../../wallets/read-wallets.sql.ts';
import { idText } from '../../describe/fields.ts';
import { walletPath } from '../../describe/resource-paths.ts';
import { Problem } from '../../problems/problem.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { defineOperation } from '../../server/operation.ts';
import { renderWallet } from './render-wallet.ts';
import { walletExample, walletSchema } from './wallet-schemas.ts';

/** Wallets by their ids. */
export function walletOperations({ knex }: ApiContext) {
  return [
    defineOperation({
      method: 'get',
      path: walletPath('{wallet_id}'),
      id: 'getWallet',
      tag: 'wallets',
      summary: 'Read a wallet',
      params: z.object({ wallet_id: idText.meta({ example: 6 }) }),
      isPolled: true,
      access: 'anyone',
      answers: { 200: { description: 'The wallet.', schema: walletSchema, example: walletExample } },
      problems: ['no-such-wallet', 'validation-failed'],
      async handle({ params: { wallet_id: walletId } }) {
        const wallet = await findWallet(knex, walletId);
        if (!wallet) throw new Problem('no-such-wallet', { detail: `There is no wallet ${walletId}.` });
        return { status: 200, body: renderWallet(wallet) };
      },
    }),
  ];
}
