import { EndedUnanswered, type HttpAnswer, openSocket } from './http-socket.ts';
import type { LoadTally } from './load-tally.ts';

/** A connection that is kept alive, carries one request at a time, and is opened again when the server has ended it. */
export interface HttpConnection {
  /**
   * Sends a request as it stands; on a new connection when the server has closed the old one meanwhile.
   *
   * A close that meets a request in flight is an error, with one exception: on a connection that had rested, the server's
   * time-out and our request can cross. No client can tell that from a request that was carried out, so it does what a real
   * one does (RFC 9110, section 9.2.2): the same request with the same key again, once, and the tally says so.
   * @throws when the connection breaks, no answer comes in time, or the answer cannot be read.
   */
  send(request: string): Promise<HttpAnswer>;
  close(): void;
}

/** Far below the five seconds after which a server may close an idle connection; far above the pauses of a busy client. */
const RESTED_AFTER_MS = 1000;
/** Longer than any answer takes; without a limit, one lost answer would stop the whole run. */
const ANSWER_WITHIN_MS = 60_000;

/** @throws when nobody listens. */
export async function openConnection(
  port: number,
  {
    tally,
    restedAfterMs = RESTED_AFTER_MS,
    answerWithinMs = ANSWER_WITHIN_MS,
  }: {
    readonly tally: Pick<LoadTally, 'reopenedCount' | 'resentCount'>;
    readonly restedAfterMs?: number;
    readonly answerWithinMs?: number;
  },
): Promise<HttpConnection> {
  let socket = await openSocket(port, { answerWithinMs });
  let restsSince = performance.now();

  async function sendAgain(request: string): Promise<HttpAnswer> {
    socket.close();
    socket = await openSocket(port, { answerWithinMs });
    tally.reopenedCount += 1;
    return await socket.send(request);
  }

  async function sendOn(request: string): Promise<HttpAnswer> {
    if (!socket.isOpen()) return await sendAgain(request);
    const hasRested = performance.now() - restsSince >= restedAfterMs;
    try {
      return await socket.send(request);
    } catch (error) {
      if (!hasRested || !(error instanceof EndedUnanswered)) throw error;
      tally.resentCount += 1;
      return await sendAgain(request);
    }
  }

  return {
    async send(request) {
      const answer = await sendOn(request);
      restsSince = performance.now();
      return answer;
    },
    close() {
      socket.close();
    },
  };
}
