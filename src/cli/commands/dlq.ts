import { Command, Option } from 'commander';
import { DEAD_LETTER_REASONS } from '../../dead-letters/letters/dead-letter-reasons.ts';
import type { CommandContext } from '../command-context.ts';
import { withList } from '../options/list-options.ts';
import { paymentTypeOption, withExamples, withJson, withOperator } from '../options/operator-options.ts';
import { collectIds, parseCount, parseId, parseNumber, parseText } from '../options/parse-arguments.ts';
import { type DiscardOptions, discardLetters } from './discard-letters.ts';
import { type ListLettersOptions, listLetters, showLetter } from './read-letters.ts';
import { type RedriveOptions, redriveLetters } from './redrive-letters.ts';
import { follow, resume, stop } from './steer-bulk-redrive.ts';

/** Every redrive is a payment for the workers and the gateway, so a bulk order must not flood them. */
const DEFAULT_RATE = 20;

export function dlqCommand({ terminal, end }: CommandContext): Command {
  const group = new Command('dlq').description('payments that left the queue without success (dead letters)');

  const list = withList(
    withReason(group.command('list'))
      .description('list open dead letters, newest first')
      .option('--all', 'include closed ones')
      .addOption(paymentTypeOption())
      .option('--user <id>', 'only those of this user', parseId),
  ).action((options: ListLettersOptions) => end(listLetters(terminal, options)));
  withExamples(withJson(list), [
    ['dlq list', 'what needs a person'],
    ['dlq list --reason refused --json', 'one reason, as JSON'],
    ['dlq list --created-after 2026-01-01T12:00:00Z --amount-min 500', 'large ones since then'],
  ]);

  const show = group
    .command('show')
    .description('show one dead letter')
    .argument('<id>', 'the id of the dead letter', parseId)
    .action((id: bigint, options) => end(showLetter(terminal, id, options)));
  withExamples(withJson(show), [['dlq show 7', 'what happened, and who did what about it']]);

  const redrive = withSelection(group.command('redrive'), 'redrive')
    .description(
      'redrive dead letters: a failed payment is replaced by a new one; for an unknown payment, the worker asks the gateway first. Workers redrive more than one letter, and this command shows their progress',
    )
    .option('--rate <n>', 'how many per second', parseCount({ least: 1, most: 100 }), DEFAULT_RATE)
    .option('--because <text>', 'the reason, which is recorded', parseText({ most: 400 }))
    .option(
      '--override-evidence',
      'for one letter: redrive it although there is evidence that the money moved; this is recorded',
    )
    .action((ids: bigint[], options: RedriveOptions) => end(redriveLetters(terminal, ids, options)));
  withExamples(redrive, [
    ['dlq redrive 7 8', 'two letters'],
    ['dlq redrive --reason attempts_exhausted', 'shows how many, then asks'],
    ['dlq redrive --all --yes --rate 5', 'every open letter, 5 per second'],
    ['dlq redrive --all --dry-run', 'only shows how many'],
  ]);

  const following = group
    .command('follow')
    .description('watch a bulk redrive until it ends')
    .argument('<id>', 'the id of the bulk redrive', parseId)
    .action((id: bigint, options) => end(follow(terminal, id, options)));
  withExamples(withJson(following), [['dlq follow 3', 'its progress']]);

  const stopping = group
    .command('stop')
    .description('stop a bulk redrive within a second; letters that were already redriven stay redriven')
    .argument('<id>', 'the id of the bulk redrive', parseId)
    .action((id: bigint, options) => end(stop(terminal, id, options)));
  withExamples(withJson(withOperator(stopping)), [['dlq stop 3', 'the gateway is down again']]);

  const resuming = group
    .command('resume')
    .description('resume a stopped bulk redrive where it stopped, and watch it')
    .argument('<id>', 'the id of the bulk redrive', parseId)
    .action((id: bigint, options) => end(resume(terminal, id, options)));
  withExamples(withJson(withOperator(resuming)), [['dlq resume 3', 'the gateway is back']]);

  const discard = withSelection(group.command('discard'), 'discard')
    .description('close dead letters of failed payments for good')
    .option('--rate <n>', 'how many per second', parseNumber({ least: 0.1, most: 1000 }), DEFAULT_RATE)
    .requiredOption('--because <text>', 'the reason, which is recorded', parseText({ most: 500 }))
    .action((ids: bigint[], options: DiscardOptions) => end(discardLetters(terminal, ids, options)));
  withExamples(discard, [
    ['dlq discard 7 --because "paid by hand"', 'one letter'],
    ['dlq discard --reason refused --because "told the customers"', 'shows how many, then asks'],
  ]);

  return withExamples(group, [
    ['dlq list', 'what needs a person'],
    ['dlq show 7', 'one of them'],
    ['dlq redrive --reason attempts_exhausted', 'the gateway is back'],
    ['dlq discard 7 --because "paid by hand"', 'there is nothing more to do'],
  ]);
}

/** `--reason` may be given several times; a letter with any of these reasons matches. */
function withReason(command: Command): Command {
  return command.addOption(
    new Option('--reason <reason...>', 'only those of this reason').choices(DEAD_LETTER_REASONS),
  );
}

function withSelection(command: Command, verb: string): Command {
  withReason(command)
    .argument(
      '[ids...]',
      'ids of dead letters; or select them with --reason, --type, --user or --all',
      collectIds,
    )
    .option('--all', `${verb} every open letter`)
    .addOption(paymentTypeOption())
    .option('--user <id>', 'only those of this user', parseId)
    .option('--dry-run', 'only show how many letters match')
    .option('-y, --yes', 'do not ask for confirmation');
  return withJson(withOperator(command));
}
