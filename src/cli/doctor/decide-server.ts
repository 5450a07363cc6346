import { type Check, judge } from './check.ts';
import type { ServerFacts, SessionDefaults } from './read-server-facts.sql.ts';

/** Leases and times are the server's; a clock that is off makes logs and reports hard to put together. */
const CLOCK_WARN_MS = 1000;
const CLOCK_FAIL_MS = 30_000;
const CONNECTIONS_WARN = 0.8;
const CONNECTIONS_FAIL = 0.95;
const ISOLATION = 'read committed';

/** What there is to say about the server and how it is set up. Pure. */
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
  // Of a standby only `on` and `remote_apply` wait until what it received is on its disk.
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
        'From version 17 on the server itself ends transactions that hang; think of upgrading.',
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
          'It takes no writes: default_transaction_read_only is on, for the server, the database or the role. A switchover that is under way does that; otherwise turn it off.',
        ],
      ],
    ),
    judge(
      'isolation',
      `${settings.default_transaction_isolation}; a session that asks for none: ${defaults.isolation}`,
      [
        [
          settings.default_transaction_isolation !== ISOLATION,
          'fail',
          `Our sessions ask for ${ISOLATION} and do not get it: a pooler drops the options that they start with. Set default_transaction_isolation for the role: statements that ought to wait for each other fail.`,
        ],
        [
          defaults.isolation !== ISOLATION,
          'warn',
          `Our sessions ask for ${ISOLATION} themselves. Take default_transaction_isolation back where it is set (\\drds in psql shows databases and roles), so that nothing depends on that.`,
        ],
      ],
    ),
    judge('clock', `${Math.round(clock.differenceMs)} ms from the server's`, [
      [off > CLOCK_FAIL_MS, 'fail', 'Set the clock of this machine or of the server right (NTP).'],
      [off > CLOCK_WARN_MS, 'warn', 'Let NTP keep the clocks of both machines.'],
    ]),
    judge(
      'durability',
      `fsync ${settings.fsync}, full_page_writes ${settings.full_page_writes}, synchronous_commit ${settings.synchronous_commit}; a session that asks for none: ${defaults.synchronousCommit}`,
      [
        [
          unsafe.length > 0,
          'fail',
          `Turn on ${unsafe.join(' and ')}: a crash of the machine can lose money.`,
        ],
        [
          isLosing,
          'fail',
          'Our sessions turn synchronous_commit on and do not get it: a pooler drops that. Turn it on for the role: a crash can lose payments that clients were told of.',
        ],
        [
          forgetsStandby,
          'warn',
          'There is a synchronous standby, and commits do not wait for its disk: a failover can lose payments that clients were told of. Set synchronous_commit to on, unless that is what you want.',
        ],
        [
          defaults.synchronousCommit === 'off',
          'warn',
          'Our sessions turn synchronous_commit on themselves. Take the setting back where it is made (\\drds in psql shows databases and roles), so that nothing depends on that.',
        ],
      ],
    ),
    judge('autovacuum', `autovacuum ${settings.autovacuum}, track_counts ${settings.track_counts}`, [
      [!isVacuuming, 'fail', 'Turn on autovacuum and track_counts: the queue becomes slow without them.'],
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
        'Little is left: lower DATABASE_POOL_SIZE or raise max_connections.',
      ],
    ]),
    judge('worker', workers > 0 ? 'connected' : 'none is connected', [
      [workers === 0, 'warn', 'Payments are accepted but nobody carries them out: npm run worker'],
    ]),
  ];
}
