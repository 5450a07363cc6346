import { Agent, fetch } from 'undici';
import { askAgain } from '../../src/background/ask-again.ts';
import { type Backoff, jitterByShare } from '../../src/background/backoff.ts';
import { formatAmount, parseAmount } from '../../src/money/decimal-amount.ts';
import type { ApiName } from '../plan/members.ts';
import type { Fleet } from '../processes/fleet.ts';
import type { Answer, ClientJournal, CommandAnswer, CommandIntent, Intent } from './client-journal.ts';

const CLIENT_TIMEOUT_MS = 8000;
/** Clients without success back off, or thousands of them would keep the machine busy with refusals alone. */
const RETRIES: Backoff = { baseMs: 150, maxMs: 2000, jitter: jitterByShare(0.5) };
/** A client that cannot connect waits for a free connection instead of opening another. */
const MOST_CONNECTIONS = 256;
/** Shorter than the client's time-out, so that an address that accepts no connections is given up first. */
const CONNECT_TIMEOUT_MS = 5000;
/** A 409 that will not change, however often it is asked again. */
const SETTLED_CONFLICTS: ReadonlySet<string | null> = new Set([
  'hold-ended',
  'order-held-differently',
  'quote-used',
  'quote-expired',
  'too-many-quotes',
  'wallet-not-found',
  'wallet-name-taken',
  'wallet-frozen',
  'payment-not-refundable',
  'fee-ended',
]);
const NOT_SENT = 'not sent: the API is down';

export interface ClientOptions {
  readonly fleet: Pick<Fleet, 'originOf'>;
  readonly journal: ClientJournal;
}

/** Clients as they are in real life: they send duplicates, hang up, and try the other API when they get no answer. */
export function createClient({ fleet, journal }: ClientOptions) {
  const dispatcher = new Agent({ connections: MOST_CONNECTIONS, connectTimeout: CONNECT_TIMEOUT_MS });
  let giveUpAt = Number.POSITIVE_INFINITY;

  async function send(
    intent: Intent,
    api: ApiName,
    { hangUpAfterMs = CLIENT_TIMEOUT_MS }: { readonly hangUpAfterMs?: number } = {},
  ): Promise<Answer> {
    const sentAt = new Date();
    const heard = await post(api, pathOf(intent), bodyOf(intent), { key: intent.key, hangUpAfterMs });
    const answer = { intent, api, sentAt, answeredAt: new Date(), ...heard };
    if (answer.code !== NOT_SENT) journal.record(answer);
    return answer;
  }

  async function command(
    intent: CommandIntent,
    api: ApiName,
    { hangUpAfterMs = CLIENT_TIMEOUT_MS }: { readonly hangUpAfterMs?: number } = {},
  ): Promise<CommandAnswer> {
    const sentAt = new Date();
    const heard = await post(api, intent.path, intent.body, { key: intent.key, hangUpAfterMs });
    const answer = { intent, api, sentAt, answeredAt: new Date(), ...heard };
    if (answer.code !== NOT_SENT) journal.recordCommand(answer);
    return answer;
  }

  async function post(
    api: ApiName,
    path: string,
    body: object,
    { key, hangUpAfterMs }: { readonly key: string | null; readonly hangUpAfterMs: number },
  ): Promise<Pick<Answer, 'status' | 'body' | 'isReplay' | 'code'>> {
    const origin = fleet.originOf(api);
    if (!origin) return { status: null, body: '', isReplay: false, code: NOT_SENT };
    try {
      const response = await fetch(origin + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(key === null ? {} : { 'idempotency-key': key }) },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(hangUpAfterMs),
        dispatcher,
      });
      const text = await response.text();
      const isReplay = response.headers.get('idempotency-replayed') === 'true';
      return { status: response.status, body: text, isReplay, code: codeOf(text) };
    } catch (error) {
      const isHangUp = error instanceof Error && error.name === 'TimeoutError';
      return { status: null, body: '', isReplay: false, code: isHangUp ? 'hung up' : 'connection lost' };
    }
  }

  /** Asks the two APIs in turn for as long as the answer is one to wait on, or until clients give up. */
  async function askInTurn<Heard>(
    first: ApiName,
    ask: (api: ApiName) => Promise<Heard>,
    mustWait: (heard: Heard) => boolean,
  ): Promise<Heard> {
    let api = first;
    return await askAgain(
      await ask(first),
      () => {
        api = otherThan(api);
        return ask(api);
      },
      {
        mustWait: (heard) => mustWait(heard) && performance.now() <= giveUpAt,
        pauses: RETRIES,
        forMs: Number.POSITIVE_INFINITY,
      },
    );
  }

  return {
    send,

    /** Sends a request with the same key each time, until an answer says what happened or time runs out. */
    async insist(intent: Intent, first: ApiName): Promise<Answer> {
      return await askInTurn(
        first,
        (api) => send(intent, api),
        // Without a key, a repeated request would be a second payment.
        (answer) => !isSettled(answer) && (intent.key !== null || answer.code === NOT_SENT),
      );
    },

    /** Creates a user, and tries until it works or time runs out. */
    async createUser(balanceMinor: bigint, key: string): Promise<bigint | undefined> {
      const balance = formatAmount(balanceMinor, 'USD');
      const create = (api: ApiName) =>
        post(api, '/api/v1/users/', { balance }, { key, hangUpAfterMs: CLIENT_TIMEOUT_MS });
      const answer = await askInTurn('api-1', create, (heard) => !isSuccess(heard));
      if (!isSuccess(answer)) return undefined;
      const userId = BigInt(JSON.parse(answer.body).id);
      journal.recordUser(userId, balanceMinor);
      return userId;
    },

    /** Sends a command once. */
    command,

    /** Sends a command to one API after the other until there is an answer that says what happened. */
    async insistOn(intent: CommandIntent, first: ApiName): Promise<CommandAnswer> {
      return await askInTurn(
        first,
        (api) => command(intent, api),
        (answer) => !isSettled(answer),
      );
    },

    /** From this time on, clients stop trying again. */
    giveUpAt(time: number): void {
      giveUpAt = time;
    },
  };
}

