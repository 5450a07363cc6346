import { setTimeout as sleep } from 'node:timers/promises';
import { openConnection } from './http-connection.ts';
import type { HttpAnswer } from './http-socket.ts';
import type { LoadTally } from './load-tally.ts';

/** A connection that payments are sent on. */
export interface PaymentConnection {
  /**
   * Sends a payment and gives its acceptance. A 503 means that the machine is too busy to take it now: the same request goes out again
   * after a pause, and whoever times it counts the wait.
   * @throws when it is answered with anything but a 503 or what was asked for: a refusal is faster than a payment, and must not pass for one.
   */
  send(request: string): Promise<HttpAnswer>;
  close(): void;
}

const TURNED_AWAY = 503;
const PAUSE_MS = 250;
/** A server that accepts nothing for this long is broken, not busy. */
const PATIENCE_MS = 60_000;

/** @param isAccepted whether an answer is what was asked for; by default, an accepted payment. */
export async function openPaymentConnection(
  port: number,
  tally: LoadTally,
  { isAccepted = isAcceptedPayment }: { readonly isAccepted?: (answer: HttpAnswer) => boolean } = {},
): Promise<PaymentConnection> {
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
      if (!isAccepted(answer)) throw new Error(`HTTP ${answer.status}: ${answer.body}`);
      return answer;
    },
    close: connection.close,
  };
}

function isAcceptedPayment({ status, body }: HttpAnswer): boolean {
  return status === 202 && body.startsWith('{"payment_id":');
}
