import { Command, Option } from 'commander';
import { DEAD_LETTER_REASONS } from '../../queue/dead-letters.sql.ts';
import type { CommandContext } from '../command-context.ts';
import { withList } from '../list-options.ts';
import { paymentTypeOption, withExamples, withJson, withOperator } from '../operator-options.ts';
import { collectIds, parseId, parseNumber, parseText } from '../parse-arguments.ts';
import { type HandleOptions, handleLetters } from './handle-letters.ts';
import { type ListLettersOptions, listLetters, showLetter } from './read-letters.ts';

/** Every redrive is a payment for the workers and the gateway, so a bulk order does not come as a flood. */
const DEFAULT_RATE = 20;

export function dlqCommand({ terminal, end }: CommandContext): Command {
  const group = new Command('dlq').description('payments that left the queue without success (dead letters)');

  const list = withList(
    withReason(group.command('list'))
      .description('list open dead letters, newest first')
      .option('--all', 'also those that have been dealt with')
      .addOption(paymentTypeOption())
      .option('--user <id>', 'only those of this user', parseId),
  ).action((options: ListLettersOptions) => end(listLetters(terminal, options)));
  withExamples(withJson(list), [
    ['dlq list', 'what waits for a person'],
    ['dlq list --reason refused --json', 'one reason, for a program'],
    ['dlq list --created-after 2026-01-01T12:00:00Z --amount-min 500', 'since then, and large'],
  ]);

  const show = group
    .command('show')
    .description('show one dead letter')
    .argument('<id>', 'the id of the letter', parseId)
    .action((id: bigint, options) => end(showLetter(terminal, id, options)));
  withExamples(withJson(show), [['dlq show 7', 'what happened, and what was done about it']]);

  const redrive = withSelection(group.command('redrive'), 'redrive')
    .description(
      'give dead letters another try: a failed payment is made anew, an unknown one is asked about first',
    )
    .option('--because <text>', 'why; it is recorded', parseText({ most: 500 }))
    .option(
      '--override-evidence',
      'one letter: go on although something recorded says that the money moved; it is recorded',
    )
    .action((ids: bigint[], options: HandleOptions) =>
      end(handleLetters(terminal, { ...options, ids, action: 'redrive' })),
    );
  withExamples(redrive, [
    ['dlq redrive 7 8', 'two letters'],
    ['dlq redrive --reason attempts_exhausted', 'shows how many, and asks'],
    ['dlq redrive --all --yes --rate 5', 'every open letter, 5 a second'],
    ['dlq redrive --all --dry-run', 'only shows how many'],
  ]);

  const discard = withSelection(group.command('discard'), 'discard')
    .description('close dead letters of failed payments for good')
    .requiredOption('--because <text>', 'why; it is recorded', parseText({ most: 500 }))
    .action((ids: bigint[], options: HandleOptions) =>
      end(handleLetters(terminal, { ...options, ids, action: 'discard' })),
    );
  withExamples(discard, [
    ['dlq discard 7 --because "paid by hand"', 'one letter'],
    ['dlq discard --reason refused --because "told the customers"', 'shows how many, and asks'],
  ]);

  return withExamples(group, [
    ['dlq list', 'what waits for a person'],
    ['dlq show 7', 'one of them'],
    ['dlq redrive --reason attempts_exhausted', 'the gateway is back'],
    ['dlq discard 7 --because "paid by hand"', 'nothing more is to be done'],
  ]);
}

/** `--reason` may be given several times, for any of them. */
function withReason(command: Command): Command {
  return command.addOption(
    new Option('--reason <reason...>', 'only those of this reason').choices(DEAD_LETTER_REASONS),
  );
}

function withSelection(command: Command, verb: string): Command {
  withReason(command)
    .argument('[ids...]', 'ids of letters; or select them with --reason, --user or --all', collectIds)
    .option('--all', `${verb} every open letter`)
    .option('--user <id>', 'only those of this user', parseId)
    .option('--rate <n>', 'how many a second', parseNumber({ least: 0.1, most: 1000 }), DEFAULT_RATE)
    .option('--dry-run', 'only show how many it would be')
    .option('-y, --yes', 'do not ask');
  return withJson(withOperator(command));
}