export type Client = ReturnType<typeof createClient>;

export function otherThan(api: ApiName): ApiName {
  return api === 'api-1' ? 'api-2' : 'api-1';
}

/** Whether an answer says that it was done. */
export function isSuccess({ status }: Pick<Answer, 'status'>): boolean {
  return status !== null && status >= 200 && status < 300;
}

/** Whether an answer says what became of the request; 5xx says to ask again, and so does a 409 that may change. */
export function isSettled({ status, code }: Pick<Answer, 'status' | 'code'>): boolean {
  if (status === null || status >= 500) return false;
  return ![408, 409, 429].includes(status) || SETTLED_CONFLICTS.has(code);
}

function pathOf({ type, refundOf }: Intent): string {
  return refundOf === undefined ? `/api/v1/payments/${type}` : `/api/v1/payments/${refundOf}/refunds`;
}

function bodyOf({ userId, type, amountMinor, refundOf }: Intent): object {
  const amount = formatAmount(amountMinor, 'USD');
  if (refundOf !== undefined) return { amount };
  return type === 'deposit'
    ? { user_id: Number(userId), deposit: amount }
    : { user_id: Number(userId), amount };
}

function codeOf(text: string): string | null {
  return /"code":"([a-z-]+)"/.exec(text)?.[1] ?? null;
}

/** What the answer for an accepted payment says about it; undefined for any other answer. */
export function readAcceptance(answer: Pick<Answer, 'status' | 'body'>):
  | {
      readonly paymentId: bigint;
      readonly userId: bigint;
      readonly type: string;
      readonly amountMinor: bigint;
    }
  | undefined {
  if (!isSuccess(answer)) return undefined;
  const body = JSON.parse(answer.body);
  const type = ['deposit', 'refund'].find((each) => each in body) ?? 'withdraw';
  const amount = parseAmount(String(body[type]), 'USD');
  return {
    paymentId: BigInt(body.payment_id),
    userId: BigInt(body.user_id),
    type,
    amountMinor: amount.kind === 'amount' ? amount.amountMinor : -1n,
  };
}
