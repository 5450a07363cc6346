import type { ScheduledFee } from './fee.ts';

/** When a new row begins and ends, and the row that goes until then. */
export type NewFeeDecision =
  | {
      readonly kind: 'fits';
      readonly validFrom: Date;
      /** Where the next one that is set begins; null if none is. */
      readonly validTo: Date | null;
      readonly replaced: ScheduledFee | null;
    }
  | { readonly kind: 'in_the_past'; readonly now: Date }
  /** Another row begins at that very moment. */
  | { readonly kind: 'moment_taken'; readonly fee: ScheduledFee };

/**
 * Decides where a new row goes among those of its kind and currency. Pure. It ends the row that is valid when it begins, and ends itself
 * where the next begins that is already set, so there is neither a gap nor an overlap.
 * @param fees rows that have not ended, in the order in which they begin.
 */
export function decideNewFee(
  validFrom: Date | undefined,
  { now, fees }: { readonly now: Date; readonly fees: readonly ScheduledFee[] },
): NewFeeDecision {
  if (validFrom && validFrom < now) return { kind: 'in_the_past', now };
  const from = validFrom ?? soonest(now, fees);
  const taken = fees.find((fee) => fee.validFrom.getTime() === from.getTime());
  if (taken) return { kind: 'moment_taken', fee: taken };
  return {
    kind: 'fits',
    validFrom: from,
    validTo: fees.find((fee) => fee.validFrom > from)?.validFrom ?? null,
    replaced: fees.find((fee) => fee.validFrom < from && isValidAfter(fee, from)) ?? null,
  };
}

export type EndDecision =
  | { readonly kind: 'ends'; readonly validTo: Date }
  /** It had not begun, and never will; the row that it was to end goes on until `resumedTo`. */
  | { readonly kind: 'withdrawn'; readonly resumed: ScheduledFee | null; readonly resumedTo: Date | null }
  | { readonly kind: 'in_the_past'; readonly now: Date }
  | { readonly kind: 'has_ended'; readonly validTo: Date }
  | { readonly kind: 'not_begun'; readonly validFrom: Date }
  | { readonly kind: 'ends_before'; readonly validTo: Date };

/**
 * Decides how a row ends. Pure. From its end on a less specific row goes, or the default. One that has not begun is withdrawn, unless an
 * end after its beginning is named.
 * @param replaced the row that it was to end, if that still ends where it begins.
 */
export function decideEnd(
  fee: ScheduledFee,
  asked: Date | undefined,
  { now, replaced }: { readonly now: Date; readonly replaced: ScheduledFee | null },
): EndDecision {
  const { validFrom, validTo } = fee;
  if (validTo && (validTo <= now || validTo <= validFrom)) return { kind: 'has_ended', validTo };
  if (!asked && validFrom > now) {
    const isNext = replaced?.validTo?.getTime() === validFrom.getTime();
    return { kind: 'withdrawn', resumed: isNext ? replaced : null, resumedTo: validTo };
  }
  if (asked && asked < now) return { kind: 'in_the_past', now };
  if (asked && asked <= validFrom) return { kind: 'not_begun', validFrom };
  if (asked && validTo && asked > validTo) return { kind: 'ends_before', validTo };
  // A row that was set in this very millisecond was valid for it.
  return { kind: 'ends', validTo: asked ?? (now > validFrom ? now : nextMoment(validFrom)) };
}

/** Now, or the next moment at which no row begins: two rows may be set within a millisecond. */
function soonest(now: Date, fees: readonly ScheduledFee[]): Date {
  let from = now;
  while (fees.some((fee) => fee.validFrom.getTime() === from.getTime())) from = nextMoment(from);
  return from;
}

function nextMoment(moment: Date): Date {
  return new Date(moment.getTime() + 1);
}

function isValidAfter({ validTo }: ScheduledFee, moment: Date): boolean {
  return validTo === null || validTo > moment;
}
