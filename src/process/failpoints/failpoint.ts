import { writeSync } from 'node:fs';
import type { FailpointName } from './failpoint-catalogue.ts';
import type { ArmedFailpoint, FailpointAction } from './parse-failpoints.ts';

/** A failpoint was armed to throw. */
export class FailpointError extends Error {
  override readonly name = 'FailpointError';
}

interface Arming {
  readonly armed: readonly ArmedFailpoint[];
  readonly hitCounts: Map<FailpointName, number>;
  readonly onHit: (name: FailpointName) => void;
}

let arming: Arming | undefined;

/**
 * A place where a process can be made to crash. Unless `armFailpoints` was called in this process, it does nothing and costs one
 * comparison. It is synchronous, so that hot paths get no extra turn of the event loop.
 * @throws FailpointError if it is armed to throw.
 */
export function failpoint(name: FailpointName): void {
  if (arming !== undefined) hit(arming, name);
}

/**
 * Arms failpoints until the process ends or what is returned is called, which disarms them. `onHit` is called for every failpoint that is
 * passed.
 */
export function armFailpoints(
  armed: readonly ArmedFailpoint[],
  { onHit }: { readonly onHit?: (name: FailpointName) => void } = {},
): () => void {
  if (armed.length > 0 || onHit) arming = { armed, hitCounts: new Map(), onHit: onHit ?? (() => {}) };
  return () => {
    arming = undefined;
  };
}

function hit({ armed, hitCounts, onHit }: Arming, name: FailpointName): void {
  const count = (hitCounts.get(name) ?? 0) + 1;
  hitCounts.set(name, count);
  onHit(name);
  for (const entry of armed) {
    if (entry.name === name && entry.hit === count) act(name, entry.action);
  }
}

function act(name: FailpointName, action: FailpointAction): void {
  announce(name, action);
  switch (action.kind) {
    case 'kill':
      process.kill(process.pid, 'SIGKILL');
      return;
    case 'stop':
      process.kill(process.pid, 'SIGSTOP');
      return;
    case 'delay':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, action.delayMs);
      return;
    case 'error':
      throw new FailpointError(`the failpoint ${name} was armed to fail`);
  }
}

/** Write synchronously, bypassing the logger: the process may end now. */
function announce(name: FailpointName, { kind }: FailpointAction): void {
  const line = JSON.stringify({ level: 'warn', event: 'failpoint.hit', failpoint: name, action: kind });
  try {
    writeSync(1, `${line}\n`);
  } catch {
    // A slow or missing reader must not prevent the crash.
  }
}
