import { z } from 'zod';
import { CALL_MODES, TURNED_AWAY } from './behaviour.ts';
import type { PayRequest } from './pay-request.ts';

/** How a call was treated. `down` cannot be chosen for one call: then the whole gateway is down. */
const modes = z.enum([...CALL_MODES, ...TURNED_AWAY, 'down']);
const minor = z.string().regex(/^\d{1,30}$/);
const reference = z.string().min(1);
const at = z.iso.datetime();

/** What an answer or a callback said about the money of a payment. `misreported`: it said something untrue. */
const said = z.enum(['succeeded', 'refused', 'misreported']);

/** A record of something that happened at the gateway: one line of its file. */
export const gatewayRecordSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('pay'),
    at,
    reference,
    mode: modes,
    payment_id: z.string(),
    user_id: z.string(),
    type: z.enum(['deposit', 'withdraw']),
    refund_of: z.string().optional(),
    amount_minor: minor,
    commission_minor: minor,
    currency: z.string(),
  }),
  z.object({
    kind: z.literal('inquiry'),
    at,
    reference,
    answer: z.enum(['succeeded', 'misreported', 'declined', 'pending', 'not_found', 'vague', 'fault']),
  }),
  z.object({ kind: z.literal('answer'), at, reference, said }),
  z.object({ kind: z.literal('callback'), at, reference, said }),
  z.object({ kind: z.literal('executed'), at, reference, gateway_reference: z.string() }),
  z.object({ kind: z.literal('refused'), at, reference }),
]);

export type GatewayRecord = z.infer<typeof gatewayRecordSchema>;
/** A record without its time, which is now. */
export type NewRecord = GatewayRecord extends infer One
  ? One extends unknown
    ? Omit<One, 'at'>
    : never
  : never;
export type RecordOf<Kind extends GatewayRecord['kind']> = Extract<GatewayRecord, { kind: Kind }>;
export type CallResult = RecordOf<'pay'>['mode'];
export type Said = z.infer<typeof said>;

/** The fields of a call's request in its record. */
export function writeRequest(request: PayRequest) {
  return {
    payment_id: request.paymentId,
    user_id: request.userId,
    type: request.type,
    ...(request.refundOf === null ? {} : { refund_of: request.refundOf }),
    amount_minor: request.amountMinor.toString(),
    commission_minor: request.feeMinor.toString(),
    currency: request.currency,
  };
}

/** Reads back what `writeRequest` wrote. */
export function readRequest(record: RecordOf<'pay'>): PayRequest {
  return {
    paymentId: record.payment_id,
    userId: record.user_id,
    type: record.type,
    refundOf: record.refund_of ?? null,
    amountMinor: BigInt(record.amount_minor),
    feeMinor: BigInt(record.commission_minor),
    currency: record.currency,
  };
}
