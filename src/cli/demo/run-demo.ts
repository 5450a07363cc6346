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
  /** undefined to run until it is interrupted. */
  readonly durationMs: number | undefined;
  readonly userCount: number;
  readonly signal: AbortSignal;
  readonly onProgress: (tally: DemoTally) => void;
}

export interface DemoTally {
  sent: number;
  accepted: number;
  replayed: number;
  /** Withdrawals that were refused because the wallet did not hold enough. */
  refused: number;
  /** Answers that ask the client to retry later, and requests without an answer. */
  failed: number;
}

const TIMEOUT_MS = 15_000;
/** If the API is slower than the rate, requests are skipped, not piled up. */
const MOST_IN_FLIGHT = 200;
const REMEMBERED = 200;
const PROGRESS_MS = 1000;

/**
 * Sends a steady trickle of deposits, withdrawals, replays, and withdrawals that no wallet can cover.
 * @throws StartError if no API answers at the address, or if it refuses to create users.
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
        `No API answers at ${apiUrl}. Start the stack with npm start, or give another URL with --url.`,
        {
          cause: error,
        },
      );
    });
    const text = await response.text();
    if (response.status !== 201)
      throw new StartError(
        `The API at ${apiUrl} refused to create a user (${response.status}): ${cutText(text, 300)}`,
      );
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
    // The demo continues while processes are killed and restarted: people run it to see exactly that.
    return 'failed';
  }
}

function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Pick<Response, 'status' | 'ok' | 'headers' | 'text' | 'arrayBuffer'>> {
  // An API elsewhere may be behind a proxy; one on this machine is not.
  const ask = isLoopbackHost(new URL(url).hostname) ? fetchDirectly : fetch;
  return ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}
