import type { ApiAnswer } from '../support/api-server.ts';
import { REQUEST_KINDS, type RequestKind } from './requests/model-request.ts';

/** Of a kind that is mostly refused, so few may all be refused by chance. */
const OFTEN_ENOUGH = 25;

/** How often clients asked for something new, and how often they got it; what only their keys decided does not count. */
export function createTally() {
  const counts = new Map(REQUEST_KINDS.map((kind) => [kind, { asked: 0, accepted: 0 }]));
  const shareOf = (some: readonly { readonly asked: number; readonly accepted: number }[]) =>
    some.reduce((sum, { accepted }) => sum + accepted, 0) /
    Math.max(
      1,
      some.reduce((sum, { asked }) => sum + asked, 0),
    );
  return {
    count(kind: RequestKind, { status, headers, json }: ApiAnswer): void {
      if (headers.get('idempotency-replayed') !== null) return;
      if (/^idempotency-key/.test(json?.code ?? '')) return;
      const count = counts.get(kind) as { asked: number; accepted: number };
      count.asked += 1;
      if (status < 300) count.accepted += 1;
    },
    acceptedShare: () => shareOf([...counts.values()]),
    /** Kinds that were asked for often enough, and of which none was accepted. */
    neverAccepted: () =>
      [...counts].flatMap(([kind, { asked, accepted }]) =>
        asked >= OFTEN_ENOUGH && accepted === 0 ? [kind] : [],
      ),
  };
}

export type ModelTally = ReturnType<typeof createTally>;
