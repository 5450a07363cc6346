import { parseJson } from '../../http/parse-json.ts';
import type { AnswerMapping, FieldPath } from '../../process/settings/gateway-answer-mapping.ts';
import { storableText } from '../../text/text.ts';
import { claimsInText } from './claims-in-text.ts';
import { findOtherWords, type OtherWords, plainName } from './find-other-words.ts';
import type { NamedFacts } from './named-facts.ts';
import { membersOf, readField, scalarText } from './read-field.ts';

/** An HTTP answer as far as it was read. `body` is the JSON, or undefined where it was none that can be trusted. */
export interface GatewayAnswer {
  readonly httpStatus: number;
  readonly body: unknown;
  /** What came instead of such JSON. It settles nothing, but may claim a success. */
  readonly unreadText?: string | undefined;
  readonly retryAfter: string | undefined;
}

/**
 * What an answer says in the places where the mapping puts it.
 * `silent`: nothing stands where the status should. `unclear`: what stands there has no meaning. A code may still say something
 * then. `contradictory`: another field says otherwise, or what it names cannot be read. `unreadable`: no JSON object.
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
   * Something in it says that the money moved, whatever else says otherwise: reason enough not to release it. Of a word in its
   * place that is clear this says nothing more.
   */
  readonly claimsSuccess: boolean;
  readonly gatewayReference: string | null;
  readonly named: NamedFacts;
  /** It names this payment, its amount, or a refusal code of the gateway's own: nothing on the way to the gateway knows these. */
  readonly isAboutPayment: boolean;
}

const MAX_NAMED_CHARACTERS = 64;
const MAX_REFERENCE_CHARACTERS = 255;
const NOTHING: NamedFacts = { amount: null, currency: null, type: null, reference: null };
const JSON_TYPE = /^\s*(application|text)\/([a-z0-9.+-]*\+)?json\s*(;|$)/i;

/**
 * The JSON of a body. undefined when it is none, when it says of itself that it is something else (a proxy's page), or when
 * an object has a member twice, so that it depends on the reader what it says.
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
    // One that is under way may have been approved, and says so.
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
  // The `status` of a problem document (RFC 9457) is that of HTTP, and says nothing about the payment.
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
 * A firewall has an `id` for what it blocks, and says `rejected` like anybody, so neither counts. A reference or an amount that is not
 * that of the payment is found by the comparison.
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

/** What it names of the payment; undefined when something that it names cannot be read. */
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

/** What is cut says that it was: the beginning of a long number or reference must not be taken for the whole. */
function cutNamed(text: string, most: number): string {
  return text.length > most ? `${storableText(text, most - 1)}…` : storableText(text);
}

/** `Amount` beside `amount`, or in place of it: which of them counts is not for us to guess. */
function hasOtherSpelling(body: unknown, path: FieldPath | null): boolean {
  const name = path?.at(-1);
  if (!path || name === undefined) return false;
  const members = membersOf(path.length === 1 ? body : readField(body, path.slice(0, -1)));
  return Object.keys(members ?? {}).some((other) => other !== name && plainName(other) === plainName(name));
}

/** `deposit` or `withdraw` where the gateway's word means one of them; any other word as it is. */
export function nameType(word: string | null, { depositWords, withdrawWords }: AnswerMapping): string | null {
  const lower = word?.toLowerCase() ?? '';
  if (depositWords.has(lower)) return 'deposit';
  return withdrawWords.has(lower) ? 'withdraw' : word;
}
