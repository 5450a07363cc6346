import { createHmac, randomUUID } from 'node:crypto';
import type { Pool } from '../../src/database/database.ts';
import type { ProcessedEvent } from '../../src/payments/callbacks/gateway-event.ts';
import type { ReceivedEvent } from '../../src/payments/callbacks/gateway-events.sql.ts';
import { processGatewayEvents } from '../../src/payments/callbacks/process-gateway-events.ts';
import { storeGatewayEvents } from '../../src/payments/callbacks/store-gateway-events.ts';

/** The gateway's word about a payment, as an event that it would send. */
export async function eventAbout(
  pool: Pool,
  paymentId: bigint,
  changes: Partial<ReceivedEvent> = {},
): Promise<ReceivedEvent> {
  const { rows } = await pool.query(
    'select reference, (amount / 100.0)::text as amount, currency from payments where id = $1',
    [paymentId],
  );
  return {
    eventId: `evt_${randomUUID()}`,
    gateway: 'default',
    status: 'succeeded',
    gatewayReference: 'gw',
    message: null,
    rawBody: '{}',
    ...rows[0],
    ...changes,
  };
}

/** Stores an event and brings it to its payment, as the API does. Another process may be first; then there is no result. */
export async function receive(pool: Pool, event: ReceivedEvent): Promise<ProcessedEvent | undefined> {
  await storeGatewayEvents(pool, [event]);
  const { processed, failed } = await processGatewayEvents(pool, [event]);
  if (failed[0]) throw failed[0].error;
  return processed[0];
}

/** The header of a callback, signed now unless the test says otherwise. */
export function signatureOf(
  body: string,
  { secret, nowMs = Date.now() }: { readonly secret: string; readonly nowMs?: number },
): Record<string, string> {
  const timestamp = Math.floor(nowMs / 1000);
  const digest = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return { 'tollgate-signature': `t=${timestamp},v1=${digest}` };
}
