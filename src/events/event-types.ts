import type { z } from 'zod';
import type { EventDefinition } from './define-event.ts';
import { FINDING_EVENTS } from './types/finding-events.ts';
import { HOLD_EVENTS } from './types/hold-events.ts';
import { MOVEMENT_EVENTS } from './types/movement-events.ts';
import { PAYMENT_EVENTS } from './types/payment-events.ts';
import { WALLET_EVENTS } from './types/wallet-events.ts';

/** Every type of event, by its name, which ends with its version. */
export const EVENT_TYPES = {
  ...PAYMENT_EVENTS,
  ...WALLET_EVENTS,
  ...HOLD_EVENTS,
  ...MOVEMENT_EVENTS,
  ...FINDING_EVENTS,
} as const;

export type EventType = keyof typeof EVENT_TYPES;
export type EventData<Type extends EventType> = z.input<(typeof EVENT_TYPES)[Type]['data']>;

export const EVENT_TYPE_NAMES = Object.keys(EVENT_TYPES) as [EventType, ...EventType[]];

export function eventDefinition(type: EventType): EventDefinition {
  return EVENT_TYPES[type];
}
