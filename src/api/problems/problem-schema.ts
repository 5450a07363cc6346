import { z } from 'zod';
import { RETRY_ADVICE } from './problem-catalogue.ts';

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string(),
    retry: z.enum(RETRY_ADVICE).optional(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .catchall(z.unknown())
  .meta({ id: 'Problem', description: 'A problem document (RFC 9457).' });
