import { z } from 'zod';
import { timeField } from '../../describe/fields.ts';

export const workersSchema = z
  .object({
    pause: z
      .object({ at: timeField, by: z.string(), reason: z.string() })
      .nullable()
      .meta({ description: 'While it lasts, no worker claims; calls that were made are settled.' }),
    items: z.array(
      z.object({
        id: z.string(),
        host: z.string(),
        process_id: z.int(),
        version: z.string(),
        started_at: timeField,
        heartbeat_at: timeField,
        alive: z.boolean().meta({ description: 'Whether it was heard of in the last ten seconds.' }),
        state: z.record(z.string(), z.unknown()).meta({
          description: 'What it said of itself: calls under way, and what it knows of the gateway.',
        }),
        running: z.int().meta({ description: 'Tasks that it holds.' }),
        tasks: z
          .array(z.object({ payment_id: z.int(), attempts: z.int(), lease_expires_at: z.string() }))
          .meta({ description: 'Those whose lease ends first.' }),
      }),
    ),
  })
  .meta({ id: 'Workers' });
