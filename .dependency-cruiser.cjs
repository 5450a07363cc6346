/**
 * Who may import whom. The arrows point one way:
 * api, worker, local, cli -> payments -> commands, holds, queue, gateway, reconciliation -> ledger -> money -> shared -> background;
 * commands -> idempotency;
 * reconciliation -> ledger, gateway; integrity -> ledger.
 */
const only = (name, comment, from, to) => ({ name, severity: 'error', comment, from, to });
const test = '\\.test\\.ts$';

module.exports = {
  forbidden: [
    only('no-circular', 'A circle has no beginning to read from.', {}, { circular: true }),
    only('no-orphan-import', 'What is imported must exist.', {}, { couldNotResolve: true }),
    only(
      'background-knows-nobody',
      'How something is repeated, kept or tried again has nothing to do with what it is.',
      { path: '^src/background', pathNot: test },
      { path: '^src/(?!background)' },
    ),
    only(
      'one-way-to-try-again',
      'Pauses between two tries are those of src/background, so that they are spread, bounded and can be tested.',
      { path: '^src/', pathNot: '^src/background/' },
      { path: 'node_modules/p-retry/' },
    ),
    only(
      'shared-knows-nobody',
      'shared is what everything else stands on, beside what is done in the background.',
      { path: '^src/shared', pathNot: test },
      { path: '^src/(?!shared|background)' },
    ),
    only(
      'ledger-stands-alone',
      'The ledger does not know what a payment is.',
      { path: '^src/ledger', pathNot: test },
      { path: '^src/(?!shared|background|money|ledger)' },
    ),
    only(
      'holds-stand-on-the-ledger',
      'A hold does not know what a payment is, and the ledger does not know what a hold is for.',
      { path: '^src/holds', pathNot: test },
      { path: '^src/(?!shared|background|money|ledger|holds)' },
    ),
    only(
      'money-knows-nobody',
      'An amount and its currency are what everything else speaks of.',
      { path: '^src/money', pathNot: test },
      { path: '^src/(?!shared|background|money)' },
    ),
    only(
      'queue-stands-alone',
      'The queue does not know what a payment means.',
      { path: '^src/queue', pathNot: test },
      { path: '^src/(?!shared|background|queue)' },
    ),
    only(
      'gateway-stands-alone',
      'The gateway client moves no money of ours.',
      { path: '^src/gateway/', pathNot: test },
      { path: '^src/(?!shared|background|gateway/)' },
    ),
    only(
      'idempotency-knows-no-request',
      'A key is kept and given again whatever it was used for.',
      { path: '^src/idempotency', pathNot: test },
      { path: '^src/(?!shared|background|idempotency)' },
    ),
    only(
      'commands-know-no-kind',
      'The executor does the same for every kind of command; a kind gives read, decide and write.',
      { path: '^src/commands', pathNot: test },
      { path: '^src/(?!shared|background|idempotency|commands)' },
    ),
    only(
      'reconciliation-below-payments',
      'Payments report differences to it; it compares books, asks the kinds of payments which way money goes, and never decides about a payment.',
      { path: '^src/reconciliation', pathNot: test },
      { path: '^src/(?!shared|background|money|ledger|gateway/|reconciliation|payments/kinds/)' },
    ),
    only(
      'integrity-looks-from-outside',
      'The check reads the tables of payments, ledger and queue; nothing that moves money stands on it.',
      { path: '^src/integrity', pathNot: test },
      { path: '^src/(?!shared|background|money|ledger|integrity)' },
    ),
    only(
      'payments-know-no-process',
      'Payments are the same in every process.',
      { path: '^src/payments', pathNot: test },
      { path: '^src/(api|worker|local|gateway-mock|cli)/' },
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
        pathNot: '^src/local/(find-running-postgres|running-stack|stack-addresses|connect-or-explain)\\.ts$',
      },
    ),
    only(
      'nothing-needs-the-cli',
      'Commands are for people; processes never run them.',
      { path: '^src/(?!cli/)' },
      { path: '^src/cli/' },
    ),
    only(
      'mock-knows-shared-only',
      'The stand-in must not share our idea of the truth.',
      { path: '^src/gateway-mock', pathNot: test },
      { path: '^src/(?!shared|background|gateway-mock)' },
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
          '^src/shared/(database-client|database|running-role|migrate|transaction|classify-database-error)\\.ts$',
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
      { path: '^src/', pathNot: '^src/(worker/|shared/migrate)' },
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
