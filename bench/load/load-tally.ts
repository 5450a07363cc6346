/** What a load met on its way that was no answer to a payment; everything in it has cost time, and that time is counted. */
export interface LoadTally {
  /** Connections that the server had closed while no request was on them. */
  reopenedCount: number;
  /** Requests that met such a close on their way and were sent again with their key. */
  resentCount: number;
  /** Answers that told the client to come again later. */
  turnedAwayCount: number;
}

export function createLoadTally(): LoadTally {
  return { reopenedCount: 0, resentCount: 0, turnedAwayCount: 0 };
}

/** The tally in a sentence; undefined when there is nothing to tell. Pure. */
export function describeTally({
  reopenedCount,
  resentCount,
  turnedAwayCount,
}: LoadTally): string | undefined {
  const parts = [
    reopenedCount > 0 && `${reopenedCount} connections that the server had closed at rest were opened again`,
    resentCount > 0 &&
      `${resentCount} requests that met the end of their connection were sent again with their key`,
    turnedAwayCount > 0 && `${turnedAwayCount} requests were turned away (503) and sent again with their key`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? undefined : parts.join('; ');
}
