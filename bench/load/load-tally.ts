/** What the load met besides answers to payments. All of it took time, and that time is counted. */
export interface LoadTally {
  /** Connections that the server had closed while no request was on them. */
  reopenedCount: number;
  /** Requests that crossed with such a close and were sent again with their key. */
  resentCount: number;
  /** Answers that told the client to come again later. */
  turnedAwayCount: number;
}

export function createLoadTally(): LoadTally {
  return { reopenedCount: 0, resentCount: 0, turnedAwayCount: 0 };
}

/** The tally as a sentence; undefined if there is nothing to report. Pure. */
export function describeTally({
  reopenedCount,
  resentCount,
  turnedAwayCount,
}: LoadTally): string | undefined {
  const parts = [
    reopenedCount > 0 && `${reopenedCount} idle connections that the server had closed were opened again`,
    resentCount > 0 &&
      `${resentCount} requests whose connection closed under them were sent again with their key`,
    turnedAwayCount > 0 && `${turnedAwayCount} requests were turned away (503) and sent again with their key`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? undefined : parts.join('; ');
}
