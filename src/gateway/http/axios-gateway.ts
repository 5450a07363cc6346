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
  /** For example `http://localhost:8001/mock-gateway`, without a trailing slash, a user, or a query. */
  readonly baseUrl: string;
  /** The query of every URL, for example `?key=abc`. */
  readonly query?: string;
  /** Sent with each request, besides those that the protocol needs. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: GatewayTls;
  /** How long one call may take, from requesting a connection to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Connections for sends, and as many again for inquiries, so that a wave of inquiries never delays a payment. */
  readonly maxConnections: number;
  /** How often an inquiry without an answer is repeated at once; 0 if calls are limited. Default 2. */
  readonly inquiryRetries?: number;
  /** How the gateway phrases its answers; by default the contract of docs/gateway.md. */
  readonly mapping?: AnswerMapping;
  readonly onCall?: (call: GatewayCall) => void;
  /** Sends the requests instead of the undici pool. */
  readonly adapter?: AxiosRequestConfig['adapter'];
}

/** Answers are a few hundred bytes; a much larger one is not from the gateway. */
const MAX_ANSWER_BYTES = 65_536;
/** Shorter than the 5 s after which common servers drop idle connections: a send on a dropped connection has an unknown outcome. */
const IDLE_CONNECTION_MS = 4000;
/** An inquiry moves no money, so it may be repeated at once. */
const INQUIRY_RETRIES = 2;
const INQUIRY_PAUSES = { baseMs: 20, maxMs: 1000, jitter: jitterByShare(1) };

/** The gateway over HTTP. It never throws because of the network or the gateway. */
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
      // Out of retries or out of time: the last answer stands.
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
    // axios's own timeout does not cover the whole call: neither the wait for a connection nor a body that arrives slowly.
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
    // axios would offer gzip even though it is told not to decompress.
    headers: { ...headers, accept: 'application/json', 'accept-encoding': 'identity' },
    decompress: false,
    // Never follow a redirect of a payment: the answer would be about another request.
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
    // Only for refunds.
    ...(refundOfReference ? { refund_of: refundOfReference } : {}),
  };
}

/**
 * Asking again at once is useless if the gateway is working on the payment, or turns calls away at the door. And a claim of success must be
 * kept: the next answer would replace it.
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

/** axios wraps the system's error; a host with several addresses fails with one error that contains one for each address. */
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
