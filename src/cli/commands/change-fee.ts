import { type EndFeeOutcome, endFee, type SetFeeOutcome, setFee } from '../../fees/change-fees.ts';
import { FEE_KINDS, type FeeKind, type FeePayer, USUAL_PAYERS } from '../../fees/fee.ts';
import {
  explainTerms,
  FEE_PERCENT_RULE,
  type GivenTerms,
  parseFeePercent,
  toTerms,
} from '../../fees/given-terms.ts';
import { isKnownCurrency } from '../../money/currency.ts';
import { StartError } from '../../process/lifecycle.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { OutputOptions } from '../options/operator-options.ts';
import { readAmount } from '../options/read-amount.ts';
import { describeFee, feeJson } from '../output/describe-fee.ts';
import { renderJson } from '../output/render-json.ts';
import type { Terminal } from '../output/terminal.ts';
import { withSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

interface OrderOptions extends OutputOptions {
  readonly because: string;
  readonly by: string;
  readonly yes?: true;
}

export interface SetOptions extends OrderOptions {
  readonly currency?: string;
  readonly percent?: string;
  readonly fixed?: string;
  readonly least?: string;
  readonly most?: string;
  readonly payer?: FeePayer;
  readonly from?: string;
}

export interface EndOptions extends OrderOptions {
  readonly to?: string;
}

/** `fees set` */
export async function changeFee(
  terminal: Terminal,
  kindText: string,
  options: SetOptions,
): Promise<ExitCode> {
  const kind = readKind(kindText);
  const { currency = null, payer = USUAL_PAYERS[kind], from, by, because: reason, json } = options;
  const fee = { kind, currency, payer, terms: toTerms(readTerms(options)) };
  const what = `the fee of a ${kind} in ${currency ?? 'every currency'}: ${describeFee(fee)}, paid by the ${payer}`;
  if (!(await mayGoOn(terminal, options, `Set ${what}?`))) return EXIT.usage;
  return await withSession(async ({ pool, log }) => {
    const outcome = await setFee(pool, { ...fee, validFrom: dateOf(from), by, reason });
    if (outcome.kind !== 'set') throw new StartError(explainStart(outcome));
    log.warn({ event: 'fees.set', fee_id: outcome.fee.id.toString(), kind, currency, by, reason });
    const { id, validFrom } = outcome.fee;
    terminal.print(
      json
        ? renderJson(feeJson(outcome.fee))
        : `Set ${what}, as fee ${id}, from ${validFrom.toISOString()} on.`,
    );
    return EXIT.done;
  });
}

/** `fees end` */
export async function stopFee(terminal: Terminal, id: bigint, options: EndOptions): Promise<ExitCode> {
  const { to, by, because: reason, json } = options;
  if (!(await mayGoOn(terminal, options, `End fee ${id}?`))) return EXIT.usage;
  return await withSession(async ({ pool, log }) => {
    const outcome = await endFee(pool, { id, validTo: dateOf(to), by, reason });
    if (outcome.kind !== 'end' && outcome.kind !== 'withdraw') throw new StartError(explainEnd(outcome, id));
    const isEnded = outcome.kind === 'end';
    log.warn({ event: isEnded ? 'fees.ended' : 'fees.withdrawn', fee_id: id.toString(), by, reason });
    const said = isEnded ? `ends at ${outcome.fee.validTo?.toISOString()}` : 'was withdrawn before it began';
    terminal.print(json ? renderJson(feeJson(outcome.fee)) : `Fee ${id} ${said}.`);
    return EXIT.done;
  });
}

/** A fee is for everybody from the moment on that it is set, so a person is asked first. */
async function mayGoOn(terminal: Terminal, { yes }: OrderOptions, question: string): Promise<boolean> {
  if (yes || (terminal.isInteractive && (await terminal.confirm(question)))) return true;
  terminal.complain('Nothing was done. Add --yes to do it without confirmation.');
  return false;
}

function readKind(text: string): FeeKind {
  const kind = FEE_KINDS.find((known) => known === text);
  if (!kind) throw new UsageError(`A fee is charged for one of: ${FEE_KINDS.join(', ')}.`);
  return kind;
}

function readTerms({ currency, percent: percentText, ...amounts }: SetOptions): GivenTerms {
  if (currency !== undefined && !isKnownCurrency(currency))
    throw new UsageError('--currency must be an ISO 4217 currency code, such as EUR.');
  const percent = percentText === undefined ? undefined : parseFeePercent(percentText);
  if (percentText !== undefined && !percent) throw new UsageError(`--percent ${FEE_PERCENT_RULE}.`);
  // Without a currency an amount is refused below, however it reads.
  const read = (name: 'fixed' | 'least' | 'most') => {
    const text = amounts[name];
    return text === undefined ? undefined : readAmount(`--${name}`, text, currency ?? 'USD');
  };
  const given = { currency, percent, fixed: read('fixed'), least: read('least'), most: read('most') };
  const [wrong] = explainTerms(given);
  if (wrong) throw new UsageError(`--${wrong.field} ${wrong.message}.`);
  return given;
}

function dateOf(time: string | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}

function explainStart(outcome: Exclude<SetFeeOutcome, { kind: 'set' }>): string {
  if (outcome.kind === 'in_the_past')
    return `--from is in the past: it is ${outcome.now.toISOString()} by the database's clock. Nothing was done.`;
  return `Fee ${outcome.fee.id} begins at that very moment: end it first, or name another moment. Nothing was done.`;
}

function explainEnd(outcome: Exclude<EndFeeOutcome, { kind: 'end' | 'withdraw' }>, id: bigint): string {
  switch (outcome.kind) {
    case 'not_found':
      return `There is no fee ${id}.`;
    case 'has_ended':
      return `Fee ${id} ended at ${outcome.validTo.toISOString()}. Nothing was done.`;
    case 'in_the_past':
      return `--to is in the past: it is ${outcome.now.toISOString()} by the database's clock. Nothing was done.`;
    case 'not_begun':
      return `Fee ${id} begins at ${outcome.validFrom.toISOString()}, and --to must be later. Nothing was done.`;
    case 'ends_before':
      return `Fee ${id} ends at ${outcome.validTo.toISOString()} already. Nothing was done.`;
  }
}
