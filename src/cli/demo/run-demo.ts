import { randomUUID } from 'node:crypto';
import { sleep } from '../../background/sleep.ts';
import { fetchDirectly } from '../../http/fetch-directly.ts';
import { isLoopbackHost } from '../../http/loopback.ts';
import { StartError } from '../../process/lifecycle.ts';
import { cutText } from '../../text/text.ts';
import { type DemoRequest, drawRequest } from './draw-request.ts';

export interface DemoOptions {
  /** For example `http://127.0.0.1:8000`. */
  readonly apiUrl: string;
  readonly perSecond: number;
  /** undefined: until it is interrupted. */
  readonly durationMs: number | undefined;
  readonly userCount: number;
  readonly signal: AbortSignal;
  readonly onProgress: (tally: DemoTally) => void;
}

export interface DemoTally {
  sent: number;
  accepted: number;
  replayed: number;
  /** Withdrawals that the wallet did not hold enough for. */
  refused: number;
  /** Answers that ask to come again later, and requests without an answer. */
  failed: number;
}

const TIMEOUT_MS = 15_000;
/** When the API is slower than the rate, requests are left out and not piled up. */
const MOST_IN_FLIGHT = 200;
const REMEMBERED = 200;
const PROGRESS_MS = 1000;

/**
 * Sends a steady trickle of deposits, withdrawals, replays and withdrawals that nobody can pay.
 * @throws StartError when there is no API at the address, or it takes no users.
 */
export async function runDemo(options: DemoOptions): Promise<DemoTally> {
  const { apiUrl, perSecond, durationMs, userCount, signal, onProgress } = options;
  const { userIds, currency } = await createUsers(apiUrl, userCount);
  const tally: DemoTally = { sent: 0, accepted: 0, replayed: 0, refused: 0, failed: 0 };
  const earlier: DemoRequest[] = [];
  const inFlight = new Set<Promise<void>>();
  const startedAt = performance.now();
  const endsAt = startedAt + (durationMs ?? Number.POSITIVE_INFINITY);
  let shownAt = startedAt;

  for (let next = startedAt; next < endsAt && !signal.aborted; next += 1000 / perSecond) {
    const waitMs = next - performance.now();
    if (waitMs > 0) await sleep(waitMs, { signal });
    if (signal.aborted) break;
    if (performance.now() - shownAt >= PROGRESS_MS) {
      shownAt = performance.now();
      onProgress(tally);
    }
    if (inFlight.size >= MOST_IN_FLIGHT) {
      await Promise.race(inFlight);
      next = performance.now();
    }
    const request = drawRequest({ draw: Math.random, userIds, currency, key: randomUUID(), earlier });
    tally.sent += 1;
    const sending = send(apiUrl, request).then((answer) => {
      tally[answer] += 1;
      if (answer === 'accepted') earlier.push(request);
      if (earlier.length > REMEMBERED) earlier.shift();
    });
    inFlight.add(sending);
    void sending.finally(() => inFlight.delete(sending));
  }
  await Promise.all(inFlight);
  return tally;
}

async function createUsers(
  apiUrl: string,
  count: number,
): Promise<{ readonly userIds: readonly number[]; readonly currency: string }> {
  const userIds: number[] = [];
  let currency = '';
  for (let made = 0; made < count; made += 1) {
    const response = await post(`${apiUrl}/api/v1/users/`, { balance: 1000 }).catch((error: unknown) => {
      throw new StartError(
        `No API answers at ${apiUrl}. Start the stack with npm start, or name another one with --url.`,
        {
          cause: error,
        },
      );
    });
    const text = await response.text();
    if (response.status !== 201)
      throw new StartError(`The API at ${apiUrl} takes no users (${response.status}): ${cutText(text, 300)}`);
    const user = JSON.parse(text);
    userIds.push(user.id);
    currency = user.currency;
  }
  return { userIds, currency };
}

async function send(
  apiUrl: string,
  { path, key, body }: DemoRequest,
): Promise<Exclude<keyof DemoTally, 'sent'>> {
  try {
    const response = await post(`${apiUrl}/api/v1/payments/${path}`, body, { 'Idempotency-Key': key });
    await response.arrayBuffer();
    if (response.headers.get('idempotency-replayed') === 'true') return 'replayed';
    if (response.ok) return 'accepted';
    return response.status === 422 ? 'refused' : 'failed';
  } catch {
    // The demo goes on while processes are killed and started: that is what one wants to see.
    return 'failed';
  }
}

function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Pick<Response, 'status' | 'ok' | 'headers' | 'text' | 'arrayBuffer'>> {
  // An API elsewhere may well lie behind a proxy; one on this machine does not.
  const ask = isLoopbackHost(new URL(url).hostname) ? fetchDirectly : fetch;
  return ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}
