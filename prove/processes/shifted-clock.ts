/**
 * Preloaded into a process (`node --import`), so that its wall clock is wrong by PROVE_CLOCK_SHIFT_MS. The monotonic clock
 * and timers are right, as on a machine whose time was set badly.
 */
const shiftMs = Number(process.env.PROVE_CLOCK_SHIFT_MS ?? 0);

if (shiftMs !== 0) {
  const RealDate = Date;
  const now = () => RealDate.now() + shiftMs;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, property) => (property === 'now' ? now : Reflect.get(target, property)),
  });
}
