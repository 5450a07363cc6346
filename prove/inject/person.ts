import type { Pool } from '../../src/database/database.ts';
import { API_NAMES } from '../plan/members.ts';
import type { Fleet } from '../processes/fleet.ts';
import type { Tally } from '../processes/tally.ts';
import { readBook } from '../world/read-gateway.ts';
import { readUnknown, type UnknownRow } from '../world/read-world.sql.ts';
import { askAsOperator } from './ask-as-operator.ts';

/** Who resolves payments, in the record of them. */
const NAME = 'the prover’s person';

/** What a person finds out from the book, and answers for. */
const VERDICTS = {
  executed: {
    outcome: 'executed',
    by: NAME,
    reason: 'it is in the gateway’s book',
  },
  not_executed: {
    outcome: 'not_executed',
    by: NAME,
    reason: 'the gateway once said that it succeeded, but it is not in its book',
    override_evidence: true,
  },
} as const;

/**
 * A person who can look into the gateway's own book, which is right whatever the gateway tells, and resolves payments of unknown
 * outcome: those that stand in it as `executed`, with the line as evidence. Of those that do not, a gateway that is honest by
 * then has said that it did not carry them out; where an earlier word of it stands against that, the person overrides it.
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
  async function lookUp() {
    const unknown = await readUnknown(pool);
    if (unknown.length === 0) return { executed: [], denied: [] };
    // After the payments: what is not in it by now, though the gateway was asked before, will not be.
    const { book } = await readBook(gatewayUrl);
    const references = new Set(book.map(({ reference }) => reference));
    return {
      executed: unknown.filter(({ reference }) => references.has(reference)),
      denied: unknown.filter(({ reference, isDenied }) => isDenied && !references.has(reference)),
    };
  }

  async function resolve({ id, reference }: UnknownRow, outcome: keyof typeof VERDICTS) {
    for (const api of API_NAMES) {
      const { status } = await askAsOperator(fleet.originOf(api), {
        method: 'POST',
        path: `/api/v1/payments/${id}/resolve`,
        body: { ...VERDICTS[outcome], evidence: `what their book has of ${reference}` },
      }).catch(() => ({ status: 0 }));
      if (status === 200)
        tally.count(outcome === 'executed' ? 'resolved by a person' : 'resolved by a person against a claim');
      // Whatever else a client error says, somebody has ended it meanwhile.
      if (status >= 200 && status < 500) return;
    }
  }

  return {
    /** Resolves one of the payments that the gateway has carried out; `draw` chooses which. */
    async resolveSome(draw: number): Promise<void> {
      const { executed } = await lookUp();
      const chosen = executed[Math.floor(draw * executed.length)];
      if (chosen) await resolve(chosen, 'executed');
    },
    /** Resolves all of them, and those that an honest gateway denies: only when all is over, and nothing is under way. */
    async resolveAll(): Promise<void> {
      const { executed, denied } = await lookUp();
      for (const payment of executed) await resolve(payment, 'executed');
      for (const payment of denied) await resolve(payment, 'not_executed');
    },
  };
}

export type Person = ReturnType<typeof createPerson>;
