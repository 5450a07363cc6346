import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosInstance } from 'axios';
import pRetry from 'p-retry';
import { amountToJson } from '../shared/money.ts';
import {
  classifyCallError,
  classifyInquiryAnswer,
  classifyPayAnswer,
  type GatewayAnswer,
} from './classify-outcome.ts';
import type { InquiryOutcome, PaymentGateway, PaymentInstruction, PayOutcome } from './payment-gateway.ts';

/** One call that ended, for metrics. */
export interface GatewayCall {
  readonly operation: 'pay' | 'inquire';
  readonly outcome: (PayOutcome | InquiryOutcome)['kind'];
  readonly errorClass: string | null;
  readonly durationMs: number;
}

export interface AxiosGatewayOptions {
  /** For example `http://localhost:8001/mock-gateway`, without a slash at its end. */
  readonly baseUrl: string;
  /** How long one call may take from its first byte to the last one of the answer. */
  readonly timeoutMs: number;
  readonly maxConnections: number;
  readonly onCall?: (call: GatewayCall) => void;
}

/** Answers are a few hundred bytes; one that is much larger is not the gateway's. */
const MAX_ANSWER_BYTES = 65_536;
/** A question moves nothing, so it may be asked again at once. */
const INQUIRY_RETRIES = 2;

/** An inquiry that may be asked again; carries the outcome in case it was the last one. */
class InquiryUnanswered extends Error {
  readonly outcome: InquiryOutcome;
  constructor(outcome: InquiryOutcome) {
    super('the gateway did not answer the inquiry');
    this.outcome = outcome;
  }
}

/** The gateway over HTTP. Never throws for what the network or the gateway does. */
export function createAxiosGateway(options: AxiosGatewayOptions): PaymentGateway {
  const agentOptions = { keepAlive: true, maxSockets: options.maxConnections, scheduling: 'lifo' as const };
  const httpAgent = new HttpAgent(agentOptions);
  const httpsAgent = new HttpsAgent(agentOptions);
  const client = axios.create({
    baseURL: options.baseUrl,
    httpAgent,
    httpsAgent,
    // A redirect of a payment is never followed: the answer to it would speak of another request.
    maxRedirects: 0,
    decompress: false,
    proxy: false,
    maxContentLength: MAX_ANSWER_BYTES,
    responseType: 'text',
    transformResponse: (text: unknown) => text,
    validateStatus: () => true,
  });

  async function payOnce(instruction: PaymentInstruction, signal: AbortSignal): Promise<PayOutcome> {
    try {
      const answer = await call(client, {
        method: 'post',
        url: '/pay',
        headers: { 'idempotency-key': instruction.reference, 'content-type': 'application/json' },
        data: JSON.stringify(bodyOf(instruction)),
        signal,
      });
      return classifyPayAnswer(answer, Date.now());
    } catch (error) {
      return classifyCallError(codeOf(error));
    }
  }

  async function inquireOnce(reference: string, signal: AbortSignal): Promise<InquiryOutcome> {
    try {
      const answer = await call(client, {
        method: 'get',
        url: `/pay/${encodeURIComponent(reference)}`,
        signal,
      });
      return classifyInquiryAnswer(answer);
    } catch (error) {
      const { errorClass, message, httpStatus } = classifyCallError(codeOf(error));
      return { kind: 'unknown', errorClass, message, httpStatus };
    }
  }

  async function inquireWithRetries(reference: string, signal: AbortSignal): Promise<InquiryOutcome> {
    try {
      return await pRetry(
        async () => {
          const outcome = await inquireOnce(reference, signal);
          if (outcome.kind === 'unknown' && outcome.errorClass !== 'pending' && !signal.aborted) {
            throw new InquiryUnanswered(outcome);
          }
          return outcome;
        },
        { retries: INQUIRY_RETRIES, minTimeout: 20, factor: 2, randomize: true },
      );
    } catch (error) {
      if (error instanceof InquiryUnanswered) return error.outcome;
      throw error;
    }
  }

  async function timed<Outcome extends PayOutcome | InquiryOutcome>(
    operation: GatewayCall['operation'],
    outer: AbortSignal | undefined,
    send: (signal: AbortSignal) => Promise<Outcome>,
  ): Promise<Outcome> {
    // axios's own timeout covers less than the whole call: not the connection, and not a body that trickles in.
    const deadline = AbortSignal.timeout(options.timeoutMs);
    const startedAt = performance.now();
    const outcome = await send(outer ? AbortSignal.any([deadline, outer]) : deadline);
    options.onCall?.({
      operation,
      outcome: outcome.kind,
      errorClass: 'errorClass' in outcome ? outcome.errorClass : null,
      durationMs: performance.now() - startedAt,
    });
    return outcome;
  }

  return {
    pay: (instruction, signal) => timed('pay', signal, (both) => payOnce(instruction, both)),
    inquire: (reference, signal) => timed('inquire', signal, (both) => inquireWithRetries(reference, both)),
    close() {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

async function call(
  client: AxiosInstance,
  request: Parameters<AxiosInstance['request']>[0],
): Promise<GatewayAnswer> {
  const response = await client.request<string>(request);
  const retryAfter = response.headers['retry-after'];
  return {
    httpStatus: response.status,
    body: parseJson(response.data),
    retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
  };
}

function bodyOf({ paymentId, userId, amountMinor, commissionMinor, currency, type }: PaymentInstruction) {
  return {
    payment_id: Number(paymentId),
    user_id: Number(userId),
    amount: amountToJson(amountMinor, currency),
    commission: amountToJson(commissionMinor, currency),
    type,
    currency,
  };
}

function parseJson(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  // A host with several addresses fails as one error for all of them; the refusal of each is a refusal of all.
  return typeof error.code === 'string' ? error.code : undefined;
}
