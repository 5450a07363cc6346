import { z } from 'zod';
import { timeField } from '../../describe/fields.ts';

const quantile = z.number().nullable();
export const overviewSchema = z
  .object({
    at: timeField,
    accepted_total: z.number().meta({
      description: "Payments ever accepted, by the database's statistics: use it only to compute rates.",
    }),
    ended_total: z.number(),
    newest: z
      .object({
        count: z.int(),
        success: z.int(),
        failed: z.int(),
        unknown: z.int(),
        open: z.int(),
        p50_seconds: quantile.meta({ description: 'From acceptance to success.' }),
        p95_seconds: quantile,
        p99_seconds: quantile,
      })
      .meta({ description: 'Over the newest payments, at most a thousand.' }),
    queue: z.object({
      ready: z.int(),
      scheduled: z.int(),
      running: z.int(),
      oldest_ready_seconds: z.number(),
      waiting_callbacks: z.int(),
    }),
    attention: z.object({
      dead_letters: z.record(z.string(), z.int()).meta({ description: 'Open dead letters, by reason.' }),
      unknown: z.int(),
      oldest_unknown_seconds: z.number(),
      need_review: z.int(),
      open_exceptions: z.int(),
      violations: z.int(),
      held_rates: z.int().meta({ description: 'Exchange rates that have jumped and wait for an operator.' }),
      oldest_overdue_hold_seconds: z.number().meta({
        description: 'How long a hold for an order has been over without having been let go; 0 when none is.',
      }),
    }),
    workers: z.object({
      alive: z.int(),
      paused: z.boolean(),
      breakers: z
        .record(z.string(), z.int())
        .meta({ description: 'How many workers have their circuit breaker in each state.' }),
      further_breakers: z
        .record(z.string(), z.record(z.string(), z.int()))
        .meta({ description: 'The same for each gateway of GATEWAYS_FILE, by name.' }),
    }),
    count_limit: z.int().meta({ description: 'Counts stop at this number.' }),
  })
  .meta({ id: 'Overview' });
