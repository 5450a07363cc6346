import { type FailpointName, isFailpointName } from './failpoint-catalogue.ts';

export type FailpointAction =
  /** SIGKILL to itself: nothing after this point runs. */
  | { readonly kind: 'kill' }
  /** SIGSTOP to itself; somebody else must send SIGCONT. */
  | { readonly kind: 'stop' }
  /** Blocks the whole process, as a long garbage collection would. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  | { readonly kind: 'error' };

/** What happens at one place, and at which pass (the first is 1). */
export interface ArmedFailpoint {
  readonly name: FailpointName;
  readonly action: FailpointAction;
  readonly hit: number;
}

const ENTRY = /^([a-z_.]+)=(kill|stop|error|delay:(\d{1,6}))(?:@(\d{1,9}))?$/;

/**
 * Reads `settle.before_commit=kill@3,claim.after_commit=delay:200`: actions are kill, stop, error and delay:MILLISECONDS, and `@3` means
 * the third time that the process passes there (by default the first).
 * @returns if it cannot be parsed, what is wrong with it, as the end of a sentence.
 */
export function parseFailpoints(
  text: string,
): { readonly armed: readonly ArmedFailpoint[] } | { readonly problem: string } {
  const armed: ArmedFailpoint[] = [];
  for (const entry of text.split(',').filter(Boolean)) {
    const [, name = '', action = '', delayMs, hit = '1'] = ENTRY.exec(entry.trim()) ?? [];
    if (!action) return { problem: 'must be like settle.before_commit=kill@3, separated by commas' };
    if (!isFailpointName(name)) return { problem: `names ${name}, which is not a failpoint` };
    if (Number(hit) < 1) return { problem: `must count the passes of ${name} from 1` };
    armed.push({ name, hit: Number(hit), action: readAction(action, delayMs) });
  }
  return { armed };
}

function readAction(action: string, delayMs: string | undefined): FailpointAction {
  if (delayMs !== undefined) return { kind: 'delay', delayMs: Number(delayMs) };
  return { kind: action as 'kill' | 'stop' | 'error' };
}
