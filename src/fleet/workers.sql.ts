import type { Knex, Pool } from '../database/database.ts';

/** A worker process as it describes itself. */
export interface WorkerIdentity {
  readonly id: string;
  readonly host: string;
  readonly processId: number;
  readonly version: string;
  readonly startedAt: Date;
}

/**
 * Records that a worker is alive and what it is doing, deletes workers that were lost more than a day ago, and reads the pause switch, all
 * in one round trip.
 * @returns whether claiming is paused.
 */
export async function recordHeartbeat(pool: Pool, worker: WorkerIdentity, state: object): Promise<boolean> {
  const { rows } = await pool.query<{ isPaused: boolean }>({
    name: 'queue-worker-heartbeat',
    text: `
      with lost as (
        delete from workers where heartbeat_at < now() - interval '1 day' and id <> $1
      ), beat as (
        insert into workers (id, host, process_id, version, started_at, state, heartbeat_at)
        values ($1, $2, $3, $4, $5, $6, now())
        on conflict (id) do update set heartbeat_at = excluded.heartbeat_at, state = excluded.state
      )
      select exists (select 1 from claim_pauses where resumed_at is null) as "isPaused"`,
    values: [
      worker.id,
      worker.host,
      worker.processId,
      worker.version,
      worker.startedAt,
      JSON.stringify(state),
    ],
  });
  return rows[0]?.isPaused ?? false;
}

/** Deletes the row of a worker that stops. */
export async function removeWorker(pool: Pool, id: string): Promise<void> {
  await pool.query('delete from workers where id = $1', [id]);
}

export interface SeenWorker extends WorkerIdentity {
  readonly heartbeatAt: Date;
  readonly isAlive: boolean;
  readonly state: Readonly<Record<string, unknown>>;
  readonly runningCount: number;
  /** The tasks whose lease ends first, at most twenty. */
  readonly tasks: readonly {
    readonly payment_id: number;
    readonly attempts: number;
    readonly lease_expires_at: string;
  }[];
}

/** A worker that has not reported for this long is not alive. */
const ALIVE_SECONDS = 10;

/** Lists the workers that reported in the last day, live ones first, with the tasks that they have claimed. */
export async function listWorkers(knex: Knex): Promise<SeenWorker[]> {
  const { rows } = await knex.raw(
    `
    with running as materialized (
      select locked_by, payment_id, attempts, lease_expires_at,
             row_number() over (partition by locked_by order by lease_expires_at, payment_id) as place,
             count(*) over (partition by locked_by) as count
      from (
        select locked_by, payment_id, attempts, lease_expires_at
        from payment_tasks
        where state = 'running'
        order by lease_expires_at
        limit 5000
      ) as held
    )
    select worker.id, worker.host, worker.process_id as "processId", worker.version, worker.started_at as "startedAt",
           worker.heartbeat_at as "heartbeatAt", worker.state,
           worker.heartbeat_at > now() - :aliveSeconds * interval '1 second' as "isAlive",
           coalesce((select max(count)::int from running where locked_by = worker.id), 0) as "runningCount",
           coalesce((
             select json_agg(json_build_object('payment_id', payment_id, 'attempts', attempts,
                                               'lease_expires_at', lease_expires_at) order by place)
             from running
             where locked_by = worker.id and place <= 20
           ), '[]') as tasks
    from workers as worker
    order by "isAlive" desc, worker.started_at desc
    limit 200`,
    { aliveSeconds: ALIVE_SECONDS },
  );
  return rows;
}
