/**
 * Who may import whom. The arrows point down this list; a line knows those below it and none above:
 *
 *   api, worker, cli, local, gateway-mock     processes: shells around what follows (console runs in a browser)
 *   retention, integrity                      what may be forgotten, and the books checked from outside
 *   dead-letters, wallets, conversions, order-holds, payments   payments: kinds and evidence are the ground of the rest
 *   reconciliation, fees, commands, holds, queue, fleet, gateway
 *   ledger, idempotency
 *   events                                    what happened, for whoever wants to hear of it
 *   money, database, process, http, telemetry, background, text
 */
const only = (name, comment, from, to) => ({ name, severity: 'error', comment, from, to });
const test = '\\.test\\.ts$';
/** What everything else stands on. None of it knows what a payment, an account or a task is. */
const GROUND = 'money|database|process|http|telemetry|background|text';
/** Rooms, as the pattern of a path in them. */
const rooms = (...names) => `^src/(${names.join('|')})/`;
/** Everything but the ground and these rooms. */
const allBut = (...names) => `^src/(?!(${[GROUND, ...names].join('|')})/)`;

module.exports = {
  forbidden: [
    only('no-circular', 'A circle has no beginning to read from.', {}, { circular: true }),
    only('no-orphan-import', 'What is imported must exist.', {}, { couldNotResolve: true }),
    only(
      'background-knows-nobody',
      'How something is repeated, kept or tried again has nothing to do with what it is.',
      { path: rooms('background'), pathNot: test },
      { path: '^src/(?!background/)' },
    ),
    only(
      'text-knows-nobody',
      'Text is text.',
      { path: rooms('text'), pathNot: test },
      { path: '^src/(?!text/)' },
    ),
    only(
      'money-knows-nobody',
      'An amount and its currency are what everything else speaks of.',
      { path: rooms('money'), pathNot: test },
      { path: '^src/(?!money/)' },
    ),
    only(
      'one-way-to-try-again',
      'Pauses between two tries are those of src/background, so that they are spread, bounded and can be tested.',
      { path: '^src/', pathNot: '^src/background/' },
      { path: 'node_modules/p-retry/' },
    ),
    only(
      'the-ground-knows-nobody',
      'How something is read, sent, kept or repeated has nothing to do with what it is.',
      { path: rooms(GROUND), pathNot: test },
      { path: allBut() },
    ),
    only(
      'events-stand-alone',
      'An event is written, kept and read whatever it speaks of; who writes one knows its type.',
      { path: rooms('events'), pathNot: test },
      { path: allBut('events') },
    ),
    only(
      'ledger-stands-alone',
      'The ledger does not know what a payment is.',
      { path: rooms('ledger'), pathNot: test },
      { path: allBut('ledger', 'events') },
    ),
    only(
      'scales-stand-below-postings',
      'How many decimals a currency is kept with does not depend on what was posted.',
      { path: rooms('ledger/scales'), pathNot: test },
      { path: '^src/ledger/(?!scales/)' },
    ),
    only(
      'postings-know-no-server',
      'What is posted is the same on every server; only folding counts by its transaction ids.',
      { path: '^src/ledger/(post|open|try|read|system-accounts)', pathNot: test },
      { path: '^src/ledger/server/' },
    ),
    only(
      'holds-stand-on-the-ledger',
      'A hold does not know what a payment is, and the ledger does not know what a hold is for.',
      { path: rooms('holds'), pathNot: test },
      { path: allBut('ledger', 'holds') },
    ),
    only(
      'queue-stands-alone',
      'The queue does not know what a payment means.',
      { path: rooms('queue'), pathNot: test },
      { path: allBut('queue', 'dead-letters/letters') },
    ),
    only(
      'letters-stand-alone',
      'A letter is written and read whatever becomes of it; what does is above payments.',
      { path: rooms('dead-letters/letters'), pathNot: test },
      { path: allBut('dead-letters/letters') },
    ),
    only(
      'fees-stand-alone',
      'What something costs is the same whoever charges it.',
      { path: rooms('fees'), pathNot: test },
      { path: allBut('fees') },
    ),
    only(
      'fleet-stands-alone',
      'Workers are alive or paused whatever they work on.',
      { path: rooms('fleet'), pathNot: test },
      { path: allBut('fleet') },
    ),
    only(
      'gateway-stands-alone',
      'The gateway client moves no money of ours.',
      { path: rooms('gateway'), pathNot: test },
      { path: allBut('gateway') },
    ),
    only(
      'idempotency-knows-no-request',
      'A key is kept and given again whatever it was used for.',
      { path: rooms('idempotency'), pathNot: test },
      { path: allBut('idempotency') },
    ),
    only(
      'commands-know-no-kind',
      'The executor does the same for every kind of command; a kind gives read, decide and write.',
      { path: rooms('commands'), pathNot: test },
      { path: allBut('idempotency', 'ledger', 'commands') },
    ),
    only(
      'reconciliation-below-payments',
      'Payments report differences to it; it compares books, asks the kinds of payments which way money goes, and never decides about a payment.',
      { path: rooms('reconciliation'), pathNot: test },
      { path: allBut('ledger', 'gateway', 'reconciliation', 'payments/kinds', 'events') },
    ),
    only(
      'integrity-looks-from-outside',
      'The check reads the tables of payments, ledger and queue; nothing that moves money stands on it.',
      { path: rooms('integrity'), pathNot: test },
      { path: allBut('ledger', 'integrity', 'events') },
    ),
    only(
      'rooms-know-no-process',
      'Payments, wallets and letters are the same in every process.',
      {
        path: rooms('payments', 'wallets', 'conversions', 'order-holds', 'dead-letters', 'retention', 'fees'),
        pathNot: test,
      },
      { path: rooms('api', 'worker', 'local', 'gateway-mock', 'cli', 'console') },
    ),
    only(
      'kinds-are-the-ground-of-payments',
      'A kind says what it holds and posts, and asks nobody else in the house.',
      { path: rooms('payments/kinds'), pathNot: test },
      {
        path: '^src/payments/(?!kinds/|payment\\.ts)|^src/(dead-letters|wallets|reconciliation|commands|queue|fleet)/',
      },
    ),
    only(
      'evidence-is-the-ground-of-decisions',
      'What the records say about a payment is the same for an attempt, a callback, an answer and a person.',
      { path: rooms('payments/evidence'), pathNot: test },
      {
        path: '^src/(payments/(accept|attempt|conclude|unknown|callbacks|history|read)|dead-letters|wallets)/',
      },
    ),
    only(
      'accepting-needs-no-gateway',
      'A payment is accepted whatever the gateway does.',
      { path: rooms('payments/accept'), pathNot: test },
      {
        path: '^src/(gateway|payments/(attempt|conclude|unknown|callbacks|history|read)|dead-letters|reconciliation)/',
      },
    ),
    only(
      'letters-and-lists-stand-on-payments',
      'A payment goes its way whether its dead letter is redriven or discarded, and whoever reads of it.',
      { path: rooms('payments/(accept|attempt|conclude|unknown|callbacks|history)'), pathNot: test },
      { path: '^src/(dead-letters/(?!letters/)|wallets/|payments/read/)' },
    ),
    only(
      'wallets-need-no-payments',
      'A wallet is there before the first payment; of payments it knows the kinds, for its list.',
      { path: rooms('wallets'), pathNot: test },
      { path: allBut('wallets', 'ledger', 'commands', 'idempotency', 'fees', 'payments/kinds', 'events') },
    ),
    only(
      'conversions-stand-beside-wallets',
      "Money changes its currency whatever payments there are; a rate is somebody else's word, and asks nobody in the house.",
      { path: rooms('conversions'), pathNot: test },
      { path: allBut('conversions', 'ledger', 'commands', 'idempotency', 'events') },
    ),
    only(
      'payments-know-no-conversion',
      'A payment goes its way in one currency.',
      { path: rooms('payments', 'dead-letters', 'wallets'), pathNot: test },
      { path: rooms('conversions') },
    ),
    only(
      'order-holds-need-no-payments',
      'What is held for an order is captured and released without a gateway, and without a payment.',
      { path: rooms('order-holds'), pathNot: test },
      { path: allBut('order-holds', 'holds', 'ledger', 'commands', 'idempotency', 'events') },
    ),
    only(
      'processes-are-strangers',
      'Processes meet in the database only.',
      { path: '^src/(api|worker|gateway-mock|local)/', pathNot: test },
      { path: '^src/(api|worker|gateway-mock|local)/', pathNot: '^src/$1/' },
    ),
    only(
      'cli-is-a-process-too',
      'The command line uses what API and worker use; of the local stack it knows where it and its database are.',
      { path: '^src/cli/', pathNot: test },
      {
        path: '^src/(api|worker|gateway-mock|local)/',
        pathNot:
          '^src/local/(explain-empty-start|postgres/find-running-postgres|running-stack|stack-addresses|connect-or-explain)\\.ts$',
      },
    ),
    only(
      'nothing-needs-the-cli',
      'Commands are for people; processes never run them.',
      { path: '^src/(?!cli/)' },
      { path: '^src/cli/' },
    ),
    only(
      'mock-stands-on-the-ground',
      'The stand-in must not share our idea of the truth.',
      { path: rooms('gateway-mock'), pathNot: test },
      { path: allBut('gateway-mock') },
    ),
    only(
      'console-runs-in-a-browser',
      'It knows the shape of the answers and nothing else; the API serves its files as they are.',
      { path: '^src/console/' },
      {
        path: '^src/(?!console/)|node_modules/(?!preact|htm|uplot|zod)',
        dependencyTypesNot: ['type-only'],
      },
    ),
    only(
      'nothing-imports-the-console',
      'What runs in a browser does not run here.',
      { path: '^src/(?!console/)', pathNot: test },
      { path: '^src/console/' },
    ),
    only(
      'axios-in-gateway',
      'One place makes outward calls.',
      { path: '^src/(?!gateway/)' },
      { path: 'node_modules/axios/' },
    ),
    only(
      'express-in-servers',
      'HTTP is the business of the shells.',
      { path: '^src/(?!api|gateway-mock|worker/observation-server)', pathNot: test },
      { path: 'node_modules/(express|swagger-ui-express)/' },
    ),
    only(
      'sql-in-sql-files',
      'A reader finds all SQL in *.sql.ts; connections are opened in few places.',
      {
        path: '^src/',
        pathNot: [
          '\\.sql\\.ts$',
          test,
          '^src/database/(sessions/(connection-options|database-client|running-role)|database|migrate|transactions/(transaction|classify-database-error))\\.ts$',
          '^src/worker/(crontab|wake-up-listener)\\.ts$',
          '^src/local/connect-or-explain\\.ts$',
        ],
      },
      { path: 'node_modules/(pg|knex)/', dependencyTypesNot: ['type-only'] },
    ),
    only(
      'no-sql-in-shells',
      'Nothing in the API or the worker knows SQL.',
      { path: '^src/(api|worker)/' },
      { path: '^src/(api|worker)/.*\\.sql\\.ts$' },
    ),
    only(
      'graphile-in-worker',
      'The crontab belongs to the worker.',
      { path: '^src/', pathNot: '^src/(worker/|database/migrate)' },
      { path: 'node_modules/graphile-worker/' },
    ),
    only(
      'nothing-needs-the-bench',
      'The bench looks at the product from outside.',
      { path: '^(src|migrations)/' },
      { path: '^(bench|test)/', pathNot: '^test/(builders|support)/' },
    ),
    only(
      'peers-know-no-product',
      'What we are compared with must not run on our code; the floor is our own SQL, and says so.',
      { path: '^bench/peers/', pathNot: '^bench/peers/floor' },
      { path: '^src/' },
    ),
    only(
      'nothing-needs-the-prover',
      'The prover looks at the product from outside.',
      { path: '^(src|bench|test)/' },
      { path: '^prove/' },
    ),
    only(
      'checks-see-the-world-only',
      'A check that could look elsewhere could be fooled elsewhere.',
      { path: '^prove/checks/', pathNot: test },
      { path: '^(src|prove)/', pathNot: '^prove/(checks|world/world|load/client)' },
    ),
    only(
      'prover-sql-in-sql-files',
      'A reader finds all SQL in *.sql.ts.',
      { path: '^prove/', pathNot: ['\\.sql\\.ts$', test] },
      { path: 'node_modules/(pg|knex)/', dependencyTypesNot: ['type-only'] },
    ),
    only(
      'bench-sql-in-sql-files',
      'As in src: a reader finds all SQL in *.sql.ts.',
      { path: '^bench/', pathNot: '\\.sql\\.ts$' },
      { path: 'node_modules/(pg|knex)/', dependencyTypesNot: ['type-only'] },
    ),
    only(
      'no-dev-dependencies',
      'Production images leave them out.',
      // src/local too: npm run migrate is part of the image. It finds the embedded Postgres without importing it.
      { path: '^src/', pathNot: test },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
    ),
  ],
  options: {
    // TypeScript 7 has no API to parse with.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js'],
    },
  },
};
