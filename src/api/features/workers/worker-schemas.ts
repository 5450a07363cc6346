import { z } from 'zod';
import { timeField } from '../../describe/fields.ts';

export const workersSchema = z
  .object({
    pause: z
      .object({ at: timeField, by: z.string(), reason: z.string() })
      .nullable()
      .meta({ description: 'While claiming is paused, no worker claims; calls that were made are settled.' }),
    items: z.array(
      z.object({
        id: z.string(),
        host: z.string(),
        process_id: z.int(),
        version: z.string(),
        started_at: timeField,
        heartbeat_at: timeField,
        alive: z.boolean().meta({ description: 'Whether the worker reported in the last ten seconds.' }),
        state: z.record(z.string(), z.unknown()).meta({
          description:
            'What the worker reported about itself: calls in progress, and what it knows about the gateway.',
        }),
        running: z.int().meta({ description: 'Tasks that it has claimed.' }),
        tasks: z
          .array(z.object({ payment_id: z.int(), attempts: z.int(), lease_expires_at: z.string() }))
          .meta({ description: 'The claimed tasks whose lease ends first.' }),
      }),
    ),
  })
  .meta({ id: 'Workers' });
