import type { Knex, Pool } from '../database/database.ts';

/** While claiming is paused, no worker claims; calls that were made are settled. */
export interface ClaimPause {
  readonly pausedAt: Date;
  readonly pausedBy: string;
  readonly reason: string;
}

/** The current pause, if there is one. */
export async function findClaimPause(knex: Knex): Promise<ClaimPause | undefined> {
  const { rows } = await knex.raw(
    `select paused_at as "pausedAt", paused_by as "pausedBy", reason
     from claim_pauses
     where resumed_at is null`,
  );
  return rows[0];
}

/**
 * Stops claiming in every worker.
 * @returns whether this call paused claiming; false if it was already paused, by the person whom the open pause names.
 */
export async function pauseClaiming(
  pool: Pool,
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<boolean> {
  const { rowCount } = await pool.query(
    'insert into claim_pauses (paused_by, reason) values ($1, $2) on conflict do nothing',
    [by, reason],
  );
  return rowCount === 1;
}

/** Lets workers claim again. @returns whether it was paused. */
export async function resumeClaiming(pool: Pool, { by }: { readonly by: string }): Promise<boolean> {
  const { rowCount } = await pool.query(
    'update claim_pauses set resumed_at = now(), resumed_by = $1 where resumed_at is null',
    [by],
  );
  return rowCount === 1;
}
