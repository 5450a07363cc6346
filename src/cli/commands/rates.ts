import { Command } from 'commander';
import { approveRate } from '../../conversions/rates/approve-rate.ts';
import { chooseRateProvider } from '../../conversions/rates/choose-provider.ts';
import type { ExchangeRate } from '../../conversions/rates/exchange-rate.ts';
import { findRate, listRates } from '../../conversions/rates/exchange-rates.sql.ts';
import { explainNotHeld } from '../../conversions/rates/explain-not-held.ts';
import { fetchRates } from '../../conversions/rates/fetch-rates.ts';
import { rateFreshnessOf } from '../../conversions/rates/freshness-settings.ts';
import { RateSourceError } from '../../conversions/rates/rate-provider.ts';
import { refuseRate } from '../../conversions/rates/refuse-rate.ts';
import { isStale } from '../../conversions/rates/staleness.ts';
import { formatFraction } from '../../money/fraction.ts';
import { StartError } from '../../process/lifecycle.ts';
import { countOf } from '../../text/plural.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type OutputOptions, withExamples, withJson, withOperator } from '../options/operator-options.ts';
import { parseId, parseText } from '../options/parse-arguments.ts';
import { renderJson } from '../output/render-json.ts';
import { renderTable } from '../output/render-table.ts';
import type { Terminal } from '../output/terminal.ts';
import { type Session, withSession } from '../session.ts';

interface DecideOptions extends OutputOptions {
  readonly by: string;
  readonly because: string;
}

/** No rate that is kept has more. */
const ALL_DIGITS = 40;
const NO_SOURCE = 'No source of rates is set, so nothing is converted. Set RATES_SOURCE.';

export function ratesCommand({ terminal, end }: CommandContext): Command {
  const group = new Command('rates').description('exchange rates');
  const list = group
    .command('list')
    .description('show the rates of the source that is set')
    .action((options: OutputOptions) => end(showRates(terminal, options)));
  withExamples(withJson(list), [['rates list', 'which rates are stale or wait for a person?']]);

  const fetch = group
    .command('fetch')
    .description('read the source now, as a worker does every few minutes')
    .action((options: OutputOptions) => end(readSource(terminal, options)));
  withExamples(withJson(fetch), [['rates fetch', 'the source is back']]);

  const approve = group
    .command('approve')
    .description('let a rate count that is held because it has jumped')
    .argument('<id>', 'the id of the rate', parseId)
    .requiredOption('--because <text>', 'the reason, which is recorded', parseText({ most: 500 }))
    .action((id: bigint, options: DecideOptions) => end(approveHeld(terminal, id, options)));
  withExamples(withJson(withOperator(approve)), [
    ['rates approve 42 --because "the central bank let it float"', 'it is true'],
  ]);
  const refuse = group
    .command('refuse')
    .description('do not use a rate that is held because it has jumped')
    .argument('<id>', 'the id of the rate', parseId)
    .requiredOption('--because <text>', 'the reason, which is recorded', parseText({ most: 500 }))
    .action((id: bigint, options: DecideOptions) => end(refuseHeld(terminal, id, options)));
  withExamples(withJson(withOperator(refuse)), [
    ['rates refuse 42 --because "they have lost a decimal point"', 'it is wrong'],
  ]);
  return withExamples(group, [
    ['rates list', 'which rates are stale or wait for a person?'],
    ['rates approve 42 --because "the central bank let it float"', 'it is true'],
    ['rates refuse 42 --because "they have lost a decimal point"', 'it is wrong'],
  ]);
}

/** `rates list` */
async function showRates(terminal: Terminal, { json }: OutputOptions): Promise<ExitCode> {
  return await withSession(async ({ config, knex }) => {
    const { ratesSource: source } = config.conversions;
    const { rates, now } = source === 'none' ? { rates: [], now: new Date() } : await listRates(knex, source);
    const freshness = rateFreshnessOf(config);
    const shown = rates.map((rate) => toAnswer(rate, isStale(rate.asOf, now, freshness)));
    if (json) terminal.print(renderJson({ source, items: shown }));
    else if (source === 'none') terminal.print(NO_SOURCE);
    else if (shown.length === 0) terminal.print(`The source ${source} has given no rates yet.`);
    else terminal.print(renderRates(shown));
    return shown.some(({ state }) => state === 'held') ? EXIT.attention : EXIT.done;
  });
}

