import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { jitterByShare } from '../../background/backoff.ts';
import { retry } from '../../background/retry.ts';
import { amountToJson } from '../../money/decimal-amount.ts';
import { type AnswerMapping, CONTRACT_MAPPING } from '../../process/settings/gateway-answer-mapping.ts';
import { classifyInquiryAnswer, classifyPayAnswer } from '../answers/classify-outcome.ts';
import { type GatewayAnswer, readBody } from '../answers/read-answer.ts';
import { claimsSuccess, isTurnedAway } from '../health/call-health.ts';
import type { GatewayTls } from '../port/gateway-access.ts';
import type {
  InquiryOutcome,
  PaymentGateway,
  PaymentInstruction,
  PayOutcome,
} from '../port/payment-gateway.ts';
import { withDeadline } from './call-deadline.ts';
import { type CallFault, classifyCallError } from './classify-call-error.ts';
import { createUndiciAdapter } from './undici-adapter.ts';

/** One call that ended, for metrics. */
export interface GatewayCall {
  readonly operation: 'pay' | 'inquire';
  readonly outcome: (PayOutcome | InquiryOutcome)['kind'];
  readonly errorClass: string | null;
  readonly durationMs: number;
}

export interface AxiosGatewayOptions {
  /** For example `http://localhost:8001/mock-gateway`, without a slash at its end, a user, or a query. */
  readonly baseUrl: string;
  /** What every address ends with, for example `?key=abc`. */
  readonly query?: string;
  /** For each request, beside those that the protocol needs. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: GatewayTls;
  /** How long one call may take, from asking for a connection to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Connections for sends, and as many again for inquiries, so that a wave of questions never delays a payment. */
  readonly maxConnections: number;
  /** How often a question without an answer is asked again at once; 0 where each call is counted. Default 2. */
  readonly inquiryRetries?: number;
  /** Where the gateway puts its words, and which they are; the contract of docs/gateway.md by default. */
  readonly mapping?: AnswerMapping;
  readonly onCall?: (call: GatewayCall) => void;
  /** Carries the requests in place of the undici pool. */
  readonly adapter?: AxiosRequestConfig['adapter'];
}

/** Answers are a few hundred bytes; one that is much larger is not the gateway's. */
const MAX_ANSWER_BYTES = 65_536;
/** Shorter than the 5 s after which common servers drop an idle connection: a send that meets the drop has an unknown outcome. */
const IDLE_CONNECTION_MS = 4000;
/** A question moves nothing, so it may be asked again at once. */
const INQUIRY_RETRIES = 2;
const INQUIRY_PAUSES = { baseMs: 20, maxMs: 1000, jitter: jitterByShare(1) };

/** The gateway over HTTP. Never throws for what the network or the gateway does. */
export function createAxiosGateway(options: AxiosGatewayOptions): PaymentGateway {
  const { mapping = CONTRACT_MAPPING, query = '' } = options;
  const sends = createClient(options);
  const inquiries = createClient(options);

  async function inquireOnce(reference: string, signal: AbortSignal): Promise<InquiryOutcome> {
    try {
      const url = `/pay/${encodeURIComponent(reference)}${query}`;
      const answer = await call(inquiries.http, { method: 'get', url, signal });
      return classifyInquiryAnswer(answer, { reference, nowMs: Date.now(), mapping });
    } catch (error) {
      return toInquiryOutcome(error, signal);
    }
  }

  async function inquire(reference: string, signal: AbortSignal): Promise<InquiryOutcome> {
    let lastOutcome: InquiryOutcome | undefined;
    const ask = async () => {
      lastOutcome = await inquireOnce(reference, signal);
      if (isWorthAskingAgain(lastOutcome)) throw new Error('the gateway did not answer the inquiry');
      return lastOutcome;
    };
    try {
      return await retry(ask, {
        retries: options.inquiryRetries ?? INQUIRY_RETRIES,
        pauses: INQUIRY_PAUSES,
        signal,
      });
    } catch (error) {
      // Out of retries or out of time: what was heard last stands.
      return lastOutcome ?? toInquiryOutcome(error, signal);
    }
  }

  async function pay(body: string, reference: string, signal: AbortSignal): Promise<PayOutcome> {
    try {
      const headers = { 'idempotency-key': reference, 'content-type': 'application/json' };
      const answer = await call(sends.http, {
        method: 'post',
        url: `/pay${query}`,
        headers,
        data: body,
        signal,
      });
      return classifyPayAnswer(answer, { nowMs: Date.now(), mapping });
    } catch (error) {
      return classifyCallError(faultOf(error, signal));
    }
  }

  async function timed<Outcome extends PayOutcome | InquiryOutcome>(
    operation: GatewayCall['operation'],
    outer: AbortSignal | undefined,
    run: (signal: AbortSignal) => Promise<Outcome>,
  ): Promise<Outcome> {
    const startedAt = performance.now();
    // axios's own timeout covers less than the whole call: not the wait for a connection, and not a body that trickles in.
    const outcome = await withDeadline({ timeoutMs: options.timeoutMs, outer }, run);
    options.onCall?.({
      operation,
      outcome: outcome.kind,
      errorClass: 'errorClass' in outcome ? outcome.errorClass : null,
      durationMs: performance.now() - startedAt,
    });
    return outcome;
  }

  return {
    async pay(instruction, signal) {
      const body = JSON.stringify(bodyOf(instruction));
      return await timed('pay', signal, (both) => pay(body, instruction.reference, both));
    },
    inquire: (reference, signal) => timed('inquire', signal, (both) => inquire(reference, both)),
    close() {
      sends.close();
      inquiries.close();
    },
  };
}

