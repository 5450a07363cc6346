/** An order from the bench to one of its processes. */
export interface Order {
  readonly kind: string;
}

/**
 * The other end of `Child.ask`, inside a process that the bench started: runs one order after the other and answers each.
 * The process ends with its parent, or when it is asked to.
 */
export function serveOrders<Received extends Order>(
  run: (order: Received) => Promise<object | undefined> | undefined,
): void {
  process.on('message', (order) => {
    const answering = run(order as Received);
    answering?.then(
      (answer) => process.send?.({ answer: answer ?? {} }),
      (error: unknown) =>
        process.send?.({
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        }),
    );
  });
  for (const event of ['disconnect', 'SIGTERM', 'SIGINT'] as const) process.on(event, () => process.exit(0));
}

/** Reports something to the bench that is not an answer. */
export function tellBench(notice: string): void {
  process.send?.({ notice });
}

/** Says that this process is ready, in the way that the project's own processes do. */
export function announceStart(facts: { readonly port?: number } = {}): void {
  process.stdout.write(`${JSON.stringify({ event: 'bench.started', ...facts })}\n`);
}
