import { z } from 'zod';
import { EVENT_TYPE_NAMES, eventDefinition } from '../../../events/event-types.ts';
import { FEED_CURSOR_PATTERN } from '../../../events/feed-place.ts';
import { describedAs } from '../../describe/described-as.ts';
import { timeField } from '../../describe/fields.ts';

export const cloudEventSchema = z
  .object({
    specversion: z.literal('1.0'),
    id: z.string().meta({ description: 'Unlike that of any other event of this source.' }),
    source: z.string(),
    type: z
      .enum(EVENT_TYPE_NAMES)
      .meta({ description: 'What happened; /docs/events says what each type is.' }),
    subject: z.string().meta({ description: 'What it happened to.' }),
    time: timeField.meta({ description: 'When the transaction began that wrote it.' }),
    datacontenttype: z.literal('application/json'),
    sequence: z.string().meta({
      description: 'Its place in the feed. It sorts as text, and grows with every event of a subject.',
    }),
    traceparent: z.string().optional().meta({
      description: 'The trace of the request that it came of, if the request brought one.',
    }),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'CloudEvent', description: 'An event in the structured form of CloudEvents 1.0.' });

const example = 'tollgate.payment.succeeded.v1';

export const cloudEventExample = {
  specversion: '1.0',
  id: '4711-2f0a91c4',
  source: '/tollgate',
  type: example,
  subject: 'payment:42',
  time: '2026-01-01T12:00:00.120Z',
  datacontenttype: 'application/json',
  sequence: '0000000000000004711',
  data: eventDefinition(example).example,
};

export const eventPageSchema = z
  .object({
    items: z.array(cloudEventSchema),
    next_cursor: z
      .string()
      .nullable()
      .meta({
        ...describedAs({ type: ['string', 'null'], pattern: FEED_CURSOR_PATTERN } as never),
        description:
          'Where to go on: send it as `after`, now or later. null if there has been no event yet; then ask again without `after`.',
      }),
    has_more: z.boolean().meta({ description: 'Whether there may be more already.' }),
  })
  .meta({ id: 'EventPage' });
