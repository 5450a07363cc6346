import { effectiveFees } from '../../fees/effective-fees.ts';
import type { FeeKind } from '../../fees/fee.ts';
import { listFeeChanges } from '../../fees/list-fee-changes.sql.ts';
import { listFeesAt } from '../../fees/read-fees.sql.ts';
import { isKnownCurrency } from '../../money/currency.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { OutputOptions } from '../options/operator-options.ts';
import { describeFee, FEE_COLUMN_NAMES, feeCells, feeJson } from '../output/describe-fee.ts';
import { renderJson } from '../output/render-json.ts';
import { renderTable } from '../output/render-table.ts';
import type { Terminal } from '../output/terminal.ts';
import { withSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

export interface ListFeesOptions extends OutputOptions {
  readonly kind?: FeeKind;
  readonly currency?: string;
  readonly at?: string;
  readonly history?: true;
}

const MOST_CHANGES = 200;

/** `fees list` */
export async function listFees(terminal: Terminal, options: ListFeesOptions): Promise<ExitCode> {
  const { kind, currency, at: asked, history } = options;
  if (currency !== undefined && !isKnownCurrency(currency))
    throw new UsageError('--currency must be an ISO 4217 currency code, such as EUR.');
  if (history && asked !== undefined)
    throw new UsageError('--at goes with the fees, and --history with their changes: leave one out.');
  if (history) return await listChanges(terminal, options);
  return await withSession(async ({ config, knex }) => {
    const { at, fees } = await listFeesAt(knex, asked);
    const shown = effectiveFees(fees, { kind, currency }, config.payments.feePercent);
    if (options.json) terminal.print(renderJson({ at, items: shown.map(feeJson) }));
    else terminal.print(renderTable(FEE_COLUMN_NAMES, shown.map(feeCells)));
    return EXIT.done;
  });
}

async function listChanges(terminal: Terminal, { kind, currency, json }: ListFeesOptions): Promise<ExitCode> {
  return await withSession(async ({ knex }) => {
    const { items } = await listFeeChanges(knex, { kind, currency, limit: MOST_CHANGES });
    if (json) {
      const shown = items.map(({ before, after, ...change }) => ({
        ...change,
        before: before && feeJson(before),
        after: after && feeJson(after),
      }));
      terminal.print(renderJson({ items: shown }));
      return EXIT.done;
    }
    const rows = items.map(({ at, action, effectiveAt, before, after, by, reason }) => [
      at,
      action,
      effectiveAt,
      (after ?? before)?.kind,
      (after ?? before)?.currency ?? 'any',
      before && describeFee(before),
      after && describeFee(after),
      by,
      reason,
    ]);
    const columns = ['at', 'action', 'effective', 'kind', 'currency', 'before', 'after', 'by', 'reason'];
    terminal.print(items.length === 0 ? 'No fee was ever set.' : renderTable(columns, rows));
    return EXIT.done;
  });
}
