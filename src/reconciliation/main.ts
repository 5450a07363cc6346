import { createAxiosGatewayBook } from '../gateway/axios-gateway-book.ts';
import { requireFrozenScales } from '../ledger/frozen-scales.ts';
import { requireDatabaseUrl } from '../shared/config.ts';
import { createKnex, createPool } from '../shared/database.ts';
import { loadConfig } from '../shared/load-config.ts';
import { bookOptions } from './book-options.ts';
import { printReport, renderReportJson } from './print-report.ts';
import { runReconciliation } from './run-reconciliation.ts';

const USAGE = `Compares every settled payment with the gateway's book.

  npm run reconcile            a table for people
  npm run reconcile -- --json  one line of JSON for programs

Ends with 0 when both agree, 2 when differences are open, 1 when it could not be done.
`;

/** @returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const unknown = args.find((arg) => arg !== '--json');
  if (unknown !== undefined) {
    process.stderr.write(`There is no option ${unknown}.\n\n${USAGE}`);
    return 1;
  }
  const config = loadConfig();
  const databaseUrl = requireDatabaseUrl(config);
  const pool = createPool(databaseUrl, config, 'reconcile', () => {});
  const knex = createKnex(databaseUrl, config, 'reconcile');
  const book = createAxiosGatewayBook(bookOptions(config));
  try {
    await requireFrozenScales(pool);
    const result = await runReconciliation({
      pool,
      knex,
      book,
      startedBy: 'command',
      graceMs: config.RECONCILIATION_GRACE_SECONDS,
    });
    process.stdout.write(args.includes('--json') ? `${renderReportJson(result)}\n` : printReport(result));
    return result.status === 'clean' ? 0 : 2;
  } finally {
    book.close();
    await Promise.all([pool.end(), knex.destroy()]);
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  },
);
