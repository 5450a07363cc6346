import type { Queryable, Transaction } from '../database/database.ts';
import { sentTogether } from '../database/transactions/transaction.ts';
import { type AttemptReport, type RunId, runKeyOf, type TaskRetry } from './task.ts';

/*
 * `locked_by is not null` means the same as `state = 'running'` (by a check constraint). It is written this way because a planner that
 * expects few running tasks reads the whole index of running tasks for each run instead of the primary key: measured at 20 to 120 ms for a
 * batch of 200, against 1 ms.
 */

/** The values of `NAMED_RUNS`. */
export function columnsOf(runs: readonly RunId[]): bigint[][] {
  return [runs.map((run) => run.userId), runs.map((run) => run.paymentId), runs.map((run) => run.runLease)];
}

/** The runs in $1 to $3, in the order in which they are given. */
export const NAMED_RUNS =
  'unnest($1::bigint[], $2::bigint[], $3::bigint[]) as run (user_id, payment_id, run_lease)';

/** The task of a run that still has it. */
export const TASK_OF_RUN =
  'task.user_id = run.user_id and task.payment_id = run.payment_id and task.run_lease = run.run_lease and task.locked_by is not null';

const SELECT_HELD = `
      select task.user_id as "userId", task.payment_id as "paymentId", task.run_lease as "runLease"
      from ${NAMED_RUNS}
      join payment_tasks as task on ${TASK_OF_RUN}`;

/**
 * Locks the tasks that these runs still hold, in payment order. This is needed if more than one statement is about to write tasks: each one
 * locks in order, but both together would not.
 */
export async function lockTasks(transaction: Transaction, runs: readonly RunId[]): Promise<void> {
  await transaction.query({
    name: 'queue-lock-tasks',
    text: `${SELECT_HELD}
      order by task.payment_id
      for update of task`,
    values: columnsOf(runs),
  });
}

/**
 * Locks those tasks of these runs that nobody else has locked, without waiting.
 * @returns the keys of the runs whose tasks are locked now, and of those that still hold their task while another transaction has it
 * locked.
 */
export async function lockFreeTasks(
  transaction: Transaction,
  runs: readonly RunId[],
): Promise<{ readonly locked: Set<string>; readonly busy: Set<string> }> {
  const values = columnsOf(runs);
  const [locked, held] = await sentTogether([
    transaction.query<RunId>({
      name: 'queue-lock-free-tasks',
      text: `${SELECT_HELD}
      order by task.payment_id
      for update of task skip locked`,
      values,
    }),
    transaction.query<RunId>({ name: 'queue-select-held-tasks', text: SELECT_HELD, values }),
  ]);
  const lockedKeys = new Set(locked.rows.map(runKeyOf));
  const busy = held.rows.map(runKeyOf).filter((key) => !lockedKeys.has(key));
  return { locked: lockedKeys, busy: new Set(busy) };
}

/**
 * Removes the tasks of these runs from the queue, and returns the keys of the runs that still held their task. A run that is missing from
 * the result lost its lease, so its result must not be written.
 */
export async function removeTasks(transaction: Transaction, runs: readonly RunId[]): Promise<Set<string>> {
  if (runs.length === 0) return new Set();
  const sorted = inPaymentOrder(runs);
  const { rows } = await transaction.query<RunId>({
    name: 'queue-remove-tasks',
    text: `
      delete from payment_tasks as task
      using ${NAMED_RUNS}
      where ${TASK_OF_RUN}
      returning task.user_id as "userId", task.payment_id as "paymentId", task.run_lease as "runLease"`,
    values: columnsOf(sorted),
  });
  return new Set(rows.map(runKeyOf));
}

/** Puts the tasks of these runs back for a later attempt, and returns the keys of the runs that still held their task. */
export async function retryTasks(
  transaction: Transaction,
  retries: readonly TaskRetry[],
): Promise<Set<string>> {
  if (retries.length === 0) return new Set();
  const sorted = inPaymentOrder(retries);
  const { rows } = await transaction.query<RunId>({
    name: 'queue-retry-tasks',
    text: `
      update payment_tasks as task
      set state = 'ready',
          attempts = task.attempts + retry.attempts_used,
          run_at = now() + retry.delay_ms * interval '1 millisecond',
          locked_by = null,
          lease_expires_at = null,
          unknown_since = case retry.unknown
            when 'started_now' then now()
            when 'kept' then task.unknown_since
          end,
          not_found_at = case
            when retry.has_counted then now()
            when retry.not_found_count > 0 then task.not_found_at
          end,
          not_found_count = retry.not_found_count,
          turned_away_count = retry.turned_away_count,
          last_error = retry.last_error
      from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::int[], $7::text[], $8::int[],
                  $9::int[], $10::boolean[])
        as retry (user_id, payment_id, run_lease, delay_ms, unknown, not_found_count, last_error, attempts_used, turned_away_count,
                  has_counted)
      where task.user_id = retry.user_id
        and task.payment_id = retry.payment_id
        and task.run_lease = retry.run_lease
        and task.locked_by is not null
      returning task.user_id as "userId", task.payment_id as "paymentId", task.run_lease as "runLease"`,
    values: [
      ...columnsOf(sorted),
      sorted.map((retry) => retry.delayMs),
      sorted.map((retry) => retry.unknown),
      sorted.map((retry) => retry.notFoundCount),
      sorted.map((retry) => retry.lastError),
      sorted.map((retry) => (retry.usesAttempt ? 1 : 0)),
      sorted.map((retry) => retry.turnedAwayCount),
      sorted.map((retry) => retry.hasCounted),
    ],
  });
  return new Set(rows.map(runKeyOf));
}

/** Closes the attempt rows of these runs with their results. */
export async function closeAttempts(
  transaction: Transaction,
  closed: readonly (RunId & { readonly report: AttemptReport })[],
): Promise<void> {
  if (closed.length === 0) return;
  const sorted = inPaymentOrder(closed);
  await transaction.query({
    name: 'queue-close-attempts',
    text: `
      update payment_attempts as attempt
      set finished_at = now(),
          outcome = closed.outcome,
          inquiry = closed.inquiry,
          http_status = closed.http_status,
          error_class = closed.error_class,
          error = closed.error,
          latency_ms = closed.latency_ms
      from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::int[])
        as closed (payment_id, run_lease, outcome, inquiry, http_status, error_class, error, latency_ms)
      where attempt.payment_id = closed.payment_id
        and attempt.run_lease = closed.run_lease`,
    values: [
      sorted.map((run) => run.paymentId),
      sorted.map((run) => run.runLease),
      sorted.map((run) => run.report.outcome),
      sorted.map((run) => run.report.inquiry),
      sorted.map((run) => run.report.httpStatus),
      sorted.map((run) => run.report.errorClass),
      sorted.map((run) => run.report.error),
      sorted.map((run) => run.report.latencyMs),
    ],
  });
}

/** Whether the run itself was closed with this outcome; one that was rescued in the meantime was closed as abandoned. */
export async function isAttemptClosed(
  queryable: Queryable,
  { paymentId, runLease }: RunId,
  outcome: AttemptReport['outcome'],
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    'select 1 from payment_attempts where payment_id = $1 and run_lease = $2 and outcome = $3',
    [paymentId, runLease, outcome],
  );
  return rowCount === 1;
}

/** Sorts by the lock order (test/locks/lock-order.ts): statements that find rows by key lock them in the order in which they are named. */
export function inPaymentOrder<Run extends RunId>(runs: readonly Run[]): Run[] {
  return runs.toSorted((a, b) => (a.paymentId < b.paymentId ? -1 : 1));
}
