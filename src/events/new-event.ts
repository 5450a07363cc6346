import { formatAmount } from '../money/decimal-amount.ts';
import { EVENT_TYPES, type EventData, type EventType } from './event-types.ts';
import { packData } from './packed-data.ts';

/** An event to write, in the transaction of what it speaks of. */
export interface NewEvent {
  readonly type: EventType;
  /** What it is about, as the ledger's references name it: `payment:42`. */
  readonly subject: string;
  /** Packed: see packData. */
  readonly data: string;
  /** The trace of the request that it came of; null where there was none, or the request brought none. */
  readonly traceparent: string | null;
}

/** @param about the id of the subject, and the trace of the request. */
export function newEvent<Type extends EventType>(
  type: Type,
  about: { readonly id: bigint; readonly traceparent?: string | undefined },
  data: EventData<Type>,
): NewEvent {
  return {
    type,
    subject: `${EVENT_TYPES[type].subject}:${about.id}`,
    data: packData(type, data),
    traceparent: about.traceparent ?? null,
  };
}

/** Amounts of one currency, given in minor units by name, as the members of an event. */
export function eventAmounts<Name extends string>(
  amountsMinor: Readonly<Record<Name, bigint>>,
  currency: string,
): Record<Name | `${Name}_minor`, string> {
  const members: Record<string, string> = {};
  for (const [name, amountMinor] of Object.entries<bigint>(amountsMinor)) {
    members[name] = formatAmount(amountMinor, currency);
    members[`${name}_minor`] = amountMinor.toString();
  }
  return members as Record<Name | `${Name}_minor`, string>;
}
