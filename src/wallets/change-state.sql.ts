import type { Transaction } from '../database/database.ts';
import { sentTogether } from '../database/transactions/transaction.ts';
import type { StateFacts } from './decide-state-change.ts';

/**
 * Locks a wallet and reads what counts for its state. What is open is read by a statement of its own, after the lock: only that one sees what
 * whoever had the wallet before has written. Open payments are found through the queue and the inquiries, which hold only those in progress.
 * @returns undefined if there is no such wallet.
 */
export async function lockAndReadState(
  transaction: Transaction,
  { walletId }: { readonly walletId: bigint },
): Promise<(StateFacts & { readonly userId: bigint }) | undefined> {
  const [locked, open] = await sentTogether([
    transaction.query<Pick<StateFacts, 'state' | 'postedMinor' | 'heldMinor'> & { userId: bigint }>({
      name: 'wallets-lock-for-state',
      text: `
        select user_id as "userId", state, posted as "postedMinor", held as "heldMinor"
        from accounts
        where id = $1 and user_id is not null
        for no key update`,
      values: [walletId],
    }),
    transaction.query<Pick<StateFacts, 'openPayments' | 'openQuotes'>>({
      name: 'wallets-read-open',
      text: `
        with wallet as materialized (
          select id, user_id from accounts where id = $1
        )
        select (
                 select count(*)::int
                 from (
                   select payment_id from payment_tasks where user_id = wallet.user_id
                   union
                   select payment_id from payment_inquiries where user_id = wallet.user_id
                 ) as open
                 join payments as payment on payment.user_id = wallet.user_id and payment.id = open.payment_id
                 where payment.wallet_id = wallet.id
               ) as "openPayments",
               (
                 select count(*)::int
                 from conversion_quotes
                 where user_id = wallet.user_id and used_at is null and expires_at > clock_timestamp()
                   and wallet.id in (from_wallet_id, to_wallet_id)
               ) as "openQuotes"
        from wallet`,
      values: [walletId],
    }),
  ]);
  const [wallet] = locked.rows;
  const [found] = open.rows;
  return wallet && found && { ...wallet, ...found };
}
