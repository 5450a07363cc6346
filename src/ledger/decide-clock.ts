import type { ClockFacts } from './clock.sql.ts';

/** Whether the ledger's marks speak of this server's transaction ids. */
export type ClockState =
  | { readonly kind: 'at_home' }
  /** Nobody has noted the server yet. */
  | { readonly kind: 'unnoted'; readonly identifier: bigint }
  | { readonly kind: 'other_server'; readonly sentence: string }
  | { readonly kind: 'went_back'; readonly sentence: string };

const REMEDY =
  'Make sure that nothing uses the old server any more, stop every API and worker, and run: npx tollgate rebase';

/** The server's transaction ids are below what the ledger has counted already: folding or checking would leave entries out. */
export class TransactionIdsWentBack extends Error {
  override readonly name = 'TransactionIdsWentBack';
}

/**
 * Decides whether a server is the one that the ledger's transaction ids are from. A physical copy, a promoted standby too, has
 * the name of its original and goes on with its ids; a dump that was loaded elsewhere has neither. Pure.
 */
export function decideClock({ storedIdentifier, identifier, next, markedBelow }: ClockFacts): ClockState {
  if (next < markedBelow)
    return { kind: 'went_back', sentence: `${describeWentBack({ next, markedBelow })} ${REMEDY}` };
  if (identifier === null) return { kind: 'at_home' };
  if (storedIdentifier === null) return { kind: 'unnoted', identifier };
  if (storedIdentifier === identifier) return { kind: 'at_home' };
  return {
    kind: 'other_server',
    sentence: `This database was copied from the server ${storedIdentifier} to the server ${identifier}, whose transaction ids are not the ones that the ledger was counted by. ${REMEDY}`,
  };
}

/**
 * Refuses to go on by ids that are behind what was counted.
 * @throws TransactionIdsWentBack
 */
export function assertIdsGoForward(ids: { readonly markedBelow: bigint; readonly next: bigint }): void {
  if (ids.next < ids.markedBelow) throw new TransactionIdsWentBack(`${describeWentBack(ids)} ${REMEDY}`);
}

function describeWentBack({ next, markedBelow }: { readonly next: bigint; readonly markedBelow: bigint }) {
  return `Transaction ids went back: entries below ${markedBelow} are counted, and the server is at ${next}.`;
}
