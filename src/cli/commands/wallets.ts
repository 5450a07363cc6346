import { Command, Option } from 'commander';
import { WALLET_STATES } from '../../ledger/wallet-state.ts';
import type { CommandContext } from '../command-context.ts';
import { withPages } from '../options/list-options.ts';
import { withExamples, withJson, withOperator } from '../options/operator-options.ts';
import { parseCurrency, parseId, parseText } from '../options/parse-arguments.ts';
import { changeWalletState } from './change-wallet-state.ts';
import { listWallets, showWallet } from './read-wallets.ts';

export function walletsCommand({ terminal, end }: CommandContext): Command {
  const group = new Command('wallets').description('wallets: look at them, freeze and close them');
  const list = withJson(
    withPages(
      group
        .command('list')
        .description('list wallets, newest first')
        .option('--user <id>', 'only wallets of this user', parseId)
        .option('--currency <code>', 'only wallets in this currency', parseCurrency)
        .addOption(new Option('--state <state>', 'only wallets in this state').choices(WALLET_STATES)),
    ),
  ).action((options) => end(listWallets(terminal, options)));
  const show = withJson(
    group
      .command('show')
      .description('show a wallet, and who changed its state and why')
      .argument('<id>', 'the id of the wallet', parseId),
  ).action((id: bigint, options) => end(showWallet(terminal, id, options)));

  const change = (action: 'freeze' | 'unfreeze' | 'close', description: string) =>
    withJson(
      withOperator(
        group
          .command(action)
          .description(description)
          .argument('<id>', 'the id of the wallet', parseId)
          .requiredOption('--because <text>', 'why, which is recorded', parseText({ most: 500 })),
      ),
    ).action((id: bigint, options) => end(changeWalletState(terminal, { id, action }, options)));
  change('freeze', 'take nothing more from a wallet, but for what was promised before');
  change('unfreeze', 'let money be taken from a frozen wallet again');
  change('close', 'close an empty wallet for good').option('--yes', 'do not ask for confirmation');

  const examples = [
    ['wallets list --state frozen', 'which wallets are frozen?'],
    ['wallets show 7', 'what is in it, and who froze it?'],
    ['wallets freeze 7 --because "the account may have been taken over"', 'nothing more goes out'],
    ['wallets close 7 --because "the owner has left"', 'for good, once it is empty'],
  ] as const;
  for (const command of [list, show]) withExamples(command, examples.slice(0, 2));
  return withExamples(group, examples);
}
