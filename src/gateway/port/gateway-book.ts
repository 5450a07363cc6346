import type { GatewayDirection } from '../answers/named-facts.ts';

/** One line of the gateway's own book. */
export interface BookLine {
  /** Its number. Lines come in ascending order, and an interrupted reading continues after the last number. */
  readonly line: number;
  /** Our reference for the payment. */
  readonly reference: string;
  readonly gatewayReference: string | null;
  readonly type: GatewayDirection;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** `succeeded`: the money was moved. `declined`: it was not, and will not be. */
  readonly status: 'succeeded' | 'declined';
  /** null if the gateway wrote no time, or an invalid one. */
  readonly executedAt: Date | null;
  /** The invalid time as text; null for a valid one. The line's money counts all the same. */
  readonly unreadableTime: string | null;
}

/** The port to a gateway's book. It is separate from the port for payments: a gateway may have only one of them. */
export interface GatewayBook {
  /**
   * Reads the whole book, line by line, in bounded memory.
   * @throws GatewayBookError if it cannot be read to its end.
   */
  read(signal?: AbortSignal): AsyncGenerator<BookLine>;
  close(): void;
}

/** The book could not be read to its end; a partly read book is no basis for a report. */
export class GatewayBookError extends Error {
  override readonly name = 'GatewayBookError';
}
