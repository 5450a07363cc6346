import { type Check, judge } from './check.ts';
import type { ServerFacts, SessionDefaults } from './read-server-facts.sql.ts';

/** Leases and times use the server's clock; a wrong local clock makes logs and reports hard to match. */
const CLOCK_WARN_MS = 1000;
const CLOCK_FAIL_MS = 30_000;
const CONNECTIONS_WARN = 0.8;
const CONNECTIONS_FAIL = 0.95;
const ISOLATION = 'read committed';

/** Checks the server and its configuration. Pure. */
export function decideServer(
  facts: ServerFacts,
  {
    clock,
    appName,
    defaults,
  }: {
    readonly clock: { readonly differenceMs: number; readonly uncertaintyMs: number };
    readonly appName: string;
    readonly defaults: SessionDefaults;
  },
): Check[] {
  const { settings } = facts;
  const isFenced = !facts.isInRecovery && settings.transaction_read_only === 'on';
  const off = Math.max(0, Math.abs(clock.differenceMs) - clock.uncertaintyMs);
  const places = Number(settings.max_connections) - Number(settings.superuser_reserved_connections);
  const share = facts.connectionCount / places;
  const unsafe = ['fsync', 'full_page_writes'].filter((name) => settings[name] === 'off');
  const isLosing = settings.synchronous_commit === 'off';
  // Only `on` and `remote_apply` wait until the standby has the data on disk.
  const forgetsStandby =
    settings.synchronous_standby_names !== '' &&
    ['local', 'remote_write'].includes(settings.synchronous_commit ?? '');
  const isVacuuming = settings.autovacuum === 'on' && settings.track_counts === 'on';
  const workers = facts.connectionsByApplication
    .filter(({ application }) => application.startsWith(`${appName}-worker`))
    .reduce((sum, { count }) => sum + count, 0);
  const pools = facts.connectionsByApplication.map(
    ({ application, count }) => `${application || '?'} ${count}`,
  );

  return [
    judge('database version', `PostgreSQL ${facts.version}`, [
      [facts.versionNumber < 150_000, 'fail', 'Use PostgreSQL 15 or newer.'],
      [
        facts.versionNumber < 170_000,
        'warn',
        'Consider upgrading: from version 17, the server itself ends transactions that hang.',
      ],
    ]),
    judge(
      'role of the server',
      facts.isInRecovery ? 'a replica' : `the primary${isFenced ? ', read-only' : ''}`,
      [
        [facts.isInRecovery, 'fail', 'DATABASE_URL points to a read-only replica: point it to the primary.'],
        [
          isFenced,
          'fail',
          'The database accepts no writes, because default_transaction_read_only is on for the server, the database or the role. This is normal during a switchover; otherwise turn it off.',
        ],
      ],
    ),
    judge(
      'isolation',
      `${settings.default_transaction_isolation}; a session's default: ${defaults.isolation}`,
      [
        [
          settings.default_transaction_isolation !== ISOLATION,
          'fail',
          `Tollgate's sessions ask for ${ISOLATION} and do not get it, because a pooler drops their startup options. Set default_transaction_isolation for the role; until then, statements that should wait for each other fail.`,
        ],
        [
          defaults.isolation !== ISOLATION,
          'warn',
          `Tollgate's sessions ask for ${ISOLATION} themselves. Reset default_transaction_isolation where it is set (\\drds in psql shows databases and roles), so that nothing depends on their asking.`,
        ],
      ],
    ),
    judge('clock', `${Math.round(clock.differenceMs)} ms from the server's`, [
      [off > CLOCK_FAIL_MS, 'fail', 'Correct the clock of this machine or of the server (NTP).'],
      [off > CLOCK_WARN_MS, 'warn', 'Let NTP set the clocks of both machines.'],
    ]),
    judge(
      'durability',
      `fsync ${settings.fsync}, full_page_writes ${settings.full_page_writes}, synchronous_commit ${settings.synchronous_commit}; a session's default: ${defaults.synchronousCommit}`,
      [
        [
          unsafe.length > 0,
          'fail',
          `Turn on ${unsafe.join(' and ')}: a crash of the machine can lose money.`,
        ],
        [
          isLosing,
          'fail',
          "Tollgate's sessions turn synchronous_commit on and do not get it, because a pooler drops that. Turn it on for the role: until then, a crash can lose payments that clients were told of.",
        ],
        [
          forgetsStandby,
          'warn',
          'There is a synchronous standby, but commits do not wait for its disk: a failover can lose payments that clients were told of. Set synchronous_commit to on, unless you accept that.',
        ],
        [
          defaults.synchronousCommit === 'off',
          'warn',
          "Tollgate's sessions turn synchronous_commit on themselves. Reset it where it is set (\\drds in psql shows databases and roles), so that nothing depends on their doing so.",
        ],
      ],
    ),
    judge('autovacuum', `autovacuum ${settings.autovacuum}, track_counts ${settings.track_counts}`, [
      [!isVacuuming, 'fail', 'Turn on autovacuum and track_counts: without them the queue becomes slow.'],
      [
        facts.tablesWithoutAutovacuum.length > 0,
        'fail',
        `Turn it on for ${facts.tablesWithoutAutovacuum.join(', ')} (alter table ... reset (autovacuum_enabled)).`,
      ],
    ]),
    judge('pools', `${facts.connectionCount} of ${places} connections in use: ${pools.join(', ')}`, [
      [
        share > CONNECTIONS_FAIL,
        'fail',
        'Lower DATABASE_POOL_SIZE, run fewer processes, or raise max_connections.',
      ],
      [
        share > CONNECTIONS_WARN,
        'warn',
        'Few connections are left: lower DATABASE_POOL_SIZE or raise max_connections.',
      ],
    ]),
    judge('worker', workers > 0 ? 'connected' : 'none connected', [
      [workers === 0, 'warn', 'Payments are accepted but not carried out. Start a worker: npm run worker'],
    ]),
  ];
}
