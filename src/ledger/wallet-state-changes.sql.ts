import type { Knex, Queryable, Transaction } from '../database/database.ts';
import { sentTogether } from '../database/transactions/transaction.ts';
import { type NewEvent, newEvent } from '../events/new-event.ts';
import { writeEvents } from '../events/write-events.sql.ts';
import type { WalletAction, WalletState } from './wallet-state.ts';

/** A change of a wallet's state, as it is kept. */
export interface WalletStateChange {
  readonly changeId: bigint;
  readonly at: Date;
  readonly action: WalletAction;
  readonly before: WalletState;
  readonly after: WalletState;
  /** Who wanted it. */
  readonly by: string;
  readonly reason: string;
}

export interface StateChangeToWrite extends Omit<WalletStateChange, 'changeId' | 'at'> {
  readonly walletId: bigint;
  /** The owner of the wallet. */
  readonly userId: bigint;
  /** Of the request, for the event. */
  readonly traceparent?: string | undefined;
}

const EVENT_OF_ACTION = {
  freeze: 'tollgate.wallet.frozen.v1',
  unfreeze: 'tollgate.wallet.unfrozen.v1',
  close: 'tollgate.wallet.closed.v1',
  // It is frozen until a person has looked.
  reopen: 'tollgate.wallet.frozen.v1',
} as const;

function eventOfChange({
  walletId,
  userId,
  action,
  before,
  after,
  traceparent,
}: Omit<StateChangeToWrite, 'by' | 'reason'>): NewEvent {
  const data = {
    wallet_id: Number(walletId),
    user_id: Number(userId),
    state: after,
    state_before: before,
  };
  return newEvent(EVENT_OF_ACTION[action], { id: walletId, traceparent }, data);
}

/**
 * Changes the state of a wallet that the transaction has locked, records it, and tells of it.
 * @returns the record.
 */
export async function changeWalletState(
  transaction: Transaction,
  change: StateChangeToWrite,
): Promise<WalletStateChange> {
  const { walletId, action, before, after, by, reason } = change;
  const recorded = transaction.query<Pick<WalletStateChange, 'changeId' | 'at'>>({
    name: 'ledger-change-wallet-state',
    text: `
      with changed as (
        update accounts
        set state = $3
        where id = $1 and state = $2
        returning id, user_id
      )
      insert into wallet_state_changes (user_id, wallet_id, action, state_before, state_after, changed_by, reason)
      select user_id, id, $4, $2, $3, $5, $6
      from changed
      returning id as "changeId", created_at as at`,
    values: [walletId, before, after, action, by, reason],
  });
  const [{ rows }] = await sentTogether([recorded, writeEvents(transaction, [eventOfChange(change)])]);
  const [written] = rows;
  if (!written) throw new Error(`wallet ${walletId} is not ${before}, although it was under its lock`);
  return { ...written, action, before, after, by, reason };
}

/** Records that wallets were closed when money came into them; they are frozen now (post-to-ledger.sql.ts). */
export async function recordReopened(
  transaction: Transaction,
  reopened: readonly { readonly walletId: bigint; readonly reason: string }[],
): Promise<void> {
  const { rows } = await transaction.query<{ walletId: bigint; userId: bigint }>({
    name: 'ledger-record-reopened',
    text: `
      insert into wallet_state_changes (user_id, wallet_id, action, state_before, state_after, changed_by, reason)
      select account.user_id, account.id, 'reopen', 'closed', 'frozen', 'tollgate', reopened.reason
      from unnest($1::bigint[], $2::text[]) as reopened (wallet_id, reason)
      join accounts as account on account.id = reopened.wallet_id
      returning wallet_id as "walletId", user_id as "userId"`,
    values: [reopened.map(({ walletId }) => walletId), reopened.map(({ reason }) => reason)],
  });
  await writeEvents(
    transaction,
    rows.map((row) => eventOfChange({ ...row, action: 'reopen', before: 'closed', after: 'frozen' })),
  );
}

/** What changed the state of a wallet, newest first. */
export async function listWalletStateChanges(
  knex: Knex,
  { userId, walletId, limit }: { readonly userId: bigint; readonly walletId: bigint; readonly limit: number },
): Promise<WalletStateChange[]> {
  const { rows } = await knex.raw(
    `
    select id as "changeId", created_at as at, action, state_before as before, state_after as after, changed_by as by, reason
    from wallet_state_changes
    where user_id = :userId and wallet_id = :walletId
    order by id desc
    limit :limit`,
    { userId, walletId, limit },
  );
  return rows;
}

/** Whether a record is there, after a lost COMMIT; the server may assign its id again, but not with the same time. */
export async function isStateChangeWritten(
  queryable: Queryable,
  { changeId, at }: Pick<WalletStateChange, 'changeId' | 'at'>,
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `select 1 from wallet_state_changes where id = $1 and date_trunc('milliseconds', created_at) = $2`,
    [changeId, at],
  );
  return rowCount === 1;
}
