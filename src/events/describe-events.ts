import { z } from 'zod';
import { EVENT_TYPE_NAMES, type EventType, eventDefinition } from './event-types.ts';

const ATTRIBUTES = {
  specversion: { const: '1.0' },
  id: { type: 'string', description: 'Unlike that of any other event of this source.' },
  source: { type: 'string', description: 'Who tells of it.' },
  time: { type: 'string', format: 'date-time', description: 'When the transaction began that wrote it.' },
  datacontenttype: { const: 'application/json' },
  sequence: {
    type: 'string',
    pattern: '^[0-9]{19}$',
    description: 'Its place in the feed. It sorts as text, and grows with every event of a subject.',
  },
  traceparent: {
    type: 'string',
    description: 'The trace of the request that it came of, if the request brought one (W3C Trace Context).',
  },
} as const;

/** One type of event, as it is documented. */
export interface DescribedEvent {
  readonly type: EventType;
  readonly subject: string;
  readonly summary: string;
  readonly description: string | undefined;
  /** JSON Schema, draft 07, of the data. */
  readonly schema: JsonSchema;
  readonly example: unknown;
}

export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

export function describeEachEvent(): DescribedEvent[] {
  return EVENT_TYPE_NAMES.map((type) => {
    const { subject, summary, description, data, example } = eventDefinition(type);
    const { $schema: _, ...schema } = z.toJSONSchema(data, { target: 'draft-7', io: 'output' });
    // Readers pass over members that they do not know: a version may gain some.
    delete (schema as { additionalProperties?: unknown }).additionalProperties;
    return { type, subject, summary, description, schema: schema as JsonSchema, example };
  });
}

/** All types of events as an AsyncAPI 3 document. */
export function describeEvents({ version, source }: { readonly version: string; readonly source: string }) {
  const messages = Object.fromEntries(
    describeEachEvent().map((event) => [event.type, messageOf(event, source)]),
  );
  const names = Object.keys(messages);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Tollgate events',
      version,
      description:
        'What happened to payments, wallets, holds, transfers, conversions and the books, as CloudEvents 1.0. Each is written in the transaction of what it speaks of. A reader sees every event of a subject after those before it, and none is left out.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/cloudevents+json',
    channels: {
      events: {
        address: '/api/v1/events',
        description: 'The feed: pages by cursor, long polls, and server-sent events.',
        messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
      },
    },
    operations: {
      tellEvents: {
        action: 'send',
        channel: { $ref: '#/channels/events' },
        summary: 'Tells what happened, oldest first.',
        messages: names.map((name) => ({ $ref: `#/channels/events/messages/${name}` })),
      },
    },
    components: { messages },
  };
}

function messageOf({ type, subject, summary, description, schema, example }: DescribedEvent, source: string) {
  const subjectPattern = `^${subject}:[1-9][0-9]*$`;
  return {
    name: type,
    title: type,
    summary,
    ...(description === undefined ? {} : { description }),
    contentType: 'application/cloudevents+json',
    payload: {
      type: 'object',
      required: [
        'specversion',
        'id',
        'source',
        'type',
        'subject',
        'time',
        'datacontenttype',
        'sequence',
        'data',
      ],
      properties: {
        ...ATTRIBUTES,
        type: { const: type },
        subject: { type: 'string', pattern: subjectPattern, description: 'What it happened to.' },
        data: schema,
      },
    },
    examples: [
      {
        payload: {
          specversion: '1.0',
          id: '4711-2f0a91c4',
          source,
          type,
          subject: `${subject}:42`,
          time: '2026-01-01T12:00:00.120Z',
          datacontenttype: 'application/json',
          sequence: '0000000000000004711',
          data: example,
        },
      },
    ],
  };
}
