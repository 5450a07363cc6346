import { strict as assert } from 'node:assert';
import type { Request } from 'express';
import { z } from 'zod';
import { findOtherWords } from '../../../gateway/answers/find-other-words.ts';
import { nameType } from '../../../gateway/answers/read-answer.ts';
import { scalarText } from '../../../gateway/answers/read-field.ts';
import {
  checkCallbackSignature,
  SIGNATURE_HEADER,
  type SignatureVerdict,
} from '../../../gateway/port/callback-signature.ts';
import type { NamedGateway } from '../../../gateway/port/gateways.ts';
import { parseJson } from '../../../http/parse-json.ts';
import { ExactNumber } from '../../../money/exact-number.ts';
import { EVENT_STATUSES, type EventStatus } from '../../../payments/callbacks/gateway-event.ts';
import { storableEventId } from '../../../payments/callbacks/storable-event-id.ts';
import { type AnswerMapping, CONTRACT_MAPPING } from '../../../process/settings/gateway-answer-mapping.ts';
import { countCharacters, storableText } from '../../../text/text.ts';
import { describedAs } from '../../describe/described-as.ts';
import { Problem } from '../../problems/problem.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { defineOperation } from '../../server/operation.ts';
import { callbackTakenSchema } from './callback-schemas.ts';

const PATH = '/api/v1/gateway/callbacks';
const MOST_AMOUNT_CHARACTERS = 64;
/** Text that is not only white space, as JavaScript trims it. */
const SAID_PATTERN =
  '[^\\u0009-\\u000d\\u0020\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]';

/**
 * In whatever form the gateway writes it, even `1,050.00`; the later comparison decides whether it is the payment's amount. Only a value
 * without a digit is refused.
 */
const amountText = z
  .any()
  .transform((value, context) => {
    const isNumber = typeof value === 'number' || value instanceof ExactNumber;
    const isText = typeof value === 'string' && countCharacters(value) <= MOST_AMOUNT_CHARACTERS;
    const text = isNumber || isText ? storableText(String(value).trim()) : '';
    if (/\d/.test(text) && text.length <= MOST_AMOUNT_CHARACTERS) return text;
    context.addIssue({
      code: 'custom',
      message: value === undefined ? 'is required' : 'must be a number, or a string with a decimal number',
    });
    return z.NEVER;
  })
  .meta(
    describedAs({
      anyOf: [{ type: 'number' }, { type: 'string', pattern: '[0-9]', maxLength: MOST_AMOUNT_CHARACTERS }],
    }),
  );

/**
 * What a gateway says about a payment, as text: a number as it was written, and characters that the database cannot store replaced. The
 * event is signed, so it must not be lost because of them.
 */
function saidText({ most }: { readonly most: number }) {
  return z
    .any()
    .transform((value, context) => {
      const isNumber = typeof value === 'number' || value instanceof ExactNumber;
      const text = isNumber || typeof value === 'string' ? storableText(String(value).trim(), most) : '';
      if (text !== '') return text;
      context.addIssue({
        code: 'custom',
        message: value === undefined ? 'is required' : 'must be non-empty text or a number',
      });
      return z.NEVER;
    })
    .meta(
      describedAs({ anyOf: [{ type: 'string', minLength: 1, pattern: SAID_PATTERN }, { type: 'number' }] }),
    );
}

/** The gateway's own id of an event, in the form in which it is stored. */
const eventId = z
  .any()
  .transform((value, context) => {
    const text = scalarText(value) ?? '';
    if (text !== '') return storableEventId(text);
    context.addIssue({
      code: 'custom',
      message: value === undefined ? 'is required' : 'must be non-empty text or a number',
    });
    return z.NEVER;
  })
  .meta({
    ...describedAs({ anyOf: [{ type: 'string', minLength: 1 }, { type: 'number' }] }),
    description:
      'Text or a number, the same for every delivery of one event. An id that cannot be stored unchanged (longer than 255 characters, or with invisible characters) is stored as `sha256:` and its digest.',
  });

/** In upper or lower case, as in an answer to a call. */
const status = z
  .preprocess(
    (value) => (typeof value === 'string' ? value.toLowerCase() : value),
    z.enum(EVENT_STATUSES, 'must be "succeeded" or "refused"'),
  )
  .meta({
    ...describedAs({
      type: 'string',
      pattern: '^(?:[sS][uU][cC][cC][eE][eE][dD][eE][dD]|[rR][eE][fF][uU][sS][eE][dD])$',
    }),
    description: '`succeeded` or `refused`, in upper or lower case.',
  });

/** A gateway may add fields: the whole body is stored. */
const body = z.object({
  event_id: eventId,
  reference: saidText({ most: 255 }).meta({
    description: 'Our reference for the payment: the Idempotency-Key of our calls.',
  }),
  status,
  amount: amountText,
  currency: saidText({ most: 16 }),
  type: saidText({ most: 32 }).nullish().meta({ description: 'The direction: `deposit` or `withdraw`.' }),
  gateway_reference: saidText({ most: 255 }).nullish(),
  message: saidText({ most: 300 }).nullish().meta({ description: 'Why it was refused.' }),
});

