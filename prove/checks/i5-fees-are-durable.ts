import type { Violation, World } from '../world/world.ts';
import { readDone } from './command-bodies.ts';

/** What an answer says of a row of the schedule. */
interface SaidFee {
  readonly id: number;
  readonly kind: string;
  readonly currency: string | null;
  readonly percent: string;
  readonly fixed_minor: string | null;
  readonly least_minor: string | null;
  readonly most_minor: string | null;
  readonly payer: string;
}

/** I5 for fees: each row that somebody was told of is in the schedule as it was told, and one that was ended has an end. */
export function compareFees({ commandAnswers, fees }: Pick<World, 'commandAnswers' | 'fees'>): Violation[] {
  const rows = new Map(fees.map((fee) => [fee.id, fee]));
  const set = readDone(commandAnswers, 'fee').flatMap(({ answer, body }) => {
    const said: SaidFee = body.after;
    const row = rows.get(BigInt(said.id));
    const found = row && describe(row);
    const told = describeSaid(said);
    if (found === told) return [];
    return [
      violation(
        `an operator saw ${answer.status} for fee ${said.id} (${told}), which is ${found ?? 'not there'}`,
      ),
    ];
  });
  const ended = readDone(commandAnswers, 'end_fee').flatMap(({ body }) => {
    const { id } = body.before;
    return rows.get(BigInt(id))?.validTo ? [] : [violation(`fee ${id} was ended, and has no end`)];
  });
  return [...set, ...ended];
}

function describeSaid({ kind, currency, percent, payer, ...said }: SaidFee): string {
  const minor = (text: string | null) => (text === null ? null : BigInt(text));
  return describe({
    ...{ kind, currency, payer, share: readShare(percent) },
    fixedMinor: minor(said.fixed_minor) ?? 0n,
    leastMinor: minor(said.least_minor),
    mostMinor: minor(said.most_minor),
  });
}

/** `1.75` percent are 17,500 ten-thousandths. */
function readShare(percent: string): bigint {
  const [whole = '', decimals = ''] = percent.split('.');
  return BigInt(whole + decimals.padEnd(4, '0'));
}

function describe({
  kind,
  currency,
  share,
  fixedMinor,
  leastMinor,
  mostMinor,
  payer,
}: {
  readonly kind: string;
  readonly currency: string | null;
  readonly share: bigint;
  readonly fixedMinor: bigint;
  readonly leastMinor: bigint | null;
  readonly mostMinor: bigint | null;
  readonly payer: string;
}): string {
  return `${kind} in ${currency ?? 'every currency'}: ${share} ten-thousandths of a percent + ${fixedMinor}, from ${leastMinor} to ${mostMinor}, paid by the ${payer}`;
}

function violation(detail: string): Violation {
  return { invariant: 'I5', paymentId: null, detail };
}
