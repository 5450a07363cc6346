/**
 * Runs one call with a signal that fires after `timeoutMs`, or when `outer` does, and leaves neither timer nor listener behind.
 * The reason of a deadline is named `TimeoutError`.
 *
 * `AbortSignal.any` over `AbortSignal.timeout` reads shorter, but leaves a timer for every call that ended long before, and
 * that timer does not keep a process alive that has nothing else to wait for.
 */
export async function withDeadline<Result>(
  { timeoutMs, outer }: { readonly timeoutMs: number; readonly outer: AbortSignal | undefined },
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const giveUp = () => controller.abort(outer?.reason);
  if (outer?.aborted) giveUp();
  outer?.addEventListener('abort', giveUp, { once: true });
  const timer = setTimeout(
    () => controller.abort(new DOMException('no answer in time', 'TimeoutError')),
    timeoutMs,
  );
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', giveUp);
  }
}