function createClient(options: AxiosGatewayOptions) {
  const { baseUrl, headers, tls, maxConnections, timeoutMs, adapter } = options;
  const undici = createUndiciAdapter({
    baseUrl,
    maxConnections,
    connectTimeoutMs: timeoutMs,
    idleConnectionMs: IDLE_CONNECTION_MS,
    maxAnswerBytes: MAX_ANSWER_BYTES,
    ...(tls ? { tls } : {}),
  });
  const http = axios.create({
    baseURL: baseUrl,
    // axios would offer gzip even though it is told not to unpack it.
    headers: { ...headers, accept: 'application/json', 'accept-encoding': 'identity' },
    decompress: false,
    // A redirect of a payment is never followed: the answer to it would speak of another request.
    maxRedirects: 0,
    proxy: false,
    maxContentLength: MAX_ANSWER_BYTES,
    responseType: 'text',
    transformResponse: (text: unknown) => text,
    validateStatus: () => true,
    adapter: adapter ?? undici.adapter,
  });
  return { http, close: undici.close };
}

async function call(http: AxiosInstance, request: AxiosRequestConfig): Promise<GatewayAnswer> {
  const response = await http.request<unknown>(request);
  const retryAfter = response.headers['retry-after'];
  const body = readBody(response.data, response.headers['content-type']);
  return {
    httpStatus: response.status,
    body,
    unreadText: body === undefined && typeof response.data === 'string' ? response.data : undefined,
    retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
  };
}

function bodyOf({
  paymentId,
  userId,
  amountMinor,
  feeMinor,
  currency,
  direction,
  refundOfReference,
}: PaymentInstruction) {
  return {
    payment_id: Number(paymentId),
    user_id: Number(userId),
    amount: amountToJson(amountMinor, currency),
    commission: amountToJson(feeMinor, currency),
    type: direction,
    currency,
    // Left out of what is no refund.
    ...(refundOfReference ? { refund_of: refundOfReference } : {}),
  };
}

/**
 * A gateway that is at work on the payment, or turns calls away at the door, gains nothing from being asked again at once. A
 * claim of success must be kept: the next answer would take its place.
 */
function isWorthAskingAgain(outcome: InquiryOutcome): boolean {
  if (outcome.kind !== 'unknown' || claimsSuccess(outcome)) return false;
  return outcome.errorClass !== 'pending' && !isTurnedAway(outcome);
}

function toInquiryOutcome(error: unknown, signal: AbortSignal): InquiryOutcome {
  const { errorClass, message, httpStatus } = classifyCallError(faultOf(error, signal));
  return { kind: 'unknown', errorClass, message, httpStatus };
}

function faultOf(error: unknown, signal: AbortSignal): CallFault {
  if (signal.aborted) {
    const isDeadline = textOf(signal.reason, 'name') === 'TimeoutError';
    return { code: isDeadline ? 'ETIMEDOUT' : 'ERR_CANCELED', syscall: undefined };
  }
  return { code: textOf(error, 'code'), syscall: textOf(systemErrorOf(error), 'syscall') };
}

/** axios wraps the system's error; a host with several addresses fails as one error that holds one for each address. */
function systemErrorOf(error: unknown): unknown {
  const cause = fieldOf(error, 'cause') ?? error;
  const perAddress = fieldOf(cause, 'errors');
  return Array.isArray(perAddress) ? perAddress[0] : cause;
}

function textOf(value: unknown, field: string): string | undefined {
  const found = fieldOf(value, field);
  return typeof found === 'string' ? found : undefined;
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined;
}
