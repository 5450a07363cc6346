import { parseJson } from '../../http/parse-json.ts';
import type { AnswerMapping, FieldPath } from '../../process/settings/gateway-answer-mapping.ts';
import { storableText } from '../../text/text.ts';
import { claimsInText } from './claims-in-text.ts';
import { findOtherWords, type OtherWords, plainName } from './find-other-words.ts';
import type { NamedFacts } from './named-facts.ts';
import { membersOf, readField, scalarText } from './read-field.ts';

/** An HTTP answer, as far as it was read. `body` is the JSON, or undefined if there was none that can be trusted. */
export interface GatewayAnswer {
  readonly httpStatus: number;
  readonly body: unknown;
  /** The text that arrived instead of such JSON. It settles nothing, but may claim success. */
  readonly unreadText?: string | undefined;
  readonly retryAfter: string | undefined;
}

/**
 * What an answer says in the fields that the mapping names.
 * `silent`: the status field is missing. `unclear`: its word has no meaning; in both cases a code may still say something. `contradictory`:
 * another field disagrees, or a stated fact cannot be read. `unreadable`: not a JSON object.
 */
export interface AnswerWord {
  readonly verdict:
    | 'succeeded'
    | 'refused'
    | 'pending'
    | 'silent'
    | 'unclear'
    | 'contradictory'
    | 'unreadable';
  readonly code: 'refusal' | 'not_found' | null;
  /**
   * Something in it claims that the money moved, even if something else disagrees: reason enough not to release it. Irrelevant if the
   * status is clear.
   */
  readonly claimsSuccess: boolean;
  readonly gatewayReference: string | null;
  readonly named: NamedFacts;
  /** It names this payment, its amount, or one of the gateway's own refusal codes, which nothing between us and the gateway knows. */
  readonly isAboutPayment: boolean;
}

const MAX_NAMED_CHARACTERS = 64;
const MAX_REFERENCE_CHARACTERS = 255;
const NOTHING: NamedFacts = { amount: null, currency: null, type: null, reference: null };
const JSON_TYPE = /^\s*(application|text)\/([a-z0-9.+-]*\+)?json\s*(;|$)/i;

/**
 * The JSON of a body. undefined if it is not JSON, if its media type says that it is something else (a proxy's page), or if an object has a
 * member twice, so that its meaning depends on the reader.
 */
export function readBody(text: unknown, contentType: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  if (typeof contentType === 'string' && !JSON_TYPE.test(contentType)) return undefined;
  const parsed = parseJson(text);
  return parsed.kind === 'parsed' ? parsed.value : undefined;
}

/** Reads an answer by the mapping. Pure. */
export function readAnswer(
  { httpStatus, body, unreadText = '' }: GatewayAnswer,
  mapping: AnswerMapping,
): AnswerWord {
  const others = findOtherWords(body, mapping);
  if (!membersOf(body)) {
    const claimsSuccess =
      others.sayYes || others.saySucceeded || claimsInText(unreadText, mapping.succeededWords);
    return {
      verdict: 'unreadable',
      code: null,
      claimsSuccess,
      gatewayReference: null,
      named: NOTHING,
      isAboutPayment: false,
    };
  }
  const named = readNamed(body, mapping);
  const verdict = named ? readVerdict(body, { httpStatus, others, mapping }) : 'contradictory';
  return {
    verdict,
    code: readCode(body, mapping),
    // A payment in progress may already be approved, and say so.
    claimsSuccess: others.saySucceeded || (others.sayYes && verdict !== 'pending'),
    gatewayReference: readGatewayReference(body, mapping),
    named: named ?? NOTHING,
    isAboutPayment: named !== undefined && isAboutPayment(body, { named, mapping }),
  };
}

