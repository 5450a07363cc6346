import { type NewEvent, newEvent } from '../events/new-event.ts';
import type { Violation } from './violation.ts';

export type ToldViolation = Pick<Violation, 'rule' | 'subject'> & { readonly id: bigint };

export function eventOfViolation(what: 'found' | 'ended', { id, rule, subject }: ToldViolation): NewEvent {
  return newEvent(
    `tollgate.integrity_violation.${what}.v1`,
    { id },
    { violation_id: Number(id), rule, subject },
  );
}
