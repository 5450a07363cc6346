import { formatAmount } from '../../money/decimal-amount.ts';
import { StartError } from '../../process/lifecycle.ts';
import { countOf } from '../../text/plural.ts';
import { changeState, type StateChangeOutcome } from '../../wallets/change-state.ts';
import type { StateAction } from '../../wallets/decide-state-change.ts';
import { logStateChange } from '../../wallets/log-state-change.ts';
import { findWallet } from '../../wallets/read-wallets.sql.ts';
import type { Wallet } from '../../wallets/wallet.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { OutputOptions } from '../options/operator-options.ts';
import { renderJson } from '../output/render-json.ts';
import type { Terminal } from '../output/terminal.ts';
import { withSession } from '../session.ts';

export interface ChangeOptions extends OutputOptions {
  readonly because: string;
  readonly by: string;
  readonly yes?: true;
}

/** `wallets freeze`, `wallets unfreeze` and `wallets close` */
export async function changeWalletState(
  terminal: Terminal,
  { id: walletId, action }: { readonly id: bigint; readonly action: StateAction },
  { because: reason, by, yes, json }: ChangeOptions,
): Promise<ExitCode> {
  return await withSession(async ({ knex, log, pool }) => {
    const before = await findWallet(knex, walletId);
    if (!before) throw new StartError(`There is no wallet ${walletId}.`);
    if (action === 'close' && before.state !== 'closed' && !yes) {
      const question = `Close wallet ${walletId} of user ${before.userId} in ${before.currency}, for good?`;
      if (!(terminal.isInteractive && (await terminal.confirm(question)))) {
        terminal.complain('Nothing was done. Add --yes to close it without confirmation.');
        return EXIT.usage;
      }
    }
    const outcome = await changeState(pool, { walletId, action, by, reason });
    if (outcome.kind !== 'changed' && outcome.kind !== 'unchanged')
      throw new StartError(explain(outcome, before));
    if (outcome.kind === 'changed') logStateChange(log, { walletId, ...outcome.change });
    const wallet = (await findWallet(knex, walletId)) ?? before;
    const said =
      outcome.kind === 'changed'
        ? `Wallet ${walletId} is ${wallet.state}. Recorded as decided by ${by}.`
        : `Wallet ${walletId} is ${wallet.state} already. Nothing was done.`;
    terminal.print(json ? renderJson(wallet) : said);
    return EXIT.done;
  });
}

function explain(
  outcome: Exclude<StateChangeOutcome, { kind: 'changed' | 'unchanged' }>,
  { walletId, currency }: Wallet,
): string {
  switch (outcome.kind) {
    case 'not_found':
      return `There is no wallet ${walletId}.`;
    case 'closed':
      return `Wallet ${walletId} is closed, and stays closed. Nothing was done.`;
    case 'not_empty': {
      const { postedMinor, heldMinor, openPayments, openQuotes } = outcome.facts;
      const [posted, held] = [postedMinor, heldMinor].map((minor) => formatAmount(minor, currency));
      return `Wallet ${walletId} has ${posted} ${currency} in it, ${held} ${currency} held, ${countOf(openPayments, 'open payment')} and ${countOf(openQuotes, 'open quote')}. Nothing was done: it can be closed once none of that is left.`;
    }
  }
}
