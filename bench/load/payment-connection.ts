import { setTimeout as sleep } from 'node:timers/promises';
import { openConnection } from './http-connection.ts';
import type { HttpAnswer } from './http-socket.ts';
import type { LoadTally } from './load-tally.ts';

/** A connection that payments are sent on. */
export interface PaymentConnection {
  /**
   * Sends a payment and gives its acceptance. A 503 means that the machine is too busy to take it now: the same request goes out again
   * after a pause, and whoever times it counts the wait.
   * @throws when it is answered with anything else than a 202 or a 503: a refusal is faster than a payment, and must not pass for one.
   */
  send(request: string): Promise<HttpAnswer>;
  close(): void;
}

const TURNED_AWAY = 503;
const PAUSE_MS = 250;
/** A server that takes nothing for so long is not busy but broken. */
const PATIENCE_MS = 60_000;

export async function openPaymentConnection(port: number, tally: LoadTally): Promise<PaymentConnection> {
  const connection = await openConnection(port, { tally });

  async function comeAgain(request: string, refusal: HttpAnswer): Promise<HttpAnswer> {
    const patientUntil = performance.now() + PATIENCE_MS;
    let answer = refusal;
    while (answer.status === TURNED_AWAY && performance.now() < patientUntil) {
      tally.turnedAwayCount += 1;
      await sleep(PAUSE_MS);
      answer = await connection.send(request);
    }
    return answer;
  }

  return {
    async send(request) {
      const first = await connection.send(request);
      const answer = first.status === TURNED_AWAY ? await comeAgain(request, first) : first;
      assertAccepted(answer);
      return answer;
    },
    close: connection.close,
  };
}

/** @throws with what was answered instead of a 202 with a payment in it. */
function assertAccepted({ status, body }: HttpAnswer): void {
  if (status !== 202 || !body.startsWith('{"payment_id":')) throw new Error(`HTTP ${status}: ${body}`);
}
