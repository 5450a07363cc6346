import type { ClockFacts } from './clock.sql.ts';

/** Whether the ledger's marks refer to this server's transaction ids. */
export type ClockState =
  | { readonly kind: 'same_server' }
  /** The server has not been recorded yet. */
  | { readonly kind: 'unnoted'; readonly identifier: bigint }
  | { readonly kind: 'other_server'; readonly sentence: string }
  | { readonly kind: 'went_back'; readonly sentence: string };

const REMEDY =
  'Make sure that nothing uses the old server any more, stop every API and worker, and run: npx tollgate rebase';

/** The server's transaction ids are below those that the ledger has already processed: folding or checking would skip entries. */
export class TransactionIdsWentBack extends Error {
  override readonly name = 'TransactionIdsWentBack';
}

/**
 * Decides whether a server is the one that the ledger's transaction ids come from. A physical copy, such as a promoted standby, has the
 * identifier of its original and continues its ids; a dump that was loaded elsewhere has neither. Pure.
 */
export function decideClock({ storedIdentifier, identifier, next, markedBelow }: ClockFacts): ClockState {
  if (next < markedBelow)
    return { kind: 'went_back', sentence: `${describeWentBack({ next, markedBelow })} ${REMEDY}` };
  if (identifier === null) return { kind: 'same_server' };
  if (storedIdentifier === null) return { kind: 'unnoted', identifier };
  if (storedIdentifier === identifier) return { kind: 'same_server' };
  return {
    kind: 'other_server',
    sentence: `This database was copied from the server ${storedIdentifier} to the server ${identifier}, whose transaction ids are unrelated to those in the ledger. ${REMEDY}`,
  };
}

/**
 * Throws if the server's ids are behind those that the ledger has already processed.
 * @throws TransactionIdsWentBack
 */
export function assertIdsGoForward(ids: { readonly markedBelow: bigint; readonly next: bigint }): void {
  if (ids.next < ids.markedBelow) throw new TransactionIdsWentBack(`${describeWentBack(ids)} ${REMEDY}`);
}

function describeWentBack({ next, markedBelow }: { readonly next: bigint; readonly markedBelow: bigint }) {
  return `Transaction ids went back: the ledger has processed entries below ${markedBelow}, but the server is at ${next}.`;
}
