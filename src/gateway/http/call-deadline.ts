/**
 * Runs one call with a signal that fires after `timeoutMs`, or when `outer` fires, and leaves neither timer nor listener behind. At the
 * deadline, the signal's reason is named `TimeoutError`.
 *
 * `AbortSignal.any` with `AbortSignal.timeout` would be shorter, but it leaves a timer for every call that has ended, and such a timer does
 * not keep the process alive.
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
