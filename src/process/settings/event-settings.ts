import { z } from 'zod';
import { setting } from './setting.ts';
import { count, seconds } from './setting-kinds.ts';

/** How events are told. */
export const eventSettings = {
  source: setting(
    'EVENTS_SOURCE',
    z
      .string()
      .regex(
        /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]{1,200}$/,
        'must be a URI or a path, such as /tollgate or https://pay.example.com',
      )
      .default('/tollgate'),
  ),
  maxReaders: setting('EVENTS_MAX_READERS', count(1, 10_000).default(100)),
  streamMs: setting('EVENTS_STREAM_SECONDS', seconds(1, 86_400).default(600_000)),
};
