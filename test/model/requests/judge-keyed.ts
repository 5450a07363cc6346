import type { ApiAnswer } from '../../support/api-server.ts';
import type { Oracle } from '../oracle.ts';
import type { UsedKey } from '../state.ts';
import { expectProblem } from './model-request.ts';

/** Whether an answer is kept with its key; if it is about a payment and is to say how that stands, then with the payment. */
export type Kept = 'kept' | 'not kept' | { readonly paymentId: number };

/**
 * Judges a request that may have a key: the oracle knows what the key's first use was answered; only without one, `decide` says what is to
 * come of it, and whether the answer is kept.
 * @param replay what is expected of an answer that comes again, which usually is the same bytes.
 */
export function judgeKeyed(
  oracle: Oracle,
  answer: ApiAnswer,
  {
    key,
    scope,
    request,
    replay = (used) => expect([answer.status, answer.text]).toEqual([used.status, used.body]),
  }: {
    readonly key: string | null;
    readonly scope: number | string;
    readonly request: string;
    readonly replay?: (used: UsedKey) => void;
  },
  decide: () => Kept,
): void {
  const name = `${scope} ${key}`;
  const used = key === null ? undefined : oracle.keys.get(name);
  if (!used) {
    expect(answer.headers.get('idempotency-replayed')).toBeNull();
    const kept = decide();
    if (kept === 'not kept' || key === null) return;
    const paymentId = kept === 'kept' ? null : kept.paymentId;
    const { status, text: body } = answer;
    oracle.keys.set(name, { request, status, body, paymentId, isExpired: false });
    return;
  }
  if (used.request !== request) expectProblem(answer, 422, 'idempotency-key-reused');
  else if (used.isExpired) expectProblem(answer, 409, 'idempotency-key-expired');
  else {
    replay(used);
    expect(answer.headers.get('idempotency-replayed')).toBe('true');
  }
}
