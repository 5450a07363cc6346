import type { Check } from './check.ts';
import { decideServer } from './decide-server.ts';
import type { ServerFacts, SessionDefaults } from './read-server-facts.sql.ts';

const SETTINGS = {
  autovacuum: 'on',
  track_counts: 'on',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  synchronous_standby_names: '',
  max_connections: '103',
  superuser_reserved_connections: '3',
  default_transaction_isolation: 'read committed',
  transaction_read_only: 'off',
};
const FACTS: ServerFacts = {
  versionNumber: 180_000,
  version: '18.0',
  now: new Date(0),
  isInRecovery: false,
  settings: SETTINGS,
  connectionCount: 10,
  connectionsByApplication: [
    { application: 'tollgate-api', count: 6 },
    { application: 'tollgate-worker', count: 4 },
  ],
  tablesWithoutAutovacuum: [],
};

interface Changes {
  readonly facts?: Partial<ServerFacts>;
  readonly settings?: Partial<typeof SETTINGS>;
  readonly clock?: { readonly differenceMs: number; readonly uncertaintyMs: number };
  readonly defaults?: Partial<SessionDefaults>;
}

function decide({ facts, settings, clock, defaults }: Changes = {}): Check[] {
  return decideServer(
    { ...FACTS, ...facts, settings: { ...SETTINGS, ...settings } },
    {
      clock: clock ?? { differenceMs: 3, uncertaintyMs: 2 },
      appName: 'tollgate',
      defaults: { isolation: 'read committed', synchronousCommit: 'on', ...defaults },
    },
  );
}
/** The checks that found something, as `name: verdict`. */
const troubles = (changes: Changes) =>
  decide(changes)
    .filter(({ verdict }) => verdict !== 'ok')
    .map(({ name, verdict }) => `${name}: ${verdict}`);

test('a server that is set up well gives nothing to do', () => {
  expect(decide().map(({ name, verdict, advice }) => [name, verdict, advice])).toEqual(
    [
      'database version',
      'role of the server',
      'isolation',
      'clock',
      'durability',
      'autovacuum',
      'pools',
      'worker',
    ].map((name) => [name, 'ok', null]),
  );
});

test.each<[string, Changes, string[]]>([
  ['14 is too old', { facts: { versionNumber: 140_009 } }, ['database version: fail']],
  ['15 is the oldest that will do', { facts: { versionNumber: 150_000 } }, ['database version: warn']],
  ['16 ends no transaction by itself', { facts: { versionNumber: 169_999 } }, ['database version: warn']],
  ['17 does', { facts: { versionNumber: 170_000 } }, []],

  ['a replica takes no writes', { facts: { isInRecovery: true } }, ['role of the server: fail']],
  [
    'a primary that is fenced off neither',
    { settings: { transaction_read_only: 'on' } },
    ['role of the server: fail'],
  ],

  [
    'a pooler that drops the isolation we ask for',
    { settings: { default_transaction_isolation: 'serializable' } },
    ['isolation: fail'],
  ],
  [
    'a default that our sessions override',
    { defaults: { isolation: 'repeatable read' } },
    ['isolation: warn'],
  ],

  ['a clock that is a second off', { clock: { differenceMs: 1000, uncertaintyMs: 0 } }, []],
  [
    'a clock that is more than a second off',
    { clock: { differenceMs: 1001, uncertaintyMs: 0 } },
    ['clock: warn'],
  ],
  ['a clock that is behind as much', { clock: { differenceMs: -1001, uncertaintyMs: 0 } }, ['clock: warn']],
  ['a difference that the network explains', { clock: { differenceMs: 1500, uncertaintyMs: 600 } }, []],
  [
    'a clock that is half a minute off',
    { clock: { differenceMs: 30_000, uncertaintyMs: 0 } },
    ['clock: warn'],
  ],
  [
    'a clock that is more than that off',
    { clock: { differenceMs: -30_001, uncertaintyMs: 0 } },
    ['clock: fail'],
  ],

  ['no fsync', { settings: { fsync: 'off' } }, ['durability: fail']],
  ['no full pages', { settings: { full_page_writes: 'off' } }, ['durability: fail']],
  ['commits that wait for no disk', { settings: { synchronous_commit: 'off' } }, ['durability: fail']],
  [
    'a default of that kind, which we override',
    { defaults: { synchronousCommit: 'off' } },
    ['durability: warn'],
  ],
  [
    'a standby that is not waited for',
    { settings: { synchronous_standby_names: 's1', synchronous_commit: 'local' } },
    ['durability: warn'],
  ],
  [
    'a standby that is waited for until its memory has it',
    { settings: { synchronous_standby_names: 's1', synchronous_commit: 'remote_write' } },
    ['durability: warn'],
  ],
  [
    'a standby that is waited for until its disk has it',
    { settings: { synchronous_standby_names: 's1', synchronous_commit: 'remote_apply' } },
    [],
  ],
  ['local commits where there is no standby', { settings: { synchronous_commit: 'local' } }, []],

  ['no autovacuum', { settings: { autovacuum: 'off' } }, ['autovacuum: fail']],
  ['no counts, without which it never begins', { settings: { track_counts: 'off' } }, ['autovacuum: fail']],
  ['a table without it', { facts: { tablesWithoutAutovacuum: ['payment_tasks'] } }, ['autovacuum: fail']],

  ['four fifths of the connections in use', { facts: { connectionCount: 80 } }, []],
  ['more than that', { facts: { connectionCount: 81 } }, ['pools: warn']],
  ['95 of a hundred', { facts: { connectionCount: 95 } }, ['pools: warn']],
  ['nearly all', { facts: { connectionCount: 96 } }, ['pools: fail']],

  ['nobody who carries payments out', { facts: { connectionsByApplication: [] } }, ['worker: warn']],
  [
    'a worker of another installation',
    { facts: { connectionsByApplication: [{ application: 'other-worker', count: 4 }] } },
    ['worker: warn'],
  ],
])('%s', (_what, changes, expected) => {
  expect(troubles(changes)).toEqual(expected);
});

test('advice names what has to be changed', () => {
  const adviceOf = (name: string, changes: Changes) =>
    decide(changes).find((check) => check.name === name)?.advice;
  expect(adviceOf('durability', { settings: { fsync: 'off', full_page_writes: 'off' } })).toMatch(
    /Turn on fsync and full_page_writes/,
  );
  expect(adviceOf('durability', { settings: { full_page_writes: 'off' } })).toMatch(
    /Turn on full_page_writes:/,
  );
  expect(adviceOf('autovacuum', { facts: { tablesWithoutAutovacuum: ['payments', 'holds'] } })).toMatch(
    /payments, holds/,
  );
});

test('connections that the server keeps for superusers are not to be had, and each program is told with its own', () => {
  const pools = decide({
    facts: {
      connectionsByApplication: [
        { application: '', count: 2 },
        { application: 'psql', count: 1 },
      ],
    },
  }).find(({ name }) => name === 'pools');
  expect(pools?.detail).toBe('10 of 100 connections in use: ? 2, psql 1');
});

test('whether a worker is connected is told, too', () => {
  const detailOf = (changes: Changes) => decide(changes).find(({ name }) => name === 'worker')?.detail;
  expect(detailOf({})).toBe('connected');
  expect(detailOf({ facts: { connectionsByApplication: [] } })).toBe('none connected');
});
