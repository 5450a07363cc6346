import { z } from 'zod';
import { DATABASE_ABSENCES, DATABASE_STATES } from '../../../database/database-state.ts';

export const healthSchema = z
  .object({
    status: z.enum(['ok', 'degraded']),
    database: z.enum([...DATABASE_STATES, ...DATABASE_ABSENCES]),
    integrity: z.enum(['ok', 'violated']),
    money_moves: z.boolean().meta({ description: 'Whether payments are accepted and carried out.' }),
    standing_violations: z
      .int()
      .meta({ description: 'Integrity violations that still hold and that nobody has acknowledged.' }),
    reason: z.string().optional().meta({ description: 'Why the service is degraded.' }),
    version: z.string(),
    uptime_seconds: z.int(),
  })
  .meta({ id: 'Health' });
