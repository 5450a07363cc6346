import { Command, Option } from 'commander';
import type { Page } from '../../database/list-page.sql.ts';
import { formatAmount } from '../../money/decimal-amount.ts';
import {
  type ListedOrderHold,
  listOrderHolds,
  ORDER_HOLD_STATES,
  type OrderHoldState,
} from '../../order-holds/list-order-holds.sql.ts';
import { remainingMinor, statusAt } from '../../order-holds/order-hold.ts';
import { findOwner } from '../../wallets/find-owner.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type ListOptions, printList, readList, toListFilter, withTimes } from '../options/list-options.ts';
import { withExamples, withJson } from '../options/operator-options.ts';
import { parseCurrency, parseId } from '../options/parse-arguments.ts';
import { renderTable } from '../output/render-table.ts';
import type { Terminal } from '../output/terminal.ts';
import { withSession } from '../session.ts';

interface HoldsOptions extends ListOptions {
  readonly state: OrderHoldState;
  readonly user?: bigint;
  readonly wallet?: bigint;
  readonly currency?: string;
}

export function holdsCommand({ terminal, end }: CommandContext): Command {
  const group = new Command('holds').description('money that is held for orders');
  const list = withTimes(
    group
      .command('list')
      .description('list what is held for orders, and what became of it')
      .addOption(
        new Option(
          '--state <state>',
          'overdue: those that are expiring, because their time is over; ended: whatever ended it',
        )
          .choices(ORDER_HOLD_STATES)
          .default('open'),
      )
      .option('--user <id>', 'only those of this user', parseId)
      .option('--wallet <id>', 'only those of this wallet', parseId)
      .option('--currency <code>', 'only those in this currency', parseCurrency),
  ).action((options: HoldsOptions) => end(listHolds(terminal, options)));
  const examples = [['holds list --state overdue', 'what should have gone back by now?']] as const;
  withExamples(withJson(list), examples);
  return withExamples(group, examples);
}

/** `holds list` */
async function listHolds(terminal: Terminal, options: HoldsOptions): Promise<ExitCode> {
  return await withSession(async ({ config, knex }) => {
    const { state, user, wallet: walletId, currency } = options;
    const userId = await findOwner(knex, { userId: user, walletId });
    const filter = { state, walletId, currency, ...toListFilter(options, config.payments.currency) };
    const list = 'order_holds';
    const page = await readList(options, list, async (place) =>
      userId === 'nobody' ? NOTHING : await listOrderHolds(knex, { ...filter, userId, ...place }),
    );
    printList(terminal, page, {
      list,
      json: options.json,
      render: renderHolds,
      toJson: ({ readAt, ...hold }) => ({
        ...hold,
        status: statusAt(hold, readAt),
        remainingMinor: remainingMinor(hold),
      }),
      none: 'No holds match.',
    });
    return EXIT.done;
  });
}

const NOTHING: Page<ListedOrderHold> = { items: [], nextBeforeId: null };

function renderHolds(holds: readonly ListedOrderHold[]): string {
  const rows = holds.map((hold) => {
    const amount = (minor: bigint) => `${formatAmount(minor, hold.currency)} ${hold.currency}`;
    return [
      hold.userId,
      hold.walletId,
      amount(hold.amountMinor),
      amount(hold.capturedMinor),
      amount(remainingMinor(hold)),
      statusAt(hold, hold.readAt),
      hold.createdAt,
      hold.resolvedAt ?? hold.expiresAt,
      hold.orderId,
    ];
  });
  const columns = ['user', 'wallet', 'held', 'captured', 'still held', 'state', 'since', 'until', 'order'];
  return renderTable(columns, rows);
}
