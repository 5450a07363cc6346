import { ExactNumber } from '../../money/exact-number.ts';
import type { AnswerMapping } from '../../process/settings/gateway-answer-mapping.ts';
import { claimsInText } from './claims-in-text.ts';

/** What an answer says in fields other than the status field. */
export interface OtherWords {
  /** Some field says that the payment failed, was refused, was reversed, or is not done yet. */
  readonly sayNo: boolean;
  /** Some field says that the payment was carried out. */
  readonly sayYes: boolean;
  /** Some status says that the payment is in progress. */
  readonly sayOpen: boolean;
  /** The gateway's own word for success appears in any text. */
  readonly saySucceeded: boolean;
}

/** Answers are a few levels deep; anything deeper is not read and cannot be a valid answer. */
const MAX_DEPTH = 16;
/** Values for programs are short; longer text is written for people. */
const MAX_WORD_LENGTH = 100;

/** Names in lower case without separators: `isApproved`, `is_approved` and `Is-Approved` are the same. */
const NAMES_OF_CONSENT = new Set(
  'success succeeded successful issuccess issuccessful ok isok approved isapproved executed completed paid ispaid settled captured confirmed'.split(
    ' ',
  ),
);
/** Intermediate steps: if one is false, the payment was not carried out, but true says little. */
const NAMES_OF_STEPS =
  /^(is|was)?(processed|accepted|authori[sz]ed|charged|debited|credited|transferred|complete|done|final|finali[sz]ed|posted|cleared|honou?red)$/;
const NAMES_OF_TROUBLE =
  /^(is|has|was|amount)?(errors?|err|fail(ed|ures?)?|declined?|refus(ed|al)|reject(ed|ion)?|denied|denial|cancell?ed|void(ed)?|reversed|reversals?|refunded|refunds|chargebacks?|expired|timedout|faults?|exceptions?)(codes?|counts?|lists?|messages?|reasons?|descriptions?|details?|types?|at|on|by|date|time|amount)?$/;
/** True means trouble; any other value is about something else (such as a pending balance). */
const FLAGS_OF_TROUBLE =
  /^(is|was|has)?(pending|blocked|onhold|held|aborted|fraud|fraudulent|disputed|chargedback|incomplete|simulated|dryrun|(not|un|dis)(executed|successful|paid|settled|approved|captured|processed|authori[sz]ed|completed))$|^(requires|needs)/;
const NAMES_OF_STATUS = /(status|state|outcome|result|decision|verdict)$/;
const NAMES_OF_CODE =
  /^(code|response)$|(status|response|result|error|return|reason|decline|answer|http|transaction|payment)code$|reason$/;
const NAMES_OF_PROSE =
  /(message|msg|details?|description|remarks?)$|^(title|note)$|(status|response|reason|result)text$|response$|^text$/;

const TROUBLE =
  /declin|refus|reject|fail|denied|deny|insufficient|unsuccess|disapprov|unapproved|unpaid|unsettled|incomplete|invalid|error|cancel|void|revers|refund|expir|block|fraud|abort|time.?out|timed.?out|\bpend|processing|queued|on.?hold|unknown|progress|waiting|scheduled|submitted|initiated|review|partial|dispute|chargeback|require|honou?r|stolen|suspend|restrict|exceed|negative|\bnot\b|^nok$|^ko$/;