const requestHeaders = z.object({
  [SIGNATURE_HEADER]: z.string().meta({
    ...describedAs({ type: 'string', pattern: '^t=[0-9]{1,12}(?:,v1=[0-9a-fA-F]{64})+$', maxLength: 1024 }),
    description:
      '`t=<unix seconds>,v1=<hex>`: HMAC-SHA256, with the shared secret, of the time, a full stop and the bytes of the body.',
    example: `t=1767268800,v1=${'0'.repeat(64)}`,
  }),
});

export function callbackOperations({ callbacks, gateways, log }: ApiContext) {
  /** Who signed a request that is being taken. */
  const signerOf = new WeakMap<Request, Signer>();

  /** No two gateways have a secret in common, so at most one of them has signed. */
  function checkSignature(rawBody: Buffer, request: Request): void {
    const header = request.get(SIGNATURE_HEADER);
    // Report first what the sender can correct by itself.
    if (!header) throw new Problem('signature-invalid', { detail: SIGNATURE_PROBLEMS.missing });
    const signers = listSigners(gateways);
    if (signers.length === 0) throw new Problem('callbacks-not-configured');
    const nowMs = Date.now();
    const verdicts = signers.map((signer) => ({
      signer,
      verdict: checkCallbackSignature({ header, rawBody, secrets: signer.secrets, nowMs }),
    }));
    // One that is valid or too old was made with this secret; "wrong" only says that another was used.
    const { signer, verdict } = verdicts.find((each) => each.verdict !== 'wrong') ?? {
      signer: undefined,
      verdict: 'wrong' as const,
    };
    if (signer && verdict === 'valid') {
      signerOf.set(request, signer);
      return;
    }
    log.warn({ event: 'gateway_callback.signature_refused', verdict });
    throw new Problem('signature-invalid', {
      detail: SIGNATURE_PROBLEMS[verdict === 'valid' ? 'wrong' : verdict],
    });
  }

  return [
    defineOperation({
      method: 'post',
      path: PATH,
      id: 'takeCallback',
      tag: 'gateway',
      ignoresAccept: true,
      summary: 'Receive a callback from the payment gateway',
      description:
        'The event is stored before the answer and applied to its payment afterwards. The gateway may send the same event any number of times, and events in any order.',
      passesOverQuery: true,
      requestHeaders,
      body,
      bodyExample: {
        event_id: 'evt_1',
        reference: '42-9f1c3a5b7d20',
        status: 'succeeded',
        amount: 199.99,
        currency: 'USD',
        gateway_reference: 'gw-1',
      },
      checkRawBody: checkSignature,
      access: 'anyone',
      answers: {
        202: {
          description: 'The event is stored, now or from an earlier delivery.',
          schema: callbackTakenSchema,
          example: { event_id: 'evt_1', result: 'stored' },
        },
      },
      problems: [
        'signature-invalid',
        'callbacks-not-configured',
        'malformed-request',
        'validation-failed',
        'overloaded',
      ],
      async handle({ body, rawBody, request }) {
        const signer = signerOf.get(request);
        assert(signer, 'the signature was checked');
        const mapping = { ...CONTRACT_MAPPING, ignoredFields: signer.ignoredFields };
        const result = await callbacks.store({
          eventId: body.event_id,
          gateway: signer.name,
          reference: body.reference,
          status: body.status,
          amount: body.amount,
          currency: body.currency,
          type: nameType(body.type ?? null, CONTRACT_MAPPING),
          gatewayReference: body.gateway_reference ?? null,
          message: body.message ?? null,
          isContradictory: contradictsItself(body.status, rawBody, mapping),
          rawBody,
        });
        return { status: 202, body: { event_id: body.event_id, result } };
      },
    }),
  ];
}

/** A gateway that sends callbacks. */
interface Signer {
  readonly name: string;
  readonly secrets: readonly string[];
  readonly ignoredFields: ReadonlySet<string>;
}

function listSigners(gateways: readonly NamedGateway[]): Signer[] {
  return gateways.flatMap(({ name, config: { gateway } }) => {
    const { callbackSecrets: secrets, answerMapping } = gateway;
    return secrets ? [{ name, secrets, ignoredFields: answerMapping.ignoredFields }] : [];
  });
}

/**
 * Whether another field contradicts the status, as in an answer to a call. Such an event ends no payment; it is evidence that the money may
 * have moved.
 */
function contradictsItself(status: EventStatus, rawBody: string, mapping: AnswerMapping): boolean {
  const parsed = parseJson(rawBody);
  const others = findOtherWords(parsed.kind === 'parsed' ? parsed.value : undefined, mapping);
  return status === 'succeeded' ? others.sayNo : others.sayYes;
}

const SIGNATURE_PROBLEMS: Record<Exclude<SignatureVerdict, 'valid'>, string> = {
  missing: `The header ${SIGNATURE_HEADER} is missing. Nothing was done.`,
  malformed: `The header ${SIGNATURE_HEADER} must be t=<unix seconds>,v1=<64 hex digits>. Nothing was done.`,
  expired: "The signature's time is more than five minutes from now. Nothing was done.",
  wrong: 'The signature does not match the body. Nothing was done.',
};
