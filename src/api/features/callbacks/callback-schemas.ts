import { z } from 'zod';

export const callbackTakenSchema = z
  .object({ event_id: z.string(), result: z.enum(['stored', 'duplicate']) })
  .meta({ id: 'CallbackTaken' });
