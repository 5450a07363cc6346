import type { ProblemCode } from '../api/problems/problem-catalogue.ts';

/** Problems that the console never causes: only programs that send payments, callbacks or hand-written requests meet them. */
type MetByPrograms =
  | 'malformed-request'
  | 'idempotency-key-required'
  | 'idempotency-key-malformed'
  | 'user-header-malformed'
  | 'deposit-failed'
  | 'signature-invalid'
  | 'callbacks-not-configured'
  | 'method-not-allowed'
  | 'not-acceptable'
  | 'events-dropped'
  | 'events-lost'
  | 'body-too-large'
  | 'unsupported-media-type'
  | 'expectation-failed'
  | 'headers-too-large';

/** What happened, and what a person can do. `isDetailed`: prefer the API's own detail to `what`, because it has names and numbers. */
interface Explanation {
  readonly what: string;
  readonly todo: string;
  readonly isDetailed?: true;
}

const NOTHING_DONE = 'Nothing was changed.';
const LOST_IN_WRITING: Explanation = {
  what: 'The database was lost, or too slow, during a write. It is not known whether this was done.',
  todo: 'Look at the payment or the list before you try again.',
};
const EXPLANATIONS: Readonly<Record<Exclude<ProblemCode, MetByPrograms>, Explanation>> = {
  'operator-token-required': {
    what: 'You are not logged in, or the token is wrong.',
    todo: 'Log in with the operator token.',
  },
  'operator-loopback-only': {
    what: 'Without an operator token, the console works only on the machine that runs the API.',
    todo: 'Open it there, or ask whoever runs the service to set OPERATOR_TOKEN.',
  },
  'operator-cross-site': {
    what: 'This page was opened under a name that the API does not trust.',
    todo: 'Open the console as localhost, on the machine that runs the API.',
  },
  'operator-port-only': {
    what: 'Operators have a separate address, and this is not it.',
    todo: 'Ask whoever runs the service where the console is.',
  },
  'cross-site': {
    what: 'This page was opened under a name that the API does not trust.',
    todo: 'Ask whoever runs the service to add the name to API_ALLOWED_HOSTS.',
  },
  'host-not-allowed': {
    what: 'This page was opened under a name that the API does not trust.',
    todo: 'Ask whoever runs the service to add the name to API_ALLOWED_HOSTS.',
  },
  'not-found': {
    what: 'The API does not know this address.',
    todo: 'Reload the page: the console may be older than the API.',
  },
  'user-not-found': { what: 'There is no such user.', todo: 'Check the user ID.', isDetailed: true },
  'no-such-wallet': {
    what: 'There is no such wallet.',
    todo: 'Check the user ID and the currency.',
    isDetailed: true,
  },
  'wallet-frozen': {
    what: `The wallet is frozen. ${NOTHING_DONE}`,
    todo: 'Look at the wallet to see who froze it and why.',
    isDetailed: true,
  },
  'wallet-closed': {
    what: `The wallet is closed, and stays closed. ${NOTHING_DONE}`,
    todo: 'Use another wallet.',
    isDetailed: true,
  },
  'wallet-not-empty': {
    what: `The wallet is not empty yet, or something of it is still open. ${NOTHING_DONE}`,
    todo: 'Close it once nothing is left in it and nothing is on its way.',
    isDetailed: true,
  },
  'wallet-name-taken': {
    what: `The user has a wallet of this name. ${NOTHING_DONE}`,
    todo: 'Choose another name.',
    isDetailed: true,
  },
  'transfer-not-found': { what: 'There is no such transfer.', todo: 'Check the transfer ID.' },
  'transfer-not-funded': {
    what: `The wallet does not hold enough to give. ${NOTHING_DONE}`,
    todo: 'Look at the wallet, and transfer what is available.',
    isDetailed: true,
  },
  'payment-not-found': { what: 'There is no such payment.', todo: 'Check the payment ID.', isDetailed: true },
  'quote-not-found': { what: 'There is no such quote.', todo: 'Ask for another one.', isDetailed: true },
  'conversion-not-found': { what: 'There is no such conversion.', todo: 'Check the ID.', isDetailed: true },
  'quote-used': { what: 'This quote was used before.', todo: 'Ask for another one.', isDetailed: true },
  'quote-expired': { what: 'This quote has expired.', todo: 'Ask for another one.', isDetailed: true },
  'conversion-not-funded': {
    what: 'The wallet does not hold enough for this conversion.',
    todo: 'Convert less.',
    isDetailed: true,
  },
  'position-limit-reached': {
    what: 'No more is converted this way for now: what is owned or owed of a currency is at its limit.',
    todo: 'Convert less, or later.',
    isDetailed: true,
  },
  'rate-not-found': {
    what: 'There is no such exchange rate. Its source may have named another one since.',
    todo: 'List the rates again.',
    isDetailed: true,
  },
  'rate-not-held': {
    what: 'Somebody has decided about this exchange rate already.',
    todo: 'Look at the rates again.',
    isDetailed: true,
  },
  'fee-not-found': {
    what: 'There is no such fee.',
    todo: 'List the fees again.',
    isDetailed: true,
  },
  'fee-ended': {
    what: 'This fee ended before, or another one has taken its place.',
    todo: 'List the fees again.',
    isDetailed: true,
  },
  'rate-unknown': {
    what: 'There is no exchange rate for these currencies.',
    todo: 'Check what the source of rates names.',
    isDetailed: true,
  },
  'rate-stale': {
    what: 'The exchange rate is too old to be used.',
    todo: 'Wait for a newer one, or look at the source.',
    isDetailed: true,
  },
  'rate-held': {
    what: 'The exchange rate has jumped and is held.',
    todo: 'Approve it if it is true.',
    isDetailed: true,
  },
  'too-many-quotes': {
    what: 'The user has too many open quotes.',
    todo: 'Wait until one expires.',
    isDetailed: true,
  },
  'same-currency': { what: 'The two currencies are the same.', todo: 'Choose another one.' },
  'conversion-too-small': {
    what: 'The amount is worth less than the smallest amount of the other currency.',
    todo: 'Convert more.',
    isDetailed: true,
  },
  'conversion-too-large': {
    what: 'The amount is too large to be converted at once.',
    todo: 'Convert less.',
    isDetailed: true,
  },
  'dead-letter-not-found': {
    what: 'There is no such dead letter.',
    todo: 'Reload the list.',
    isDetailed: true,
  },
  'exception-not-found': { what: 'There is no such difference.', todo: 'Reload the list.' },
  'report-not-found': { what: 'There is no such report.', todo: 'Reload the list.' },
  'bulk-redrive-not-found': {
    what: 'There is no such bulk redrive.',
    todo: 'Reload the list.',
    isDetailed: true,
  },
  'violation-not-found': { what: 'There is no such violation.', todo: 'Reload the list.' },
  'request-timeout': { what: `The request did not arrive in time. ${NOTHING_DONE}`, todo: 'Try again.' },
  'wallet-not-found': {
    what: `The user has no such wallet. ${NOTHING_DONE}`,
    todo: 'Check the user and the wallet, or open a wallet in this currency first.',
  },
  'dead-letter-handled': {
    what: `Somebody has already handled this dead letter. ${NOTHING_DONE}`,
    todo: 'Reload the list to see what was done.',
  },
  'bulk-redrive-ended': {
    what: `This bulk redrive has already ended or changed. ${NOTHING_DONE}`,
    todo: 'Look at its progress.',
  },
  'exception-not-postable': {
    what: `This difference cannot be posted to suspense. ${NOTHING_DONE}`,
    todo: 'Find out what really happened, and close the difference with a reason.',
    isDetailed: true,
  },
  'exception-closed': {
    what: `Somebody has already closed this difference. ${NOTHING_DONE}`,
    todo: 'Show closed differences to see who and why.',
  },
  'violation-closed': {
    what: `This violation is no longer open. ${NOTHING_DONE}`,
    todo: 'Show all violations to see what became of it.',
  },
  'outcome-unknown': {
    what: `The outcome of this payment is unknown: the money may have moved, so it cannot be discarded. ${NOTHING_DONE}`,
    todo: 'Open the payment, and resolve it once you know what happened.',
  },
  'payment-resolved': {
    what: `Somebody has already resolved this payment. ${NOTHING_DONE}`,
    todo: 'Open the payment to see who and why.',
    isDetailed: true,
  },
  'payment-not-unknown': {
    what: `The outcome of this payment is no longer unknown, or the payment is back in the queue. ${NOTHING_DONE}`,
    todo: 'Open the payment to see where it stands.',
    isDetailed: true,
  },
  'evidence-contradicts': {
    what: `There is evidence that the money moved. ${NOTHING_DONE}`,
    todo: 'Open the payment, and find out what really happened.',
  },
  'validation-failed': {
    what: `Something you entered is not valid. ${NOTHING_DONE}`,
    todo: 'Correct it, and try again.',
  },
  'insufficient-funds': {
    what: `The wallet does not hold enough. ${NOTHING_DONE}`,
    todo: 'Redrive it once the wallet holds enough, or discard it.',
    isDetailed: true,
  },
  'payment-not-refundable': {
    what: `Only a deposit that has succeeded can be refunded. ${NOTHING_DONE}`,
    todo: 'Look at the payment.',
    isDetailed: true,
  },
  'deposit-not-settled': {
    what: `The deposit has not succeeded yet. ${NOTHING_DONE}`,
    todo: 'Look at the payment, and refund it once it has succeeded.',
  },
  'refund-exceeds-deposit': {
    what: `Other refunds have left less of the deposit than this refund needs. ${NOTHING_DONE}`,
    todo: 'Refund what is left of the deposit, or discard it.',
    isDetailed: true,
  },
  'hold-not-found': {
    what: `Nothing was held for this order. ${NOTHING_DONE}`,
    todo: 'Check the user and the id of the order.',
  },
  'hold-ended': {
    what: `What was held for this order has been captured or released, or its time is over. ${NOTHING_DONE}`,
    todo: 'Look at the hold. To hold money again, use another order.',
    isDetailed: true,
  },
  'order-held-differently': {
    what: `Another amount, or money of another wallet, was held for this order before. ${NOTHING_DONE}`,
    todo: 'Ask for the same amount of the same wallet, or use another order.',
    isDetailed: true,
  },
  'hold-not-funded': {
    what: `The wallet does not have enough available to hold so much. ${NOTHING_DONE}`,
    todo: 'Hold less, or wait until there is more in the wallet.',
    isDetailed: true,
  },
  'capture-exceeds-hold': {
    what: `Less than this is still held for the order. ${NOTHING_DONE}`,
    todo: 'Capture what is left, or less.',
    isDetailed: true,
  },
  'redrive-not-funded': {
    what: `The wallet does not hold enough for another attempt. ${NOTHING_DONE}`,
    todo: 'Redrive it once the wallet holds enough, or discard it.',
    isDetailed: true,
  },
  'list-too-slow': {
    what: 'The list took too long and was stopped.',
    todo: 'Narrow it, for example by the user ID, or try again in a moment.',
  },
  'search-too-wide': {
    what: 'The search took too long and was stopped.',
    todo: 'Enter the user ID too, and search again.',
  },
  internal: {
    what: 'Something went wrong in the API. It is not known whether anything was changed.',
    todo: 'Look at the payment or the list before you try again, and look in the log of the API.',
  },
  'database-unavailable': {
    what: `The API cannot reach its database, or the database is too slow. ${NOTHING_DONE}`,
    todo: 'Wait a moment, and try again.',
  },
  overloaded: {
    what: `The API has more requests than it can handle. ${NOTHING_DONE}`,
    todo: 'Try again in a few seconds.',
  },
  'wallet-busy': {
    what: `Another change is using this wallet. ${NOTHING_DONE}`,
    todo: 'Try again in a few seconds.',
  },
  'integrity-violated': {
    what: `No money moves while the ledger has an open violation. ${NOTHING_DONE}`,
    todo: 'Look at the violations on the Integrity page first.',
  },
  'idempotency-key-reused': {
    what: 'A different version of this was sent before, and the console does not know its result.',
    todo: 'Cancel, and check what was started before you start another.',
  },
  'idempotency-key-in-use': {
    what: 'This was sent before, and is still in progress.',
    todo: 'Wait a moment, and try again.',
  },
  'idempotency-key-expired': {
    what: 'This was done before, long ago.',
    todo: 'Cancel, and check its result.',
  },
  'accept-outcome-unknown': LOST_IN_WRITING,
  'write-outcome-unknown': LOST_IN_WRITING,
};

/**
 * Explains a problem of the API to a person: what happened, and what to do. The API's own texts are for developers.
 * @param detail what the API says about this particular case.
 */
export function explainProblem(code: string, detail?: string): string {
  if (!Object.hasOwn(EXPLANATIONS, code))
    return 'The API did not understand the console. Nothing was changed. Reload the page, and try again.';
  const { what, todo, isDetailed } = EXPLANATIONS[code as keyof typeof EXPLANATIONS];
  const isForPeople = isDetailed && detail && !detail.includes('`');
  return `${isForPeople ? detail : what} ${todo}`;
}
