import { setTimeout as sleep } from 'node:timers/promises';
import { assertAtHome } from '../../ledger/assert-at-home.ts';
import { type DeadLetterFilter, selectDeadLetterIds } from '../../payments/filter-dead-letters.sql.ts';
import {
  type DiscardOutcome,
  discardDeadLetter,
  type RedriveOutcome,
  redriveDeadLetter,
} from '../../payments/handle-dead-letter.ts';
import { sendWakeUp } from '../../queue/wake-up.sql.ts';
import { WAKE_UP_CHANNEL } from '../../queue/wake-up.ts';
import { formatAmount } from '../../shared/money.ts';
import { refuseWhileViolated } from '../refuse-while-violated.ts';
import type { Session } from '../session.ts';

export interface BulkOrder {
  readonly action: 'redrive' | 'discard';
  readonly filter: DeadLetterFilter;
  /** Letters that are newer came after the order was given. */
  readonly lastId: bigint;
  readonly by: string;
  readonly because: string | null;
  /** Only for letters that a person named. */
  readonly mayOverrideEvidence: boolean;
  readonly perSecond: number;
  readonly onProgress: (done: number) => void;
  readonly signal: AbortSignal;
}

export interface BulkResult {
  readonly done: number;
  readonly refusedCount: number;
  /** Of those, the ones about which something recorded says that the money moved. */
  readonly withheldCount: number;
  /** The first of those that were left as they were, and why. */
  readonly refused: readonly { readonly id: bigint; readonly reason: string }[];
  readonly redriven: readonly { readonly id: bigint; readonly paymentId: bigint }[];
  readonly isInterrupted: boolean;
}

const PAGE = 100;
const MOST_TOLD = 1000;

/**
 * Goes through the letters one by one, oldest first, each in a transaction of its own. A letter that is done is open no
 * more, so whatever ends this half-way, the same order goes on with the rest.
 * @throws StartError when the ledger is found violated, and any database error; what was done until then stays done.
 */
export async function runBulk(session: Session, order: BulkOrder): Promise<BulkResult> {
  const refused: { id: bigint; reason: string }[] = [];
  const redriven: { id: bigint; paymentId: bigint }[] = [];
  let done = 0;
  let refusedCount = 0;
  let withheldCount = 0;
  const resultOf = (isInterrupted: boolean): BulkResult => ({
    done,
    refusedCount,
    withheldCount,
    refused,
    redriven,
    isInterrupted,
  });
  const pace = createPace(order.perSecond, order.signal);

  for await (const page of pagesOf(session, order)) {
    await (order.action === 'redrive' ? refuseWhileViolated(session) : assertAtHome(session.pool));
    for (const id of page) {
      if (!(await pace())) return resultOf(true);
      const outcome = await handleOne(session, { ...order, id });
      if (outcome.kind === 'redriven' || outcome.kind === 'discarded') {
        done += 1;
        if (outcome.kind === 'redriven' && redriven.length < MOST_TOLD)
          redriven.push({ id, paymentId: outcome.paymentId });
      } else {
        refusedCount += 1;
        if (outcome.kind === 'evidence') withheldCount += 1;
        if (refused.length < MOST_TOLD) refused.push({ id, reason: explain(outcome) });
      }
      order.onProgress(done + refusedCount);
    }
    // A wake-up that gets lost costs one poll interval of the workers.
    if (order.action === 'redrive') await sendWakeUp(session.pool, WAKE_UP_CHANNEL).catch(() => {});
  }
  return resultOf(false);
}

async function* pagesOf(
  { knex }: Session,
  { filter, lastId }: BulkOrder,
): AsyncGenerator<readonly bigint[], void> {
  if (filter.ids) {
    for (let from = 0; from < filter.ids.length; from += PAGE) yield filter.ids.slice(from, from + PAGE);
    return;
  }
  for (let afterId = 0n; ; ) {
    const page = await selectDeadLetterIds(knex, filter, { afterId, lastId, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    afterId = last;
  }
}

async function handleOne(
  { pool }: Session,
  { action, id, by, because, mayOverrideEvidence }: BulkOrder & { readonly id: bigint },
): Promise<RedriveOutcome | DiscardOutcome> {
  if (action === 'redrive')
    return await redriveDeadLetter(pool, { id, by, reason: because, mayOverrideEvidence });
  return await discardDeadLetter(pool, { id, by, reason: because ?? '' });
}

/** Lets one through at a time, evenly; false once it has been asked to stop. */
function createPace(perSecond: number, signal: AbortSignal): () => Promise<boolean> {
  const gapMs = 1000 / perSecond;
  let next = performance.now();
  return async () => {
    const waitMs = next - performance.now();
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {});
    // What took long is not made up for by a burst.
    next = Math.max(next, performance.now() - gapMs) + gapMs;
    return !signal.aborted;
  };
}

type Refusal = Exclude<RedriveOutcome | DiscardOutcome, { kind: 'redriven' | 'discarded' }>;

function explain(outcome: Refusal): string {
  switch (outcome.kind) {
    case 'not_found':
      return 'there is no such dead letter';
    case 'already_handled':
      return `it was ${outcome.action} before`;
    case 'outcome_unknown':
      return 'the money may have moved: resolve the payment (npx tollgate payments resolve), or redrive it';
    case 'evidence': {
      const others = outcome.evidence.length > 1 ? ` (and ${outcome.evidence.length - 1} more)` : '';
      return `the money may have moved: ${outcome.evidence[0]?.what}${others}`;
    }
    case 'insufficient_funds': {
      const { neededMinor, availableMinor, currency } = outcome;
      const [needed, available] = [neededMinor, availableMinor].map((minor) => formatAmount(minor, currency));
      return `the wallet holds ${available} ${currency}, and ${needed} is needed`;
    }
  }
}
