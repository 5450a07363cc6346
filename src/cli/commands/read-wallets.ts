import { listWalletStateChanges, type WalletStateChange } from '../../ledger/wallet-state-changes.sql.ts';
import { formatAmount } from '../../money/decimal-amount.ts';
import { StartError } from '../../process/lifecycle.ts';
import { listAllWallets, type WalletFilter } from '../../wallets/list-wallets.sql.ts';
import { findWallet } from '../../wallets/read-wallets.sql.ts';
import type { Wallet } from '../../wallets/wallet.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type PageOptions, printList, readList } from '../options/list-options.ts';
import type { OutputOptions } from '../options/operator-options.ts';
import { renderJson } from '../output/render-json.ts';
import { renderTable } from '../output/render-table.ts';
import type { Terminal } from '../output/terminal.ts';
import { withSession } from '../session.ts';

export interface ListWalletsOptions extends PageOptions, Omit<WalletFilter, 'userId'> {
  readonly user?: bigint;
}

const MOST_CHANGES = 100;

/** `wallets list` */
export async function listWallets(terminal: Terminal, options: ListWalletsOptions): Promise<ExitCode> {
  return await withSession(async ({ knex }) => {
    const filter = { userId: options.user, currency: options.currency, state: options.state };
    const list = 'wallets';
    const page = await readList(options, list, (place) => listAllWallets(knex, { ...filter, ...place }));
    printList(terminal, page, { list, json: options.json, render: renderWallets, none: 'No wallets match.' });
    return EXIT.done;
  });
}

/** `wallets show` */
export async function showWallet(
  terminal: Terminal,
  walletId: bigint,
  { json }: OutputOptions,
): Promise<ExitCode> {
  return await withSession(async ({ knex }) => {
    const wallet = await findWallet(knex, walletId);
    if (!wallet) throw new StartError(`There is no wallet ${walletId}.`);
    const history = await listWalletStateChanges(knex, { ...wallet, limit: MOST_CHANGES });
    if (json) {
      terminal.print(renderJson({ ...wallet, history }));
      return EXIT.done;
    }
    terminal.print(renderWallets([wallet]));
    if (history.length > 0) terminal.print(`\n${renderHistory(history)}`);
    return EXIT.done;
  });
}

const COLUMNS = ['wallet', 'user', 'currency', 'name', 'state', 'balance', 'held', 'available', 'opened'];

function renderWallets(wallets: readonly Wallet[]): string {
  const rows = wallets.map(
    ({ walletId, userId, currency, name, state, postedMinor, heldMinor, createdAt }) => {
      const [balance, held, available] = [postedMinor, heldMinor, postedMinor - heldMinor].map((minor) =>
        formatAmount(minor, currency),
      );
      return [walletId, userId, currency, name || '-', state, balance, held, available, createdAt];
    },
  );
  return renderTable(COLUMNS, rows);
}

function renderHistory(history: readonly WalletStateChange[]): string {
  const rows = history.map(({ at, action, before, after, by, reason }) => [
    at,
    action,
    `${before} to ${after}`,
    by,
    reason,
  ]);
  return renderTable(['when', 'what', 'state', 'by', 'why'], rows);
}
