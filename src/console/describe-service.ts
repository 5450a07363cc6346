import type { Health, Overview } from './answers.ts';
import { countOf } from './count.ts';
import { countStopped, listStopped } from './stopped-workers.ts';

/** What happens to a payment that is sent now, in one sentence. */
export interface ServiceWord {
  readonly tone: 'good' | 'doubtful' | 'bad' | 'calm';
  readonly text: string;
  /** The page that shows why. */
  readonly place?: string;
}

/**
 * Says whether payments are accepted, refused, or accepted but delayed. It relies only on what the API reported, and claims nothing that
 * the API did not report. Reasons that refuse payments come before reasons that delay them.
 */
export function describeService({
  health,
  error,
  overview,
}: {
  readonly health: Pick<Health, 'database' | 'standing_violations'> | undefined;
  readonly error: { readonly code: string } | undefined;
  readonly overview: Pick<Overview, 'workers'> | undefined;
}): ServiceWord {
  if (error?.code === 'overloaded')
    return { tone: 'bad', text: 'Some payments are refused: the API has more requests than it can handle.' };
  if (error)
    return {
      tone: 'bad',
      text: 'The API does not answer. It is not known whether payments are accepted, and this page may be out of date.',
    };
  if (!health) return { tone: 'calm', text: 'Asking the API how the service is …' };
  return describeRefusal(health) ?? describeWait(overview?.workers);
}

/** Texts for a database that the API cannot write to. */
const DATABASE_WORDS: Readonly<Record<Exclude<Health['database'], 'ok'>, string>> = {
  unreachable: 'The database does not answer the API: payments are refused or delayed until it does.',
  read_only: 'Payments are refused: the database is read-only, so nothing can be changed here either.',
  other_server: 'Payments are refused: the database address now leads to a different server.',
};

function describeRefusal({
  database,
  standing_violations: violations,
}: Pick<Health, 'database' | 'standing_violations'>): ServiceWord | undefined {
  if (database !== 'ok') return { tone: 'bad', text: DATABASE_WORDS[database] };
  if (violations > 0)
    return {
      tone: 'bad',
      text: `Payments are refused and nothing new is sent to the gateway: the ledger has ${countOf(violations, 'open violation')}.`,
      place: 'integrity',
    };
  return undefined;
}

function describeWait(workers: Overview['workers'] | undefined): ServiceWord {
  if (!workers)
    return { tone: 'doubtful', text: 'Payments are accepted. Whether workers send them on is not known.' };
  const { alive, paused } = workers;
  const waits = (why: string): ServiceWord => ({
    tone: 'doubtful',
    text: `Payments are accepted and wait: ${why}.`,
    place: 'workers',
  });
  if (paused) return waits('claiming is paused');
  if (alive === 0) return waits('no worker is running');
  const stoppedCount = countStopped(workers);
  if (stoppedCount >= alive) return waits('the gateway is failing, and workers have stopped calling it');
  if (stoppedCount > 0)
    return {
      tone: 'doubtful',
      text: `Payments are accepted and sent to the gateway, but ${stoppedCount} of ${alive} workers cannot reach it.`,
      place: 'workers',
    };
  const failing = listStopped(workers)
    .filter((each) => each.stoppedCount >= alive)
    .map(({ gateway }) => gateway);
  if (failing.length > 0)
    return {
      tone: 'doubtful',
      text: `Payments are accepted and sent, but those for ${failing.join(', ')} wait: this gateway is failing, and workers have stopped calling it.`,
      place: 'workers',
    };
  return { tone: 'good', text: 'Payments are accepted and sent to the gateway.' };
}
