import type { z } from 'zod';
import { type Behaviour, behaviourSchema, type CallMode } from './behaviour.ts';

export type BehaviourChange =
  | { readonly kind: 'changed' }
  | { readonly kind: 'invalid'; readonly error: z.ZodError };

/** The current behaviour: the one from the start with later changes, and the scripts that have not been used up. */
export function createBehaviourStore(initial: Behaviour) {
  let current = initial;

  return {
    get: (): Behaviour => current,

    /** Changes the named fields and leaves the others. `payments` replaces the scripts of the payments that it names. */
    change(changes: unknown): BehaviourChange {
      const parsed = behaviourSchema.safeParse(merge(current, changes));
      if (!parsed.success) return { kind: 'invalid', error: parsed.error };
      current = parsed.data;
      return { kind: 'changed' };
    },

    reset(): void {
      current = initial;
    },

    /** Takes the next scripted outcome of a payment, if one is left. */
    takeScripted(paymentId: string): CallMode | undefined {
      const [next, ...rest] = current.payments[paymentId] ?? [];
      if (next === undefined) return undefined;
      const { [paymentId]: _used, ...others } = current.payments;
      current = { ...current, payments: rest.length > 0 ? { ...others, [paymentId]: rest } : others };
      return next;
    },
  };
}

export type BehaviourStore = ReturnType<typeof createBehaviourStore>;

/** Anything that is not an object is returned unchanged, for the schema to refuse. */
function merge(current: Behaviour, changes: unknown): unknown {
  if (!isRecord(changes)) return changes;
  const payments = isRecord(changes.payments)
    ? { ...current.payments, ...changes.payments }
    : changes.payments;
  return { ...current, ...changes, ...('payments' in changes ? { payments } : {}) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
