import { Command, Option } from 'commander';
import { FEE_KINDS, FEE_PAYERS } from '../../fees/fee.ts';
import type { CommandContext } from '../command-context.ts';
import { parseTime } from '../options/list-options.ts';
import { withExamples, withJson, withOperator } from '../options/operator-options.ts';
import { parseId, parseText } from '../options/parse-arguments.ts';
import { changeFee, type EndOptions, type SetOptions, stopFee } from './change-fee.ts';
import { type ListFeesOptions, listFees } from './list-fees.ts';

export function feesCommand({ terminal, end }: CommandContext): Command {
  const group = new Command('fees').description('what deposits, withdrawals and transfers cost');

  const list = group
    .command('list')
    .description('list the fees that are valid, or who changed them and why')
    .addOption(new Option('--kind <kind>', 'only fees of this kind').choices(FEE_KINDS))
    .option('--currency <currency>', 'what goes for this currency')
    .option('--at <time>', 'those that were or will be valid at this moment', parseTime)
    .option('--history', 'the changes, newest first, with who made them and why')
    .action((options: ListFeesOptions) => end(listFees(terminal, options)));
  withExamples(withJson(list), [
    ['fees list --currency EUR', 'what does a payment in EUR cost?'],
    ['fees list --history', 'who changed it, and why?'],
  ]);

  const set = group
    .command('set')
    .description('set a fee, from now on or from a later moment on')
    .argument('<kind>', `what it is charged for: ${FEE_KINDS.join(', ')}`)
    .option('--currency <currency>', 'in this currency; otherwise in all that have none of their own')
    .option('--percent <percent>', 'the share of the amount, with at most four decimals')
    .option('--fixed <amount>', 'what is added to it')
    .option('--least <amount>', 'the fee is never less')
    .option('--most <amount>', 'the fee is never more')
    .addOption(new Option('--payer <payer>', 'who pays it; by default the wallet').choices(FEE_PAYERS))
    .option('--from <time>', 'when it begins; by default now', parseTime)
    .requiredOption('--because <text>', 'the reason, which is recorded', parseText({ most: 500 }))
    .option('-y, --yes', 'do not ask')
    .action((kind: string, options: SetOptions) => end(changeFee(terminal, kind, options)));
  withExamples(withJson(withOperator(set)), [
    [
      'fees set withdrawal --currency EUR --percent 1.5 --fixed 0.30 --because "the new contract"',
      '1.5 % and 0.30 EUR',
    ],
  ]);

  const stop = group
    .command('end')
    .description('end a fee, now or at a later moment; one that has not begun is withdrawn')
    .argument('<id>', 'the id of the fee', parseId)
    .option('--to <time>', 'when it ends; by default now', parseTime)
    .requiredOption('--because <text>', 'the reason, which is recorded', parseText({ most: 500 }))
    .option('-y, --yes', 'do not ask')
    .action((id: bigint, options: EndOptions) => end(stopFee(terminal, id, options)));
  withExamples(withJson(withOperator(stop)), [
    ['fees end 3 --because "the contract has ended"', 'what is less specific, or the default, goes again'],
  ]);

  return withExamples(group, [
    ['fees list', 'what is charged?'],
    ['fees list --history', 'who changed it, and why?'],
  ]);
}
