import type { Pool, Queryable } from '../database/database.ts';

export async function sendWakeUp(pool: Pool, channel: string): Promise<void> {
  await pool.query({ name: 'queue-send-wake-up', text: 'select pg_notify($1, $2)', values: [channel, ''] });
}

/** The channel is a constant of ours: LISTEN takes no parameter. */
export async function listenForWakeUps(client: Queryable, channel: string): Promise<void> {
  await client.query(`listen ${channel}`);
}
