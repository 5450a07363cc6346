import type { TestApi } from '../support/api-server.ts';
import type { TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { PaymentWorld } from './payment-world.ts';
import { answers, createScriptedGateway } from './scripted-gateway.ts';

export interface TestWallet {
  readonly id: number;
  readonly userId: number;
}

type Ending = 'succeeded' | 'refused' | 'unknown';

/** Wallets by their ids, over HTTP, with a worker that carries out what was accepted. */
export function createWalletWorld({
  api,
  world,
  database,
}: {
  readonly api: TestApi;
  readonly world: PaymentWorld;
  readonly database: TestDatabase;
}) {
  const at = (id: number, what = '') => `/api/v1/wallets/${id}${what}`;
  return {
    at,
    /** The wallet that a new user begins with. */
    async wallet(balance: number | string = 100, currency = 'USD'): Promise<TestWallet> {
      const created = await api.post('/api/v1/users', { balance, currency });
      if (created.status !== 201) throw new Error(created.text);
      const { id: userId } = created.json;
      const { id } = (await api.get(`/api/v1/users/${userId}/wallets/${currency}`)).json;
      return { id, userId };
    },

    /** A further wallet of a user, with a name. */
    async named(userId: number, name: string, currency = 'USD'): Promise<TestWallet> {
      const answer = await api.post('/api/v1/wallets', { user_id: userId, currency, name });
      if (answer.status !== 201) throw new Error(answer.text);
      return { id: answer.json.id, userId };
    },

    read: async ({ id }: TestWallet) => (await api.get(at(id))).json,

    change: (action: 'freeze' | 'unfreeze' | 'close', { id }: TestWallet, by = 'ana', reason = 'a test') =>
      api.post(at(id, `/${action}`), { by, reason }),

    /** Lets a worker carry out whatever is in the queue. */
    async carryOut(ending: Ending = 'succeeded'): Promise<void> {
      const scripted = createScriptedGateway();
      scripted.answerSends(() => answers[ending]);
      scripted.answerInquiries(() => ({ ...answers.unknown }));
      const policy = { maxAttempts: 1, backoff: { baseMs: 1, maxMs: 5, jitterMs: 1 }, notFoundGraceMs: 0 };
      const worker = world.worker(scripted.gateway, { policy });
      worker.start();
      await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
      await worker.stop(1000);
    },

    async letterOf(paymentId: number): Promise<number> {
      const { rows } = await database.pool.query('select id::int from payment_dlq where payment_id = $1', [
        paymentId,
      ]);
      return rows[0].id;
    },
  };
}

export type WalletWorld = ReturnType<typeof createWalletWorld>;
