import { type ProblemCode, problemKind } from '../problems/problem-catalogue.ts';
import type { DescribedAnswer } from '../server/operation.ts';
import { LOCATION, REPLAYED } from './keyed-answers.ts';

const THE_WALLET = { description: 'The wallet that it is about.', example: '/api/v1/wallets/10' };

/** The headers that problems come with, besides how long to wait. */
const PROBLEM_HEADERS: Readonly<Partial<Record<ProblemCode, DescribedAnswer['headers']>>> = {
  'unsupported-media-type': {
    Accept: {
      description: 'The media type to send, if the one sent was not supported.',
      example: 'application/json',
      isOptional: true,
    },
    'Accept-Encoding': {
      description: 'The encoding to send, if the one sent was not supported.',
      example: 'identity',
      isOptional: true,
    },
  },
  'method-not-allowed': {
    Allow: { description: 'The methods that this path supports.', example: 'GET, HEAD' },
  },
  'operator-token-required': {
    'WWW-Authenticate': { description: 'How to authenticate.', example: 'Bearer' },
  },
  'idempotency-key-expired': {
    Location: {
      ...LOCATION,
      description: 'The path of what the request made or was about, unless it was refused and made nothing.',
      isOptional: true,
    },
  },
  'hold-not-funded': { 'Idempotency-Replayed': REPLAYED },
  'hold-ended': { Location: LOCATION, 'Idempotency-Replayed': REPLAYED },
  'order-held-differently': { Location: LOCATION, 'Idempotency-Replayed': REPLAYED },
  'capture-exceeds-hold': { Location: LOCATION, 'Idempotency-Replayed': REPLAYED },
  'conversion-not-funded': { 'Idempotency-Replayed': REPLAYED },
  'position-limit-reached': { 'Idempotency-Replayed': REPLAYED },
  'quote-used': { 'Idempotency-Replayed': REPLAYED },
  'quote-expired': { 'Idempotency-Replayed': REPLAYED },
  'deposit-failed': { Location: LOCATION, 'Idempotency-Replayed': REPLAYED },
  'insufficient-funds': { Location: LOCATION, 'Idempotency-Replayed': REPLAYED },
  'wallet-frozen': { Location: { ...THE_WALLET, isOptional: true }, 'Idempotency-Replayed': REPLAYED },
  'wallet-closed': { Location: { ...THE_WALLET, isOptional: true }, 'Idempotency-Replayed': REPLAYED },
  'wallet-name-taken': { Location: THE_WALLET, 'Idempotency-Replayed': REPLAYED },
  'transfer-not-funded': {
    Location: { description: 'The wallet that was to give.', example: '/api/v1/wallets/10' },
    'Idempotency-Replayed': REPLAYED,
  },
};

/** The headers of a problem, with how long to wait where the catalogue says so. */
function headersOfProblem(code: ProblemCode): NonNullable<DescribedAnswer['headers']> {
  const { retryAfterSeconds } = problemKind(code);
  return {
    ...(retryAfterSeconds === undefined
      ? {}
      : { 'Retry-After': { description: 'Seconds to wait.', example: `${retryAfterSeconds}` } }),
    ...PROBLEM_HEADERS[code],
  };
}

/** A header that some of the problems lack is optional. */
export function headersOfProblems(codes: readonly ProblemCode[]): DescribedAnswer['headers'] {
  const all: NonNullable<DescribedAnswer['headers']> = Object.assign({}, ...codes.map(headersOfProblem));
  return Object.fromEntries(
    Object.entries(all).map(([name, header]) => {
      const isOptional = codes.some((code) => {
        const own = headersOfProblem(code)[name];
        return !own || own.isOptional;
      });
      return [name, { ...header, isOptional }];
    }),
  );
}
