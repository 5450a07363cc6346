import { readAcceptance } from '../load/client.ts';
import type { World } from '../world/world.ts';

/** What keys of other things than payments are used for, as rows of the world call it. */
const KINDS: Readonly<Record<string, string>> = {
  transfer: 'transfer',
  order_hold: 'hold',
  conversion: 'conversion',
};

/**
 * By when each payment, transfer, hold and conversion had been accepted for certain, by its name: its key was committed with it, or a client had the
 * answer, or the letter that it redrives was closed with it.
 */
export function readAcceptedAt({ answers, keys, commandKeys, deadLetters }: World): Map<string, Date> {
  const found = new Map<string, Date>();
  const note = (name: string, at: Date | null) => {
    const known = found.get(name);
    if (at && (!known || at < known)) found.set(name, at);
  };
  for (const { paymentId, committedAt } of keys) note(`payment ${paymentId}`, committedAt);
  for (const answer of answers) {
    const accepted = readAcceptance(answer);
    if (accepted) note(`payment ${accepted.paymentId}`, answer.answeredAt);
  }
  for (const { redrivenPaymentId, committedAt } of deadLetters)
    if (redrivenPaymentId !== null) note(`payment ${redrivenPaymentId}`, committedAt);
  for (const { kind, resourceId, status, committedAt } of commandKeys)
    if (kind in KINDS && status < 300) note(`${KINDS[kind]} ${resourceId}`, committedAt);
  return found;
}