function readVerdict(
  body: unknown,
  {
    httpStatus,
    others,
    mapping,
  }: { readonly httpStatus: number; readonly others: OtherWords; readonly mapping: AnswerMapping },
): AnswerWord['verdict'] {
  const status = readField(body, mapping.statusField);
  const saysMore = others.sayYes || others.sayOpen;
  // The `status` of a problem document (RFC 9457) is the HTTP status, and says nothing about the payment.
  if (status === undefined || status === null || status === httpStatus)
    return saysMore ? 'contradictory' : 'silent';
  const word = typeof status === 'string' ? status.toLowerCase() : '';
  if (mapping.succeededWords.has(word)) return others.sayNo ? 'contradictory' : 'succeeded';
  if (mapping.refusedWords.has(word)) return others.sayYes ? 'contradictory' : 'refused';
  if (mapping.pendingWords.has(word)) return 'pending';
  return saysMore ? 'contradictory' : 'unclear';
}

function readCode(body: unknown, mapping: AnswerMapping): AnswerWord['code'] {
  const code = scalarText(readField(body, mapping.codeField))?.toLowerCase() ?? '';
  if (mapping.refusalCodes.has(code)) return 'refusal';
  return mapping.notFoundCodes.has(code) ? 'not_found' : null;
}

/**
 * A firewall also has an `id` for what it blocks, and also says `rejected`, so neither counts. The comparison finds a reference or an
 * amount that differs from the payment's.
 */
function isAboutPayment(
  body: unknown,
  { named, mapping }: { readonly named: NamedFacts; readonly mapping: AnswerMapping },
): boolean {
  if (named.reference !== null || named.amount !== null) return true;
  const code = scalarText(readField(body, mapping.codeField))?.toLowerCase() ?? '';
  if (mapping.refusalCodes.has(code) && !mapping.refusedWords.has(code)) return true;
  return mapping.gatewayReferenceFields
    .filter((path) => path.join('.') !== 'id')
    .some((path) => (scalarText(readField(body, path)) ?? '') !== '');
}

function readGatewayReference(body: unknown, mapping: AnswerMapping): string | null {
  for (const path of mapping.gatewayReferenceFields) {
    const text = scalarText(readField(body, path)) ?? '';
    if (text !== '') return storableText(text, MAX_REFERENCE_CHARACTERS);
  }
  return null;
}

/** The facts that it states about the payment; undefined if one of them cannot be read. */
function readNamed(body: unknown, mapping: AnswerMapping): NamedFacts | undefined {
  let isReadable = true;
  const read = (path: FieldPath | null, most = MAX_NAMED_CHARACTERS): string | null => {
    const value = readField(body, path) ?? '';
    const text = scalarText(value);
    if (text === undefined || hasOtherSpelling(body, path)) isReadable = false;
    return text ? cutNamed(text, most) : null;
  };
  const named = {
    amount: read(mapping.amountField),
    currency: read(mapping.currencyField),
    type: nameType(read(mapping.typeField), mapping),
    reference: read(mapping.referenceField, MAX_REFERENCE_CHARACTERS),
  };
  return isReadable ? named : undefined;
}

/** Mark what was cut: the beginning of a long number or reference must not look like the whole. */
function cutNamed(text: string, most: number): string {
  return text.length > most ? `${storableText(text, most - 1)}…` : storableText(text);
}

/** `Amount` next to `amount`, or instead of it: do not guess which one counts. */
function hasOtherSpelling(body: unknown, path: FieldPath | null): boolean {
  const name = path?.at(-1);
  if (!path || name === undefined) return false;
  const members = membersOf(path.length === 1 ? body : readField(body, path.slice(0, -1)));
  return Object.keys(members ?? {}).some((other) => other !== name && plainName(other) === plainName(name));
}

/** `deposit` or `withdraw` if the gateway's word means one of them; any other word unchanged. */
export function nameType(word: string | null, { depositWords, withdrawWords }: AnswerMapping): string | null {
  const lower = word?.toLowerCase() ?? '';
  if (depositWords.has(lower)) return 'deposit';
  return withdrawWords.has(lower) ? 'withdraw' : word;
}
