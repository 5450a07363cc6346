import { z } from 'zod';
import { explainSubject, SUBJECT_PATTERN } from '../../../events/event-subject.ts';
import { EVENT_TYPE_NAMES } from '../../../events/event-types.ts';
import { FEED_CURSOR_PATTERN, type FeedPlace, readPlace } from '../../../events/feed-place.ts';
import { describedAs } from '../../describe/described-as.ts';
import { countText } from '../../describe/fields.ts';

/** The longest that a request may ask to wait. */
export const MOST_WAIT_SECONDS = 30;
const LATEST = 'latest';

function readAfter(text: string, context: z.RefinementCtx): FeedPlace | 'latest' {
  if (text === LATEST) return LATEST;
  const after = readPlace(text);
  if (typeof after === 'object') return after;
  context.addIssue({ code: 'custom', message: after });
  return z.NEVER;
}

function checkSubject(text: string, context: z.RefinementCtx): void {
  const message = explainSubject(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
}

const CURSOR_PATTERN = `${FEED_CURSOR_PATTERN}|^${LATEST}$`;

export const eventQuery = z.strictObject({
  after: z
    .string()
    .transform(readAfter)
    .optional()
    .meta({
      ...describedAs({ type: 'string', pattern: CURSOR_PATTERN }),
      description:
        'Only what came after this: the `next_cursor` of the previous page, or `latest` for what comes from now on. Without it, the feed begins with the oldest event that is kept.',
    }),
  type: z.enum(EVENT_TYPE_NAMES).optional().meta({ description: 'Only events of this type.' }),
  subject: z
    .string()
    .superRefine(checkSubject)
    .optional()
    .meta({
      ...describedAs({ type: 'string', pattern: SUBJECT_PATTERN }),
      description: 'Only what happened to this, for example `payment:42`.',
    }),
  limit: countText({ least: 1, most: 200, fallback: 50 }),
  wait_seconds: countText({ least: 0, most: MOST_WAIT_SECONDS, fallback: 0 }).meta({
    description:
      'How long to wait for an event if there is none yet; never longer than half of the time that a request may take. Of no effect on a stream.',
  }),
});

export const LAST_EVENT_ID = 'Last-Event-ID';

/** What a stream sends again when it reconnects (Server-sent events). */
export const eventHeaders = z.object({
  [LAST_EVENT_ID]: z
    .string()
    .transform(readAfter)
    .optional()
    .meta({
      ...describedAs({ type: 'string', pattern: `${CURSOR_PATTERN}|^$` }),
      description:
        'The `id` of the last event that a stream brought; it stands for `after`, which it goes before. Empty, it says nothing, as a client sends it that has no event yet.',
    }),
});
