import { Command } from 'commander';
import { formatAmount } from '../../money/decimal-amount.ts';
import { StartError } from '../../process/lifecycle.ts';
import { listWallets } from '../../wallets/read-wallets.sql.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type OutputOptions, withExamples, withJson } from '../options/operator-options.ts';
import { parseId } from '../options/parse-arguments.ts';
import { renderJson } from '../output/render-json.ts';
import { renderTable } from '../output/render-table.ts';
import type { Terminal } from '../output/terminal.ts';
import { withSession } from '../session.ts';

export function usersCommand({ terminal, end }: CommandContext): Command {
  const group = new Command('users').description('users and their wallets');
  const show = group
    .command('show')
    .description('show the wallets of a user, one for each currency')
    .argument('<id>', 'the id of the user', parseId)
    .action((id: bigint, options) => end(showUser(terminal, id, options)));
  const examples = [['users show 7', 'what does the user have, and what of it is held?']] as const;
  withExamples(withJson(show), examples);
  return withExamples(group, examples);
}

/** `users show` */
async function showUser(terminal: Terminal, userId: bigint, { json }: OutputOptions): Promise<ExitCode> {
  return await withSession(async ({ knex }) => {
    const wallets = await listWallets(knex, userId);
    if (wallets.length === 0) throw new StartError(`There is no user ${userId}.`);
    if (json) {
      terminal.print(renderJson({ userId, wallets }));
      return EXIT.done;
    }
    const rows = wallets.map(({ currency, postedMinor, heldMinor, createdAt }) => {
      const amount = (minor: bigint) => formatAmount(minor, currency);
      const available = amount(postedMinor - heldMinor);
      return [currency, amount(postedMinor), amount(heldMinor), available, createdAt];
    });
    terminal.print(renderTable(['currency', 'balance', 'held', 'available', 'opened'], rows));
    return EXIT.done;
  });
}
