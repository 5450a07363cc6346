/**
 * What a client may do about a problem. `same-key`: the same request, unchanged, may succeed later. `new-key`: asking for the same thing
 * again needs another key. `never`: unchanged, the request will never succeed; the problem says what is wrong with it.
 */
export const RETRY_ADVICE = ['same-key', 'new-key', 'never'] as const;
export type RetryAdvice = (typeof RETRY_ADVICE)[number];

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** What it means and what to do; shown in the API description and at /problems/{code}. */
  readonly advice: string;
  readonly retry?: RetryAdvice;
  /** How long to wait before the next try; sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

/** Every problem that the API can answer with. The code is part of the contract; title and advice may be reworded. */
export const PROBLEMS = {
  'malformed-request': {
    status: 400,
    title: 'The request cannot be read',
    advice:
      'The body is not JSON, or a header or the path is malformed. Nothing was done, and the key was not used: correct the request.',
    retry: 'never',
  },
  'idempotency-key-required': {
    status: 400,
    title: 'An idempotency key is required',
    advice: 'This server accepts payments only with an Idempotency-Key header. Nothing was done.',
    retry: 'new-key',
  },
  'idempotency-key-malformed': {
    status: 400,
    title: 'The idempotency key is not valid',
    advice: 'A key has 1 to 255 visible ASCII characters. Send it once, in one header. Nothing was done.',
    retry: 'new-key',
  },
  'user-header-malformed': {
    status: 400,
    title: 'The header X-User-Id is missing or not valid',
    advice:
      'X-User-Id names the user whom the request is about: a positive integer or a UUID, given once. Nothing was done, and the key was not used: correct the request.',
    retry: 'never',
  },
  'signature-invalid': {
    status: 401,
    title: 'The signature is not valid',
    advice:
      'Sign the exact bytes of the callback with the shared secret, and send it within five minutes. Nothing was done.',
    retry: 'never',
  },
  'operator-token-required': {
    status: 401,
    title: 'Operator token required',
    advice:
      'Send the value of OPERATOR_TOKEN in the Authorization header, as `Bearer <token>`. Nothing was done.',
    retry: 'never',
  },
  'operator-loopback-only': {
    status: 403,
    title: 'Only operators on this machine may do this',
    advice:
      'OPERATOR_TOKEN is not set, so the API serves operators only on its own machine. Nothing was done.',
    retry: 'never',
  },
  'operator-cross-site': {
    status: 403,
    title: 'Pages of other sites may not do this',
    advice:
      'A browser sent this request for a page of another site, or the Host header names another machine. Use an address such as localhost. Nothing was done.',
    retry: 'never',
  },
  'operator-port-only': {
    status: 403,
    title: "Only the operators' port serves this",
    advice:
      'Operator requests are served only on OPERATOR_PORT: listing the payments of all users, for example, or opening a wallet with money in it. Nothing was done.',
    retry: 'never',
  },
  'cross-site': {
    status: 403,
    title: 'Pages of other sites may not do this',
    advice:
      'A browser sent this request for a page of another site. If the page belongs to this service, an operator must add its host to API_ALLOWED_HOSTS. Nothing was done.',
    retry: 'never',
  },
  'callbacks-not-configured': {
    status: 404,
    title: 'Callbacks are not configured',
    advice:
      'This server accepts no callbacks, because it has no secret to verify them with. Set GATEWAY_CALLBACK_SECRET. Nothing was done.',
    retry: 'same-key',
  },
  'not-found': {
    status: 404,
    title: 'There is no such endpoint',
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
    advice:
      'Check the id, or the user and the currency. If the wallet is missing, open it and ask again. Nothing was done, and the key was not used.',
    retry: 'same-key',
  },
  'transfer-not-found': {
    status: 404,
    title: 'There is no such transfer',
    advice: 'Check the transfer id.',
    retry: 'never',
  },
  'payment-not-found': {
    status: 404,
    title: 'There is no such payment',
    advice: 'Check the payment id.',
    retry: 'never',
  },
  'hold-not-found': {
    status: 404,
    title: 'Nothing was held for this order',
    advice:
      'Check the user and the order, or hold money for the order first and ask again. Nothing was done, and the key was not used.',
    retry: 'same-key',
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
    title: 'There is no such bulk redrive',
    advice: 'Check the id.',
    retry: 'never',
  },
  'violation-not-found': {
    status: 404,
    title: 'There is no such violation',
    advice: 'Check the id.',
    retry: 'never',
  },
  'quote-not-found': {
    status: 404,
    title: 'There is no such quote',
    advice:
      'Check the quote id, and the user if you name one. A quote that nobody took is removed a day after it expired. Nothing was done.',
    retry: 'never',
  },
  'conversion-not-found': {
    status: 404,
    title: 'There is no such conversion',
    advice: 'Check the id. A quote becomes a conversion when it is taken.',
    retry: 'same-key',
  },
  'rate-not-found': {
    status: 404,
    title: 'There is no such exchange rate',
    advice:
      'Only rates that count and rates that are held are kept. List the rates: what the source said later has another id. Nothing was done.',
    retry: 'never',
  },
  'fee-not-found': {
    status: 404,
    title: 'There is no such fee',
    advice: 'Check the id. The history of fees has every row that was ever set. Nothing was done.',
    retry: 'never',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This path does not support the method',
    advice: 'The Allow header lists the methods that this path supports.',
    retry: 'never',
  },
  'not-acceptable': {
    status: 406,
    title: 'The requested media type is not available',
    advice:
      'Answers are application/json, and problems are application/problem+json. Allow them in the Accept header, or leave the header out. Nothing was done.',
    retry: 'never',
  },
  'request-timeout': {
    status: 408,
    title: 'The request did not arrive in time',
    advice: 'Part of the request was still missing when the time limit ended. Nothing was done.',
    retry: 'same-key',
  },
  'wallet-not-found': {
    status: 409,
    title: 'The user has no such wallet',
    advice:
      "The user has no wallet in the currency that the request names (that of the server, where it names none), or the wallet that it names is not the user's. Nothing was done, and the key is free: open a wallet in this currency and send the same request again, or name a wallet that the user has.",
    retry: 'same-key',
  },
  'wallet-frozen': {
    status: 409,
    title: 'The wallet is frozen',
    advice:
      'Nothing is taken from a frozen wallet but for what was promised before; whether it takes money in is a setting. Nothing was done. Read the wallet to see who froze it and why. Once it is open again, use a new key if the request had one.',
    retry: 'new-key',
  },
  'wallet-closed': {
    status: 409,
    title: 'The wallet is closed',
    advice: 'A closed wallet stays closed, and nothing goes in or out. Use another wallet. Nothing was done.',
    retry: 'never',
  },
  'wallet-not-empty': {
    status: 409,
    title: 'The wallet cannot be closed yet',
    advice:
      'A wallet is closed only once nothing is in it, nothing is held of it, none of its payments is open, and no quote of it can be taken any more. `errors` says what there is. Nothing was done: send the request again once that is gone.',
    retry: 'same-key',
  },
  'wallet-name-taken': {
    status: 409,
    title: 'The user has a wallet of this name',
    advice:
      'A name belongs to one wallet of a user in a currency, also after that is closed. `wallet_id` says which has it. Nothing was done. Choose another name; if the request had a key, use a new one.',
    retry: 'new-key',
  },
  'payment-not-refundable': {
    status: 409,
    title: 'This payment cannot be refunded',
    advice:
      'Only a deposit that has succeeded can be refunded. `errors` says why this payment cannot be. Nothing was done.',
    retry: 'never',
  },
  'deposit-not-settled': {
    status: 409,
    title: 'This deposit has not succeeded yet',
    advice:
      "A deposit can be refunded only once it has succeeded. Nothing was done, and the key was not used: send the same request again once the deposit's status is `success`.",
    retry: 'same-key',
  },
  'hold-ended': {
    status: 409,
    title: 'This hold has ended',
    advice:
      'A hold ends once: with its last capture, a release, or its time. `hold` says which it was, and when. Nothing was done.',
    retry: 'never',
  },
  'order-held-differently': {
    status: 409,
    title: 'This order was held differently',
    advice:
      'An order is held once for a user, with one amount of one wallet; `hold` says with which. For more, hold another order. Nothing was done.',
    retry: 'never',
  },
  'idempotency-key-in-use': {
    status: 409,
    title: 'Another request with this key is in progress',
    advice:
      'This request did nothing. Send the same request again after the time in Retry-After to get the answer of the other one.',
    retry: 'same-key',
    retryAfterSeconds: 1,
  },
  'idempotency-key-expired': {
    status: 409,
    title: 'The stored answer for this key has expired',
    advice:
      'The key was used before and will never execute again. Read what the request made: the problem names it, unless the request was refused and made nothing.',
    retry: 'never',
  },
  'rate-not-held': {
    status: 409,
    title: 'The exchange rate is not held',
    advice: 'It counts already, or an operator has refused it; the detail says which. Nothing was done.',
    retry: 'never',
  },
  'fee-ended': {
    status: 409,
    title: 'The fee has ended',
    advice: 'It was ended or withdrawn before, or another one has taken its place. Nothing was done.',
    retry: 'never',
  },
  'quote-used': {
    status: 409,
    title: 'The quote was used before',
    advice: 'A quote is used once. Ask for another one. Nothing was done now.',
    retry: 'never',
  },
  'position-limit-reached': {
    status: 409,
    title: 'No more is converted this way for now',
    advice:
      'What the house owns or owes of a currency by converting has a limit, and this conversion would go beyond it. Conversions the other way go through. Nothing was done, and the quote can still be taken until it expires; if the request had a key, use a new one.',
    retry: 'new-key',
  },
  'quote-expired': {
    status: 409,
    title: 'The quote has expired',
    advice: 'Ask for another one. Nothing was done.',
    retry: 'never',
  },
  'rate-unknown': {
    status: 409,
    title: 'There is no exchange rate for these currencies',
    advice:
      'The source that is set names no rate for one of the two, or no source is set. List the rates. Nothing was done: try again once there is one.',
    retry: 'same-key',
  },
  'rate-stale': {
    status: 409,
    title: 'The exchange rate is too old',
    advice: 'The source has given no newer rate. Nothing was done: try again later with the same key.',
    retry: 'same-key',
  },
  'rate-held': {
    status: 409,
    title: 'The exchange rate waits for an operator',
    advice:
      'It differs too much from the last one that counted, and an operator has to approve it. Nothing was done: try again later with the same key.',
    retry: 'same-key',
  },
  'too-many-quotes': {
    status: 409,
    title: 'The user has too many open quotes',
    advice: 'Take one of them, or wait until one expires. Nothing was done.',
    retry: 'same-key',
  },
  'dead-letter-handled': {
    status: 409,
    title: 'This dead letter is already closed',
    advice: 'Read the dead letter to see who closed it, how and why. Nothing was done.',
    retry: 'never',
  },
  'bulk-redrive-ended': {
    status: 409,
    title: 'The bulk redrive has ended',
    advice:
      'It has finished, so there is nothing to stop or resume. Read the bulk redrive to see its result.',
    retry: 'never',
  },
  'exception-not-postable': {
    status: 409,
    title: 'This exception cannot be posted to suspense',
    advice:
      'The detail says why. Find out what really happened, then close the exception with a reason. Nothing was done.',
    retry: 'never',
  },
  'violation-closed': {
    status: 409,
    title: 'This violation is not open',
    advice:
      'It was already acknowledged, or a later check found that it no longer holds. Read the violation.',
    retry: 'never',
  },
  'outcome-unknown': {
    status: 409,
    title: 'The outcome of this payment is unknown',
    advice:
      'The money may have moved, so the dead letter cannot be discarded. It closes when the gateway reports the outcome.',
    retry: 'never',
  },
  'payment-resolved': {
    status: 409,
    title: 'This payment is already resolved',
    advice:
      'A payment can be resolved only once. Read its timeline to see who resolved it and why. Nothing was done.',
    retry: 'never',
  },
  'payment-not-unknown': {
    status: 409,
    title: "This payment's outcome is not unknown",
    advice:
      'A person can resolve a payment only if its outcome is unknown and it is not in the queue. Nothing was done.',
    retry: 'never',
  },
  'evidence-contradicts': {
    status: 409,
    title: 'There is evidence that the money moved',
    advice:
      "`evidence` lists it: a gateway answer, a callback, a line of the gateway's book, an exception. Find out what really happened. If you know that the evidence is wrong, send `override_evidence` with a reason; both are kept. Nothing was done.",
    retry: 'never',
  },
  'exception-closed': {
    status: 409,
    title: 'This exception is already closed',
    advice: 'Read the exception to see who closed it and why.',
    retry: 'never',
  },
  'events-dropped': {
    status: 410,
    title: 'These events are no longer kept',
    advice:
      'Events are kept for RETENTION_EVENTS_DAYS, and some that came after this cursor have been dropped. Read what you missed in the lists of the API, and go on without a cursor or with `latest`.',
    retry: 'never',
  },
  'events-lost': {
    status: 410,
    title: 'The event of this cursor is not there',
    advice:
      'The ledger was restored from a backup, or its database was lost and a standby without its last events has taken over. What you read last may not have happened, and other events may have come since. Compare what you have made of events with the lists of the API, and go on without a cursor or with `latest`.',
    retry: 'never',
  },
  'body-too-large': {
    status: 413,
    title: 'The body is too large',
    advice: 'Send a smaller body: a valid request needs only a few hundred bytes. Nothing was done.',
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
    advice: 'The only supported value of the Expect header is 100-continue. Nothing was done.',
    retry: 'never',
  },
  'host-not-allowed': {
    status: 421,
    title: 'This server does not serve that host',
    advice: 'The Host header names neither this machine nor a host in API_ALLOWED_HOSTS. Nothing was done.',
    retry: 'never',
  },
  'validation-failed': {
    status: 422,
    title: 'The request is not valid',
    advice:
      '`errors` names each field that is wrong and what it must be. Nothing was done, and the key was not used: correct the request.',
    retry: 'never',
  },
  'insufficient-funds': {
    status: 422,
    title: 'The wallet does not hold enough',
    advice:
      'A withdrawal needs its amount and its fee; a refund needs its amount less any fee that is given back. The payment was recorded as failed; to try again, use a new key.',
    retry: 'new-key',
  },
  'deposit-failed': {
    status: 422,
    title: 'The deposit failed',
    advice:
      'The gateway did not carry it out, and nothing was added to the wallet. `payment_id` names the payment, which says why. To try again, use a new key.',
    retry: 'new-key',
  },
  'same-currency': {
    status: 422,
    title: 'There is nothing to convert',
    advice: 'Name two different currencies. Nothing was done.',
    retry: 'never',
  },
  'conversion-not-funded': {
    status: 422,
    title: 'The wallet does not hold enough to convert',
    advice:
      'The amount must be available when the quote is taken. Nothing was done, and the quote can still be taken until it expires; if the request had a key, use a new one.',
    retry: 'new-key',
  },
  'conversion-too-small': {
    status: 422,
    title: 'The amount is worth nothing in the other currency',
    advice: 'It comes to less than one minor unit. Convert more. Nothing was done.',
    retry: 'never',
  },
  'conversion-too-large': {
    status: 422,
    title: 'The amount is too large to convert',
    advice:
      'In one of the two currencies it comes to more than one amount may be. Convert less. Nothing was done.',
    retry: 'never',
  },
  'refund-exceeds-deposit': {
    status: 422,
    title: 'The refund is more than what is left of the deposit',
    advice:
      'All refunds of a deposit together, including those in progress, cannot exceed the deposit. `left` says how much can still be refunded. Nothing was done. If the refund had a key, use a new one to try again.',
    retry: 'new-key',
  },
  'hold-not-funded': {
    status: 422,
    title: 'The wallet does not have that much available',
    advice:
      'No more can be held than the wallet has available. Nothing was done. The order can be held once there is enough; if the request had a key, use a new one.',
    retry: 'new-key',
  },
  'capture-exceeds-hold': {
    status: 422,
    title: 'More than what is still held',
    advice:
      'All captures of a hold together take no more than it. `hold` says what remains, which never grows: capture less. Nothing was done. If the request had a key, use a new one for the smaller amount.',
    retry: 'never',
  },
  'transfer-not-funded': {
    status: 422,
    title: 'The wallet does not hold enough for this transfer',
    advice:
      'What withdrawals and refunds in progress hold cannot be transferred. `available` says how much can. Nothing was done. If the transfer had a key, use a new one to try again.',
    retry: 'new-key',
  },
  'redrive-not-funded': {
    status: 422,
    title: 'The wallet does not hold enough for a redrive',
    advice:
      'The new payment that a redrive makes must hold its amount and fee again. Nothing was done, and the dead letter stays open: redrive it once the wallet holds enough.',
    retry: 'same-key',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'This key was used for a different request',
    advice: 'A key belongs to one request forever. Use a new key for a new request. Nothing was done.',
    retry: 'new-key',
  },
  'headers-too-large': {
    status: 431,
    title: 'The headers are too large',
    advice: 'Send less than 16 KB of headers. Nothing was done.',
    retry: 'never',
  },
  'search-too-wide': {
    status: 422,
    title: 'The search covers too many payments',
    advice: 'The search found nothing within its time limit. Narrow it by giving the user, too.',
    retry: 'never',
  },
  internal: {
    status: 500,
    title: 'The server failed unexpectedly',
    advice:
      'The outcome is not known. With a key, send the same request again; without one, first read the payment or other resource that the request was about.',
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
    title: 'The server is overloaded',
    advice: 'Nothing was done. Send the same request again after the time in Retry-After.',
    retry: 'same-key',
    retryAfterSeconds: 1,
  },
  'wallet-busy': {
    status: 503,
    title: 'The wallet is in use',
    advice:
      'Something else has kept the wallet, or a hold or quote that the request names, locked for too long. Nothing was done. Send the same request again after the time in Retry-After.',
    retry: 'same-key',
    retryAfterSeconds: 1,
  },
  'integrity-violated': {
    status: 503,
    title: 'The ledger is not sound',
    advice:
      'A check found a violation that an operator must deal with; until then no money moves. Nothing was done. Send the same request again after the time in Retry-After.',
    retry: 'same-key',
    // A person has to act first, so an earlier retry is useless.
    retryAfterSeconds: 30,
  },
  'list-too-slow': {
    status: 503,
    title: 'The list took too long',
    advice:
      'Lists have a short time limit, so that they never hold up payments. Narrow the list by a parameter that the detail names, or ask again after the time in Retry-After.',
    retry: 'same-key',
    retryAfterSeconds: 1,
  },
  'write-outcome-unknown': {
    status: 503,
    title: 'It is not known whether this was done',
    advice:
      'The connection to the database was lost during a write, or the request took too long. With a key, send the same request again: it executes at most once. Without one, first read the payment or other resource that the request was about.',
    retry: 'same-key',
    retryAfterSeconds: 1,
  },
  'accept-outcome-unknown': {
    status: 503,
    title: 'It is not known whether the payment was accepted',
    advice:
      "The connection to the database was lost during a write. With a key, send the same request again: it executes at most once. Without one, look at the user's payments first.",
    retry: 'same-key',
    retryAfterSeconds: 1,
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEMS;
export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];
export function problemKind(code: ProblemCode): ProblemKind {
  return PROBLEMS[code];
}
