import { z } from 'zod';
import { EVENT_RECEIPTS } from '../../../payments/callbacks/gateway-event.ts';

export const callbackTakenSchema = z
  .object({ event_id: z.string(), result: z.enum(EVENT_RECEIPTS) })
  .meta({ id: 'CallbackTaken' });
