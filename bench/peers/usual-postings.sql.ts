import type { Knex } from 'knex';

export interface UsualLeg {
  readonly account_id: string;
  readonly amount: number;
}

/** Writes a ledger header and its entries, in two statements. */
export async function postTheUsualWay(
  transaction: Knex,
  {
    userId,
    reference,
    step,
    legs,
  }: {
    readonly userId: number | string;
    readonly reference: string;
    readonly step: string;
    readonly legs: readonly UsualLeg[];
  },
): Promise<void> {
  const [header] = await transaction('ledger_transactions')
    .insert({ user_id: userId, reference, step })
    .returning('id');
  await transaction('ledger_entries').insert(
    legs
      .filter((leg) => leg.amount !== 0)
      .map((leg) => ({ ...leg, transaction_id: header.id, user_id: userId })),
  );
}