const DONE = new Set(
  'succeeded success successful completed complete executed paid settled approved captured confirmed ok'.split(
    ' ',
  ),
);
const PROSE_OF_TROUBLE = /\b(declined|refused|rejected|failed|denied|insufficient|unsuccessful)\b/;
const DENIAL = /\b(no|not|never|none|without|0)\b/;
/** "Could not be processed", "wasn't charged", "do not honor". */
const PROSE_OF_DENIED_SUCCESS =
  /(\bnot|n['’]t|\bcannot|\bnever|\bunable to) ((be|been|yet) )*(honou?r|succe|process|complet|approv|authori[sz]|execut|charg|paid|settle|captur|confirm|transfer|credit|debit|carried|permitted|allowed|accept)/;
const NOTHING = new Set(['', 'false', 'no', 'none', 'null', 'nil', 'n/a', 'ok', 'success', 'succeeded']);
const FALSE = new Set(['false', 'no', 'n', 'f', 'off', '0']);
const TRUE = new Set(['true', 'yes', 'y', 't', 'on', '1']);

/**
 * Searches a whole answer for fields that say yes or no, whatever their name and depth. One field that contradicts the status is enough to
 * doubt it: doubt costs an inquiry, misplaced trust costs money.
 */
export function findOtherWords(body: unknown, mapping: AnswerMapping): OtherWords {
  let sayNo = false;
  let sayYes = false;
  let sayOpen = false;
  let saySucceeded = false;

  function readText(name: string, value: string): void {
    saySucceeded ||= claimsInText(value, mapping.succeededWords);
    if (value.length > MAX_WORD_LENGTH && !NAMES_OF_PROSE.test(name)) return;
    const word = value.trim().toLowerCase();
    if (mapping.succeededWords.has(word)) {
      if (NAMES_OF_STATUS.test(name) || NAMES_OF_CONSENT.has(name)) sayYes = true;
      return;
    }
    if (NAMES_OF_CONSENT.has(name)) {
      if (FALSE.has(word) || TROUBLE.test(word)) sayNo = true;
      else if (TRUE.has(word) || DONE.has(word)) sayYes = true;
    } else if (NAMES_OF_STEPS.test(name)) {
      if (FALSE.has(word) || TROUBLE.test(word)) sayNo = true;
    } else if (FLAGS_OF_TROUBLE.test(name)) {
      if (TRUE.has(word)) sayNo = true;
    } else if (NAMES_OF_TROUBLE.test(name)) {
      if (!NOTHING.has(word) && !/^0+(\.0*)?$/.test(word)) sayNo = true;
    } else if (NAMES_OF_STATUS.test(name) || NAMES_OF_CODE.test(name)) {
      const isRefusal = mapping.refusedWords.has(word) || mapping.refusalCodes.has(word);
      const isOpen = NAMES_OF_STATUS.test(name) && mapping.pendingWords.has(word);
      if (isOpen) sayOpen = true;
      if (isRefusal || isOpen || TROUBLE.test(word) || isErrorNumber(name, word)) sayNo = true;
      else if (DONE.has(word) && NAMES_OF_STATUS.test(name)) sayYes = true;
    } else if (NAMES_OF_PROSE.test(name)) {
      if (PROSE_OF_TROUBLE.test(word) && !DENIAL.test(word)) sayNo = true;
      if (PROSE_OF_DENIED_SUCCESS.test(word)) sayNo = true;
    } else if (
      mapping.refusedWords.has(word) ||
      /^(failed|failure|declined|cancell?ed|reversed)$/.test(word)
    ) {
      sayNo = true;
    }
  }

  function readFlag(name: string, value: boolean): void {
    if (NAMES_OF_CONSENT.has(name) || NAMES_OF_STATUS.test(name)) {
      if (value) sayYes = true;
      else sayNo = true;
    } else if (value && (NAMES_OF_TROUBLE.test(name) || FLAGS_OF_TROUBLE.test(name))) sayNo = true;
    else if (!value && NAMES_OF_STEPS.test(name)) sayNo = true;
  }

  function walk(name: string, value: unknown, depth: number): void {
    if (typeof value === 'string') readText(name, value);
    else if (typeof value === 'boolean') readFlag(name, value);
    else if (typeof value === 'number' || value instanceof ExactNumber) readText(name, String(value));
    else if (typeof value === 'object' && value !== null) {
      if (depth >= MAX_DEPTH) sayNo = true;
      else if (Array.isArray(value)) for (const item of value) walk(name, item, depth + 1);
      else walkMembers(name, value, depth);
    }
  }

  function walkMembers(name: string, value: object, depth: number): void {
    // Everything in `error` is about the error, so `{"error":{"code":0}}` says nothing, but `{"error":{"id":"x"}}` does.
    const isTrouble = NAMES_OF_TROUBLE.test(name);
    for (const [field, member] of Object.entries(value))
      if (!mapping.ignoredFields.has(field)) walk(isTrouble ? name : plainName(field), member, depth + 1);
  }

  walk('', body, 0);
  return { sayNo, sayYes, sayOpen, saySucceeded };
}

/** A field's name in lower case without separators. */
export function plainName(field: string): string {
  return field.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** 402 in `statusCode`, 51 in the `response_code` of ISO 8583, which some gateways call `code` or `response`. */
function isErrorNumber(name: string, word: string): boolean {
  if (/^(code|response)$|responsecode$/.test(name) && /^\d\d$/.test(word)) return word !== '00';
  return /^[345]\d\d$/.test(word);
}
