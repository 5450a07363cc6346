/**
 * What a client may do about a problem. `same-key`: the same request, as it stands, may well pass later. `new-key`: a request for the same
 * needs another key. `never`: as it stands it will never pass; what is wrong with it is told.
 */
export type RetryAdvice = 'same-key' | 'new-key' | 'never';

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** What it means and what to do; shown in the API description and at /problems/{code}. */
  readonly advice: string;
  readonly retry?: RetryAdvice;
  /** How long to wait before the next try; sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

/** Every problem that the API answers with. The code is part of the contract; title and advice may be reworded. */
export const PROBLEMS = {
  'malformed-request': {
    status: 400,
    title: 'The request cannot be read',
    advice:
      'The body is not JSON, or a header or the path is not well formed. Nothing was done, and its key is free: mend the request.',
    retry: 'never',
  },
  'idempotency-key-required': {
    status: 400,
    title: 'An idempotency key is required',
    advice: 'This server takes payments only with an Idempotency-Key header. Nothing was done.',
    retry: 'new-key',
  },
  'idempotency-key-malformed': {
    status: 400,
    title: 'The idempotency key does not fit',
    advice: 'A key has 1 to 255 visible ASCII characters, and is sent in one header only. Nothing was done.',
    retry: 'new-key',
  },
  'signature-invalid': {
    status: 401,
    title: 'The signature does not fit',
    advice:
      'A callback is signed over its very bytes, with the secret that both sides know, at most five minutes ago. Nothing was done.',
    retry: 'never',
  },
  'operator-token-required': {
    status: 401,
    title: 'This is for operators',
    advice:
      'Send the token of OPERATOR_TOKEN in the header Authorization, as `Bearer <token>`. Nothing was done.',
    retry: 'never',
  },
  'operator-loopback-only': {
    status: 403,
    title: 'This is for operators on this machine',
    advice:
      'Without OPERATOR_TOKEN, what operators do is answered on the machine of the API only. Nothing was done.',
    retry: 'never',
  },
  'operator-cross-site': {
    status: 403,
    title: 'This is not for pages of other sites',
    advice:
      'A browser sent this for a page that is not ours, or the header Host names another machine. Use an address such as localhost. Nothing was done.',
    retry: 'never',
  },
  'operator-port-only': {
    status: 403,
    title: 'This is for operators, who have a port of their own',
    advice:
      'Operators are answered at OPERATOR_PORT only: a list of the payments of all users, for example, or a wallet that is opened with money in it. Nothing was done.',
    retry: 'never',
  },
  'cross-site': {
    status: 403,
    title: 'This is not for pages of other sites',
    advice:
      'A browser sent this for a page that is not ours. A name that our own pages have belongs in API_ALLOWED_HOSTS. Nothing was done.',
    retry: 'never',
  },
  'callbacks-not-configured': {
    status: 404,
    title: 'Callbacks are not configured',
    advice:
      'This server takes no callbacks, because it has no secret to check them with. Set GATEWAY_CALLBACK_SECRET. Nothing was done.',
    retry: 'same-key',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing here',
    advice: 'No endpoint has this path.',
    retry: 'never',
  },
  'user-not-found': {
    status: 404,
    title: 'There is no such user',
    advice: 'Create the user first. Nothing was done.',
    retry: 'never',
  },
  'no-such-wallet': {
    status: 404,
    title: 'There is no such wallet',
    advice: 'Check the id, or the user and the currency. A wallet that is missing can be opened.',
    retry: 'never',
  },
  'payment-not-found': {
    status: 404,
    title: 'There is no such payment',
    advice: 'Check the payment id.',
    retry: 'never',
  },
  'dead-letter-not-found': {
    status: 404,
    title: 'There is no such dead letter',
    advice: 'Check the id.',
    retry: 'never',
  },
  'exception-not-found': {
    status: 404,
    title: 'There is no such exception',
    advice: 'Check the id.',
    retry: 'never',
  },
  'report-not-found': {
    status: 404,
    title: 'There is no such report',
    advice: 'Check the id.',
    retry: 'never',
  },
  'bulk-redrive-not-found': {
    status: 404,
    title: 'There is no such redrive of many letters',
    advice: 'Check the id.',
    retry: 'never',
  },
  'violation-not-found': {
    status: 404,
    title: 'There is no such violation',
    advice: 'Check the id.',
    retry: 'never',
  },
  'rate-not-found': {
    status: 404,
    title: 'There is no such exchange rate',
    advice:
      'Only rates that count and rates that are held are kept. List the rates: what the source said later has another id. Nothing was done.',
    retry: 'never',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This method is not allowed here',
    advice: 'The Allow header names the methods of this path.',
    retry: 'never',
  },
  'not-acceptable': {
    status: 406,
    title: 'The answer cannot have this form',
    advice:
      'Answers are application/json, and problems application/problem+json: let the header Accept allow it, or leave the header out. Nothing was done.',
    retry: 'never',
  },
  'request-timeout': {
    status: 408,
    title: 'The request did not arrive in time',
    advice: 'A part of the request was still missing when its time was over. Nothing was done.',
    retry: 'same-key',
  },
  'wallet-not-found': {
    status: 409,
    title: 'The user has no wallet in this currency',
    advice:
      'A payment goes to and comes from a wallet in the currency that it names, or in that of the server where it names none. Nothing was done, and the key is free: open a wallet in this currency and send the same request again, or name a currency in which the user has one.',
    retry: 'same-key',
  },
  'payment-not-refundable': {
    status: 409,
    title: 'This payment cannot be refunded',
    advice:
      'Only a deposit that has succeeded can be refunded, and this payment is none. `errors` says what it is. Nothing was done.',
    retry: 'never',
  },
  'deposit-not-settled': {
    status: 409,
    title: 'This deposit has not succeeded yet',
    advice:
      'A deposit can be refunded once it has succeeded. Nothing was done, and the key is free: look at the payment, and send the same request again then.',
    retry: 'same-key',
  },
  'idempotency-key-in-use': {
    status: 409,
    title: 'A request with this key is under way',
    advice: 'Nothing was done. Send the same request again after the time in Retry-After to get its answer.',
    retry: 'same-key',
    retryAfterSeconds: 1,
  },
  'idempotency-key-expired': {
    status: 409,
    title: 'The stored answer of this key has expired',
    advice: 'The key was used for what the answer names, and will never execute again. Read that.',
    retry: 'never',
  },
  'rate-not-held': {
    status: 409,
    title: 'The exchange rate is not held',
    advice: 'It counts already. Nothing was done.',
    retry: 'never',
  },
  'dead-letter-handled': {
    status: 409,
    title: 'This dead letter was dealt with before',
    advice: 'Read the dead letter to see what was done, by whom and why.',
    retry: 'never',
  },
  'bulk-redrive-ended': {
    status: 409,
    title: 'The redrive has ended',
    advice: 'It is done, or nothing is left to stop or resume. Read it.',
    retry: 'never',
  },
  'exception-not-postable': {
    status: 409,
    title: 'This exception cannot be posted to suspense',
    advice:
      'The detail says why. Find out what is true, and close the exception with a reason. Nothing was done.',
    retry: 'never',
  },
  'violation-closed': {
    status: 409,
    title: 'This violation is not open',
    advice: 'It was acknowledged before, or a check found its subject whole again. Read the violation.',
    retry: 'never',
  },
  'outcome-unknown': {
    status: 409,
    title: 'The outcome of this payment is unknown',
    advice:
      'The money may have moved, so there is nothing to discard. The letter closes when the gateway tells the outcome.',
    retry: 'never',
  },
  'payment-resolved': {
    status: 409,
    title: 'This payment was resolved before',
    advice: 'A payment is resolved once. Read its timeline to see by whom and why. Nothing was done.',
    retry: 'never',
  },
  'payment-not-unknown': {
    status: 409,
    title: 'The outcome of this payment is not unknown',
    advice:
      'Only a payment whose outcome is unknown can be resolved by a person, and not while it is in the queue. Nothing was done.',
    retry: 'never',
  },
  'evidence-contradicts': {
    status: 409,
    title: 'Something recorded says that the money moved',
    advice:
      '`evidence` lists what was recorded: an answer, a callback, the book of the gateway, a difference. Find out what is true. A person who knows better sends `override_evidence` with a reason; both are kept. Nothing was done.',
    retry: 'never',
  },
  'exception-closed': {
    status: 409,
    title: 'This exception was closed before',
    advice: 'Read the exception to see by whom and why.',
    retry: 'never',
  },
  'body-too-large': {
    status: 413,
    title: 'The body is too large',
    advice: 'A request is a few hundred bytes. Nothing was done.',
    retry: 'never',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body must be JSON',
    advice: 'Send Content-Type: application/json, uncompressed, in UTF-8. Nothing was done.',
    retry: 'never',
  },
  'expectation-failed': {
    status: 417,
    title: 'The expectation cannot be met',
    advice: 'The header Expect may only say 100-continue. Nothing was done.',
    retry: 'never',
  },
  'host-not-allowed': {
    status: 421,
    title: 'This server does not answer for that host',
    advice: 'The header Host names neither this machine nor a host of API_ALLOWED_HOSTS. Nothing was done.',
    retry: 'never',
  },
  'validation-failed': {
    status: 422,
    title: 'The request does not fit',
    advice:
      '`errors` names each field and what it must be. Nothing was done, and its key is free: mend the request.',
    retry: 'never',
  },
  'insufficient-funds': {
    status: 422,
    title: 'The wallet does not hold enough',
    advice:
      'A withdrawal holds its amount and fee, a refund its amount less what it gets back of the fee. It was recorded as a failed payment; another try needs a new key.',
    retry: 'new-key',
  },
  'refund-exceeds-deposit': {
    status: 422,
    title: 'More than what is left of the deposit',
    advice:
      'All refunds of a deposit together give back no more than it, those under way included. `left` says how much can still be refunded. Nothing was done. Where the refund came with a key, another try needs a new one.',
    retry: 'new-key',
  },
  'redrive-not-funded': {
    status: 422,
    title: 'The wallet does not hold enough for another try',
    advice:
      'The payment that a redrive makes holds its amount and fee again. Nothing was done, and the letter stays open: redrive it once the wallet holds enough.',
    retry: 'same-key',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'This key was used for another request',
    advice: 'A key belongs to one request for ever. Use a new key for a new request. Nothing was done.',
    retry: 'new-key',
  },
  'headers-too-large': {
    status: 431,
    title: 'The headers are too large',
    advice: 'Send less than 16 KB of headers.',
    retry: 'never',
  },
  'search-too-wide': {
    status: 422,
    title: 'There is too much to look through',
    advice: 'Nothing was found in the time that a search may take. Give the user, too.',
    retry: 'never',
  },
  internal: {
    status: 500,
    title: 'Something went wrong here',
    advice:
      'Nothing can be said of the outcome. With a key, send the same request again; without one, look first at what it was about.',
    retry: 'same-key',
  },
  'database-unavailable': {
    status: 503,
    title: 'The database cannot be reached',
    advice: 'Nothing was done. Send the same request again after the time in Retry-After.',
    retry: 'same-key',
    retryAfterSeconds: 1,
  },
  overloaded: {
    status: 503,
    title: 'Too many requests wait',
    advice: 'Nothing was done. Send the same request again after the time in Retry-After.',
    retry: 'same-key',
    retryAfterSeconds: 1,
  },
  'wallet-busy': {
    status: 503,
    title: 'The wallet is in use',
    advice:
      'Something else has had the wallet for long. Nothing was done. Send the same request again after the time in Retry-After.',
    retry: 'same-key',
    retryAfterSeconds: 1,
  },
  'integrity-violated': {
    status: 503,
    title: 'The ledger is not sound',
    advice:
      'A check found a violation that a person must look at; until then no money is moved. Nothing was done. Send the same request again after the time in Retry-After.',
    retry: 'same-key',
    // A person has to look, so an earlier try is of no use.
    retryAfterSeconds: 30,
  },
  'list-too-slow': {
    status: 503,
    title: 'The list took too long',
    advice:
      'A list has little time, so that it holds up no payment. Narrow it: the detail names what it can be narrowed by. Or ask again after the time in Retry-After.',
    retry: 'same-key',
    retryAfterSeconds: 1,
  },
  'write-outcome-unknown': {
    status: 503,
    title: 'It is not known whether this was done',
    advice:
      'The connection to the database was lost at the moment of writing, or the request took too long. With a key, send the same request again: it executes at most once. Without one, read first what it was about.',
    retry: 'same-key',
    retryAfterSeconds: 1,
  },
  'accept-outcome-unknown': {
    status: 503,
    title: 'It is not known whether the payment was accepted',
    advice:
      'The connection to the database was lost at the moment of writing. With a key, send the same request again: it executes at most once. Without one, look at the payments of the user first.',
    retry: 'same-key',
    retryAfterSeconds: 1,
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEMS;
export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];
export function problemKind(code: ProblemCode): ProblemKind {
  return PROBLEMS[code];
}
