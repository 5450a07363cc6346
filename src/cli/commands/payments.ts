import { Command, Option } from 'commander';
import { UNKNOWN_STATES } from '../../payments/read/read-unknown-payments.sql.ts';
import { RESOLUTION_OUTCOMES } from '../../payments/unknown/resolution-outcome.ts';
import type { CommandContext } from '../command-context.ts';
import { withList } from '../options/list-options.ts';
import { paymentTypeOption, withExamples, withJson, withOperator } from '../options/operator-options.ts';
import { parseId, parseText } from '../options/parse-arguments.ts';
import { listUnknown, type UnknownOptions } from './list-unknown.ts';
import { type ResolveOptions, resolve } from './resolve.ts';
import { showPayment } from './show-payment.ts';

export function paymentsCommand({ terminal, end }: CommandContext): Command {
  const group = new Command('payments').description('what happened to payments');

  const show = group
    .command('show')
    .description('show everything that happened to a payment, oldest first')
    .argument('<id>', 'the id of the payment', parseId)
    .action((id: bigint, options) => end(showPayment(terminal, id, options)));
  withExamples(withJson(show), [['payments show 42', 'where is my money?']]);

  const unknown = withList(
    group
      .command('unknown')
      .description('list payments whose outcome is unknown, with the evidence for either outcome')
      .addOption(
        new Option(
          '--state <state>',
          'asking: the gateway is still being asked; needs_review: a person must find out',
        ).choices(UNKNOWN_STATES),
      )
      .addOption(paymentTypeOption())
      .option('--user <id>', 'only those of this user', parseId),
  ).action((options: UnknownOptions) => end(listUnknown(terminal, options)));
  withExamples(withJson(unknown), [['payments unknown --state needs_review', 'what needs a person']]);

  const resolving = group
    .command('resolve')
    .description('resolve a payment whose outcome is unknown; this is final')
    .argument('<id>', 'the id of the payment', parseId)
    .addOption(
      new Option('--outcome <outcome>', 'what the gateway did')
        .choices(RESOLUTION_OUTCOMES)
        .makeOptionMandatory(),
    )
    .requiredOption('--because <text>', 'the reason, which is recorded', parseText({ most: 500 }))
    .requiredOption(
      '--evidence <text>',
      'what your decision is based on: a line of a statement, a ticket',
      parseText({ most: 2000 }),
    )
    .option('--gateway-reference <text>', "the gateway's own reference", parseText({ most: 255 }))
    .option(
      '--override-evidence',
      'resolve as not_executed although there is evidence that the money moved; this is recorded',
    )
    .option('-y, --yes', 'do not ask')
    .action((id: bigint, options: ResolveOptions) => end(resolve(terminal, id, options)));
  withExamples(withJson(withOperator(resolving)), [
    [
      'payments resolve 42 --outcome executed --because "confirmed on the phone" --evidence "their ticket 4711"',
      'settles it',
    ],
  ]);

  return withExamples(group, [
    ['payments show 42', 'where is my money?'],
    ['payments unknown --state needs_review', 'what needs a person'],
  ]);
}