function renderRates(rates: readonly ReturnType<typeof toAnswer>[]): string {
  const rows = rates.map(({ id, base, quote, rate, state, freshness, asOf, fetchedAt, ...decided }) => [
    id,
    `${base} to ${quote}`,
    rate,
    state === 'current' ? freshness : state,
    asOf,
    fetchedAt,
    decided.approvedBy ?? decided.refusedBy,
  ]);
  return renderTable(['rate', 'pair', 'is', 'state', 'as of', 'fetched', 'decided by'], rows);
}

/** `rates fetch` */
async function readSource(terminal: Terminal, { json }: OutputOptions): Promise<ExitCode> {
  return await withSession(async ({ config, pool }) => {
    const provider = chooseRateProvider(config);
    if (!provider) {
      terminal.print(json ? renderJson({ source: 'none', count: 0 }) : NO_SOURCE);
      return EXIT.done;
    }
    const { ratesTimeoutMs: timeoutMs, ratesMaxJump: maxJump } = config.conversions;
    const { source } = provider;
    const read = await fetchRates(pool, { provider, timeoutMs, maxJump }).catch((error: unknown) => {
      throw error instanceof RateSourceError ? new StartError(`No rates were read: ${error.message}`) : error;
    });
    const { base, asOf, rates, refused } = read;
    const held = rates.filter(({ fate }) => fate === 'held').map(({ quote }) => quote);
    if (json) terminal.print(renderJson({ source, base, asOf, count: rates.length, held, refused }));
    else
      terminal.print(
        [
          `The source ${source} gave ${countOf(rates.length, 'rate')} for ${base}, as of ${asOf.toISOString()}.`,
          held.length > 0 &&
            `Held, because they have jumped: ${held.join(', ')}. See: npx tollgate rates list`,
          ...refused.map(({ quote, why }) => `Not taken: ${quote}, ${why}`),
        ]
          .filter(Boolean)
          .join('\n'),
      );
    return held.length > 0 ? EXIT.attention : EXIT.done;
  });
}

/** `rates approve` */
async function approveHeld(terminal: Terminal, id: bigint, options: DecideOptions): Promise<ExitCode> {
  const { by, because: reason } = options;
  return await withSession(async (session) => {
    const isApproved = await approveRate(session.pool, { id, by, reason });
    if (isApproved) session.log.warn({ event: 'rates.approved', rate_id: id.toString(), by, reason });
    const rate = await readDecided(session, id, isApproved);
    terminal.print(
      options.json ? renderJson(rate) : `Rate ${id} counts now: 1 ${rate.base} = ${rate.rate} ${rate.quote}.`,
    );
    return EXIT.done;
  });
}

/** `rates refuse` */
async function refuseHeld(terminal: Terminal, id: bigint, options: DecideOptions): Promise<ExitCode> {
  const { by, because: reason } = options;
  return await withSession(async (session) => {
    const isRefused = await refuseRate(session.pool, { id, by, reason });
    if (isRefused)
      session.log.warn({ event: 'rates.refused_by_operator', rate_id: id.toString(), by, reason });
    const rate = await readDecided(session, id, isRefused);
    terminal.print(
      options.json
        ? renderJson(rate)
        : `Rate ${id} is refused: 1 ${rate.base} = ${rate.rate} ${rate.quote} is not used, and is not asked about again until the source names another rate.`,
    );
    return EXIT.done;
  });
}

/** @throws StartError if there is no such rate, or if it was not held. */
async function readDecided({ config, knex }: Session, id: bigint, isDecided: boolean) {
  const found = await findRate(knex, id);
  if (!found)
    throw new StartError(
      `There is no rate ${id}; what its source said later may have taken its place. See: npx tollgate rates list`,
    );
  if (!isDecided) throw new StartError(explainNotHeld(found.rate));
  return toAnswer(found.rate, isStale(found.rate.asOf, found.now, rateFreshnessOf(config)));
}

/** For programs: the rate as decimal text, as the API writes it. */
function toAnswer({ value, ...rate }: ExchangeRate, isOld: boolean) {
  const freshness = isOld ? ('stale' as const) : ('fresh' as const);
  return { ...rate, rate: formatFraction(value, ALL_DIGITS), freshness };
}
