import type { GatewayDirection } from '../answers/named-facts.ts';

/** One line of the gateway's own book. */
export interface BookLine {
  /** Its number; lines come in ascending order, and the number is where an interrupted reading goes on. */
  readonly line: number;
  /** Our reference of the payment. */
  readonly reference: string;
  readonly gatewayReference: string | null;
  readonly type: GatewayDirection;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** `succeeded`: the money was moved. `declined`: it was not, and will not be. */
  readonly status: 'succeeded' | 'declined';
  /** null where the gateway wrote no time, or none that there is. */
  readonly executedAt: Date | null;
  /** What it wrote instead of a time, as text; null for a good one. The line counts with its money all the same. */
  readonly unreadableTime: string | null;
}

/** The port to a gateway's book. It is separate from the port for payments: a gateway may have only one of them. */
export interface GatewayBook {
  /**
   * Reads the whole book, line by line, in bounded memory.
   * @throws GatewayBookError when it cannot be read to its end.
   */
  read(signal?: AbortSignal): AsyncGenerator<BookLine>;
  close(): void;
}

/** The book could not be read to its end; what was read of it is no basis for a report. */
export class GatewayBookError extends Error {
  override readonly name = 'GatewayBookError';
}
