import type { Pool } from '../../src/shared/database.ts';
import { API_NAMES } from '../plan/members.ts';
import type { Fleet } from '../processes/fleet.ts';
import type { Tally } from '../processes/tally.ts';
import { readBook } from '../world/read-gateway.ts';
import { readUnknown } from '../world/read-world.sql.ts';
import { askAsOperator } from './ask-as-operator.ts';

/** Who resolves payments, in the record of them. */
const NAME = 'the prover’s person';

/**
 * A person who can look into the gateway's own book, which is right whatever the gateway tells, and resolves payments of unknown
 * outcome that stand in it, as `executed` and with the line as evidence.
 */
export function createPerson({
  fleet,
  pool,
  gatewayUrl,
  tally,
}: {
  readonly fleet: Pick<Fleet, 'originOf'>;
  readonly pool: Pool;
  readonly gatewayUrl: string;
  readonly tally: Tally;
}) {
  async function findExecuted() {
    const unknown = await readUnknown(pool);
    if (unknown.length === 0) return [];
    const { book } = await readBook(gatewayUrl);
    const executed = new Set(book.map(({ reference }) => reference));
    return unknown.filter(({ reference }) => executed.has(reference));
  }

  async function resolve({ id, reference }: { readonly id: bigint; readonly reference: string }) {
    for (const api of API_NAMES) {
      const { status } = await askAsOperator(fleet.originOf(api), {
        method: 'POST',
        path: `/api/v1/payments/${id}/resolve`,
        body: {
          outcome: 'executed',
          by: NAME,
          reason: 'it stands in the book of the gateway',
          evidence: `the line of ${reference} in their book`,
        },
      }).catch(() => ({ status: 0 }));
      if (status === 200) tally.count('resolved by a person');
      // Whatever else a client error says, somebody has ended it meanwhile.
      if (status >= 200 && status < 500) return;
    }
  }

  return {
    /** Resolves one of the payments that the gateway has carried out; `draw` chooses which. */
    async resolveSome(draw: number): Promise<void> {
      const executed = await findExecuted();
      const chosen = executed[Math.floor(draw * executed.length)];
      if (chosen) await resolve(chosen);
    },
    /** Resolves all of them. */
    async resolveAll(): Promise<void> {
      for (const payment of await findExecuted()) await resolve(payment);
    },
  };
}

export type Person = ReturnType<typeof createPerson>;
