import type { AnswerMapping } from '../../process/settings/gateway-answer-mapping.ts';
import type { GatewayErrorClass } from '../port/gateway-failure.ts';
import { plainName } from './find-other-words.ts';

/** Why a call did not reach the payment, as an error class. */
export type DoorWord = Extract<GatewayErrorClass, 'unauthorized' | 'rate_limited' | 'conflict'>;

const MAX_DEPTH = 16;

/** Words about who we are to the gateway, what we may do there, and where we come from. */
const ACCESS = new RegExp(
  [
    'api ?keys?',
    '(access|secret|public|private|merchant|signing|encryption|license|live|test) keys?',
    'keys? (is |was |has been |has )?(not|invalid|unknown|expired|missing|revoked|disabled|wrong|rotated|required)',
    '(invalid|unknown|expired|missing|wrong|bad|revoked|no) (api |access )?keys?',
    'credentials?',
    'log ?in',
    '(bearer|access|auth|api|jwt|oauth2?|session) ?tokens?',
    '(invalid|expired|missing) token',
    'tokens? (is |has |was )?(invalid|expired|missing|revoked|required)',
    'signatures?',
    'not (properly |correctly |validly )?signed',
    'hmac',
    'nonce',
    'certificates?',
    'm?tls',
    'permissions?',
    'privileges?',
    'scopes?',
    'forbidden',
    'access (is |was )?(denied|blocked|restricted|forbidden|disabled)',
    'not allowed to',
    '(invalid|unknown|inactive|disabled|suspended|unverified) (merchant|client|account id|application|terminal|partner)',
    '(merchant|client|application|partner)( account| id)? (is |was |has been )?(not|invalid|unknown|inactive|disabled|suspended|unverified|blocked|locked)',
    'ip',
    'ips',
    'ip ?address(es)?',
    'white ?list(ed)?',
    'allow ?list(ed)?',
    'deny ?list(ed)?',
    'black ?list(ed)?',
    'fire ?wall',
    'waf',
    'captcha',
    'proxy',
    'cloudflare',
    'akamai',
    'security (policy|rules?|check)',
    'malicious',
    'attack',
    '(sql|code|script) injection',
    'request (was |has been |is )?(blocked|forbidden)',
    'blocked request',
    'requested url',
    'support id',
    'incident id',
    'administrator',
  ]
    .map((words) => `\\b(${words})\\b`)
    .join('|'),
);
/** "Blocked" may be about a card, or about us. */
const BLOCKED = /\b(blocked|blocklist(ed)?|banned)\b/;
const OF_THE_PAYER = /\b(card|card ?holder|issuer|issuing|bank|payer|customer|stolen|lost)\b/;
/** About the payer if the text says so or is a decline code, and otherwise about us. */
const AUTHENTICATION = /\b((un)?authenticat(e|ed|ion|or)|(un)?authori[sz](ed|ation)|auth)\b/;
const OF_A_PAYMENT =
  /\b(payment|transaction|purchase|funds?) auth(ori[sz]ation)?\b|\bauth(ori[sz]ation)? (was |is |has been )?(declined|refused|rejected|voided|reversed|expired)\b/;
const OF_3D_SECURE =
  /\b(3 ?ds2?|3 ?d ?secure|secure ?code|sca|strong customer|payer|card|card ?holder|customer|issuer|issuing|bank)\b/;
const DECLINE_CODE =
  /^(payer |card |cardholder |issuer |3ds )?(authenticat|authori[sz])(ion) (failed|failure|required|declined|rejected|refused|denied|not completed|incomplete|unavailable|timeout|timed out|abandoned|cancelled|canceled|error|attempted)$/;
const NAMES_OF_DECLINE_CODES =
  /(decline|refusal|response|issuer|result|reason|status|network|acquirer)(code|reason|detail)?$|^code$/;

const NAMES_OF_ERRORS = /^(errors?|faults?|exceptions?|violations|problems?)$/;

const RATE =
  /\b(rate ?limit(s|ed|ing|er)?|too many (requests|calls|connections)|(request|call|api) (limit|quota)|quota|throttl(e|ed|ing)|slow down)\b/;
/** There was an earlier request for the same payment or key, so we must ask about its outcome. */
const REPEAT =
  /\b(idempoten(t|cy|ce)|duplicate(d)?|already (been )?(processed|exists?|paid|captured|executed|submitted|used|completed|settled|in progress))\b/;

/**
 * Whether an answer is about the access to the gateway and not about the payment: keys, signatures and permissions, too many calls, a
 * firewall, an earlier request. Such an answer would be the same for any payment, so it must not refuse one, whatever else it says. Pure.
 * The decline codes of 3-D Secure (`authentication_failed`, `authentication_required`) and of issuers are about a payment.
 */
export function findDoorWords(body: unknown, mapping: AnswerMapping): DoorWord | undefined {
  const found = new Set<DoorWord>();

  function note(name: string, text: string): void {
    const word = readDoorWord(name, text);
    if (word) found.add(word);
  }

  function walk(name: string, value: unknown, depth: number): void {
    if (typeof value === 'string') note(name, value);
    else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH) {
      if (Array.isArray(value)) for (const item of value) walk(name, item, depth + 1);
      else walkMembers(name, value, depth);
    }
  }

  function walkMembers(name: string, value: object, depth: number): void {
    for (const [field, member] of Object.entries(value)) {
      if (mapping.ignoredFields.has(field)) continue;
      // A field may be named `signature` for any reason, but field names inside `errors` say what is wrong: `{"errors":{"api_key":["is
      // invalid"]}}`.
      if (NAMES_OF_ERRORS.test(name)) note('', field);
      walk(plainName(field), member, depth + 1);
    }
  }

  walk('', body, 0);
  // Take the class that says least about the payment: with a wrong key, the rest cannot be trusted.
  return (['unauthorized', 'rate_limited', 'conflict'] as const).find((word) => found.has(word));
}

function readDoorWord(name: string, value: string): DoorWord | undefined {
  // Treat `InvalidApiKey`, `invalid_api_key` and "Invalid API key" alike.
  const text = value
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()
    // An idempotency key gives nobody access.
    .replace(/\bidempoten(t|cy) keys?\b/g, 'idempotency');
  if (ACCESS.test(text)) return 'unauthorized';
  if (BLOCKED.test(text) && !OF_THE_PAYER.test(text)) return 'unauthorized';
  if (AUTHENTICATION.test(text) && !OF_3D_SECURE.test(text) && !OF_A_PAYMENT.test(text)) {
    const isDeclineCode = NAMES_OF_DECLINE_CODES.test(name) && DECLINE_CODE.test(text);
    if (!isDeclineCode) return 'unauthorized';
  }
  if (RATE.test(text)) return 'rate_limited';
  return REPEAT.test(text) ? 'conflict' : undefined;
}
