import { setTimeout as sleep } from 'node:timers/promises';
import { API_NAMES } from '../plan/members.ts';
import { createRandom } from '../plan/random.ts';
import type { Fleet } from '../processes/fleet.ts';
import type { EndingsWatch } from '../world/watch-endings.ts';
import { readAcceptance } from './client.ts';
import type { ClientJournal } from './client-journal.ts';

const PAUSE_MS = 50;
const TIMEOUT_MS = 3000;

/** Clients that look up their payments; a final status that one of them has read must stay. */
export async function pollPayments({
  fleet,
  journal,
  watch,
  seed,
  signal,
}: {
  readonly fleet: Pick<Fleet, 'originOf'>;
  readonly journal: ClientJournal;
  readonly watch: EndingsWatch;
  readonly seed: number;
  readonly signal: AbortSignal;
}): Promise<void> {
  const random = createRandom(seed, 'polls');
  while (!signal.aborted) {
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
    const answers = journal.answers();
    const answer = answers.length > 0 ? random.pick(answers) : undefined;
    const accepted = answer && readAcceptance(answer);
    if (accepted) await look(accepted.paymentId).catch(() => {});
  }

  async function look(paymentId: bigint): Promise<void> {
    const see = watch.beginLook();
    const origin = fleet.originOf(random.pick(API_NAMES));
    const response = await fetch(`${origin}/api/v1/payments/${paymentId}`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { status } = (await response.json()) as { status?: string };
    if (status === 'success' || status === 'failed') see({ paymentId, status, seenBy: 'api' });
  }
}
