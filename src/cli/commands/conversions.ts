import { Command, InvalidArgumentError } from 'commander';
import { listQuotes } from '../../conversions/quotes/list-quotes.sql.ts';
import { dealtRateOf } from '../../conversions/quotes/price-quote.ts';
import type { Quote } from '../../conversions/quotes/quote.ts';
import { findConversion, findQuote } from '../../conversions/quotes/quotes.sql.ts';
import { formatAmount } from '../../money/decimal-amount.ts';
import { formatFraction } from '../../money/fraction.ts';
import { StartError } from '../../process/lifecycle.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type ListOptions, printList, readList, toListFilter, withTimes } from '../options/list-options.ts';
import { type OutputOptions, withExamples, withJson } from '../options/operator-options.ts';
import { parseCurrency, parseId } from '../options/parse-arguments.ts';
import { renderJson } from '../output/render-json.ts';
import { renderTable } from '../output/render-table.ts';
import type { Terminal } from '../output/terminal.ts';
import { type Session, withSession } from '../session.ts';

interface ConversionsOptions extends ListOptions {
  readonly user?: bigint;
  readonly from?: string;
  readonly to?: string;
}

/** As many as the API shows. */
const DIGITS = 15;
const TOKEN = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function quotesCommand({ terminal, end }: CommandContext): Command {
  const group = new Command('quotes').description('what users were offered for a conversion');
  const show = group
    .command('show')
    .description('show a quote, and whether it was used or has expired')
    .argument('<id>', 'the quote_id that the client was given', parseToken)
    .action((token: string, options) =>
      end(
        showQuote(terminal, options, {
          find: ({ knex }) => findQuote(knex, token),
          none: `There is no quote ${token}.`,
        }),
      ),
    );
  const examples = [
    ['quotes show 6f1f6a52-8a2e-4f59-9d0c-0d6f6f0a5d11', 'what was this user offered?'],
  ] as const;
  withExamples(withJson(show), examples);
  return withExamples(group, examples);
}

export function conversionsCommand({ terminal, end }: CommandContext): Command {
  const group = new Command('conversions').description('conversions between two wallets of a user');
  const show = group
    .command('show')
    .description('show a conversion with its amounts and its rate')
    .argument('<id>', 'the id of the conversion', parseId)
    .action((id: bigint, options) =>
      end(
        showQuote(terminal, options, {
          find: ({ knex }) => findConversion(knex, id),
          none: `There is no conversion ${id}.`,
        }),
      ),
    );
  withExamples(withJson(show), [['conversions show 42', 'at which rate was it?']]);
  const list = withTimes(
    group
      .command('list')
      .description('list conversions, newest first')
      .option('--user <id>', 'only those of this user', parseId)
      .option('--from <code>', 'only those from this currency', parseCurrency)
      .option('--to <code>', 'only those to this currency', parseCurrency),
  ).action((options: ConversionsOptions) => end(listConversions(terminal, options)));
  const examples = [['conversions list --user 7', 'what has this user converted?']] as const;
  withExamples(withJson(list), examples);
  return withExamples(group, examples);
}

function parseToken(text: string): string {
  if (!TOKEN.test(text)) throw new InvalidArgumentError('It must be the quote_id of a preview.');
  return text.toLowerCase();
}

/** `conversions list` */
async function listConversions(terminal: Terminal, options: ConversionsOptions): Promise<ExitCode> {
  return await withSession(async ({ config, knex }) => {
    const filter = {
      state: 'used' as const,
      userId: options.user,
      fromCurrency: options.from,
      toCurrency: options.to,
      ...toListFilter(options, config.payments.currency),
    };
    const list = 'conversions';
    const page = await readList(options, list, (place) => listQuotes(knex, { ...filter, ...place }));
    printList(terminal, page, {
      list,
      json: options.json,
      render: renderConversions,
      toJson: toAnswer,
      none: 'No conversions match.',
    });
    return EXIT.done;
  });
}

function renderConversions(quotes: readonly Quote[]): string {
  const rows = quotes.map((quote) => {
    const { given, got, spread, rate } = wordsOf(quote);
    return [quote.id, quote.userId, given, got, spread, rate, quote.usedAt];
  });
  return renderTable(['conversion', 'user', 'given', 'got', 'spread', 'rate', 'converted'], rows);
}

/** `quotes show` and `conversions show` */
async function showQuote(
  terminal: Terminal,
  { json }: OutputOptions,
  { find, none }: { readonly find: (session: Session) => Promise<Quote | undefined>; readonly none: string },
): Promise<ExitCode> {
  return await withSession(async (session) => {
    const quote = await find(session);
    if (!quote) throw new StartError(none);
    if (json) {
      terminal.print(renderJson(toAnswer(quote)));
      return EXIT.done;
    }
    const { given, got, spread, rate, mid } = wordsOf(quote);
    const { fromCurrency: from, toCurrency: to, usedAt, expiresAt } = quote;
    terminal.print(
      [
        `Quote ${quote.token} of user ${quote.userId}: ${given} for ${got}, of which ${spread} is the spread`,
        `1 ${from} = ${rate} ${to}; without the spread ${mid}, as of ${quote.rateAsOf.toISOString()}, from the source ${quote.rateSource}`,
        `Asked for: what is ${quote.fixedSide === 'from' ? 'given' : 'got'}`,
        `Quoted ${quote.createdAt.toISOString()}`,
        usedAt
          ? `Used ${usedAt.toISOString()}: conversion ${quote.id}`
          : `Not used. It can be used before ${expiresAt.toISOString()}, by the clock of the database.`,
      ].join('\n'),
    );
    return EXIT.done;
  });
}

function wordsOf(quote: Quote) {
  const { fromCurrency: from, toCurrency: to } = quote;
  return {
    given: `${formatAmount(quote.fromMinor, from)} ${from}`,
    got: `${formatAmount(quote.toMinor, to)} ${to}`,
    spread: `${formatAmount(quote.spreadMinor, from)} ${from}`,
    rate: formatFraction(dealtRateOf(quote), DIGITS),
    mid: formatFraction(quote.mid, DIGITS),
  };
}

/** For programs: the rates as decimal text, as the API writes them, and not as fractions. */
function toAnswer(quote: Quote) {
  const { id, token, usedAt, mid: _mid, spread: _spread, ...others } = quote;
  const { rate, mid } = wordsOf(quote);
  return {
    quoteId: token,
    conversionId: usedAt === null ? null : id,
    ...others,
    rate,
    mid,
    convertedAt: usedAt,
  };
}
