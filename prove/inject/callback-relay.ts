import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { API_NAMES } from '../plan/members.ts';
import { createRandom } from '../plan/random.ts';
import type { Fleet } from '../processes/fleet.ts';
import type { Tally } from '../processes/tally.ts';
import type { TakenCallback } from '../world/world.ts';

const TIMEOUT_MS = 5000;
const MAX_BODY_BYTES = 65_536;

export interface CallbackRelay {
  /** Where the gateway sends its callbacks. */
  readonly url: string;
  /** Callbacks go to these APIs from now on; until then they are answered 503. */
  connect(fleet: Pick<Fleet, 'originOf'>): void;
  /** The callbacks that were answered 2xx until now: whatever the APIs make of them, they have promised to keep them. */
  takenCallbacks(): readonly TakenCallback[];
  stop(): Promise<void>;
}

/**
 * Passes callbacks of the gateway to one API or the other, byte for byte, as a load balancer does: the APIs have other ports
 * after each crash. What cannot be delivered is answered 503, and the gateway sends it again.
 */
export async function startCallbackRelay({
  seed,
  tally,
}: {
  readonly seed: number;
  readonly tally: Tally;
}): Promise<CallbackRelay> {
  const random = createRandom(seed, 'callbacks');
  let fleet: Pick<Fleet, 'originOf'> | undefined;
  const taken: TakenCallback[] = [];

  async function pass(request: IncomingMessage): Promise<number> {
    const body = await readBody(request);
    const origin = fleet?.originOf(random.pick(API_NAMES));
    if (!origin) return 503;
    const signature = request.headers['tollgate-signature'];
    const response = await fetch(origin + request.url, {
      method: 'POST',
      headers: {
        'content-type': request.headers['content-type'] ?? 'application/json',
        ...(typeof signature === 'string' ? { 'tollgate-signature': signature } : {}),
      },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (response.ok) taken.push({ ...readCallback(body), answeredAt: new Date() });
    return response.status;
  }

  const server = createServer((request, response) => {
    void pass(request)
      .catch(() => 503)
      .then((status) => {
        tally.count(status < 300 ? 'callback delivered' : 'callback turned away');
        response.writeHead(status).end();
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/gateway/callbacks`,
    connect(given) {
      fleet = given;
    },
    takenCallbacks: () => [...taken],
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function readCallback(body: string): Omit<TakenCallback, 'answeredAt'> {
  const { event_id, reference, status } = JSON.parse(body);
  return { eventId: String(event_id), reference: String(reference), status: String(status) };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    size += (piece as Buffer).length;
    if (size > MAX_BODY_BYTES) throw new Error('the callback is too long');
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces).toString('utf8');
}
