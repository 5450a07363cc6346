import type { Overview } from './answers.ts';
import { countStopped } from './stopped-workers.ts';

/**
 * Says when the gateway will next be asked about a payment of unknown outcome. While no worker can reach the gateway, the planned time
 * means nothing: the question waits until a worker can ask it.
 * @param next the planned time, and its text for people.
 */
export function describeNextQuestion(
  next: { readonly atMs: number; readonly text: string },
  {
    nowMs,
    workers,
    gateway,
  }: {
    readonly nowMs: number;
    readonly workers: Overview['workers'] | undefined;
    /** Who is asked. */
    readonly gateway?: string;
  },
): string {
  const isDue = next.atMs <= nowMs;
  if (workers?.alive === 0)
    return isDue ? 'Waits for a worker: none is running' : `${next.text}, if a worker is running by then`;
  if (workers && countStopped(workers, gateway) >= workers.alive) {
    const until = 'asked when a worker reaches it again (circuit breaker closed)';
    return isDue
      ? `Waits for the gateway; ${until}`
      : `${next.text} at the earliest; the gateway is failing now, and is ${until}`;
  }
  return isDue ? 'Due now' : next.text;
}
