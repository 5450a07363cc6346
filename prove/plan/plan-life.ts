import { FAILPOINTS, type FailpointName } from '../../src/process/failpoints/failpoint-catalogue.ts';
import { createRandom } from './random.ts';

/** What goes wrong in one life of a process, from its start to its end. */
export interface Life {
  /** The value of the setting FAILPOINTS. */
  readonly failpoints: string;
  readonly clockShiftMs: number;
}

const API_STEPS =
  /^(user|wallet|accept|hold|resolve_hold|transfer|quote|convert|redrive|discard|resolve|callback)\./;
/** A person resolves what the gateway's word does not end, mostly once all is calm: too late for a process to die of it. */
const NOT_MET = /^resolve\./;
/** Failpoints that are passed many times a second, with the range of hits after which a process dies there. */
const BUSY: readonly (readonly [RegExp, number, number])[] = [
  [/^(accept|callback)\./, 15, 120],
  [/^call\.before_inquiry/, 5, 30],
  [/^call\./, 20, 150],
  [/^(claim|settle|retry)\./, 8, 60],
];
const MAX_CLOCK_SHIFT_MS = 3_600_000;

/**
 * Plans the `number`th life of a process from the seed: the failpoint at which it dies, where else it stalls, and how
 * wrong its clock is. Each life takes the next failpoint of the role, so a long run covers all of them.
 */
export function planLife(seed: number, name: string, number: number): Life {
  const isApi = name.startsWith('api');
  const own = (Object.keys(FAILPOINTS) as FailpointName[]).filter(
    (failpoint) => API_STEPS.test(failpoint) === isApi && !NOT_MET.test(failpoint),
  );
  const order = createRandom(seed, `failpoints of ${name}`).shuffle(own);
  const random = createRandom(seed, `life ${number} of ${name}`);
  const deadly = order[number % order.length] as FailpointName;
  const failpoints = [`${deadly}=kill@${drawHit(deadly)}`];

  const busy = own.filter((failpoint) => BUSY.some(([pattern]) => pattern.test(failpoint)));
  if (random.chance(0.3)) failpoints.push(trouble(`delay:${random.between(100, 1500)}`));
  if (random.chance(0.2)) failpoints.push(trouble('stop'));
  if (random.chance(0.15)) failpoints.push(trouble('error'));
  return {
    failpoints: failpoints.join(','),
    clockShiftMs: random.chance(0.5) ? random.between(-MAX_CLOCK_SHIFT_MS, MAX_CLOCK_SHIFT_MS) : 0,
  };

  function drawHit(failpoint: FailpointName): number {
    const [, least, most] = BUSY.find(([pattern]) => pattern.test(failpoint)) ?? [undefined, 1, 2];
    return random.between(least, most);
  }

  function trouble(action: string): string {
    const failpoint = random.pick(busy);
    return `${failpoint}=${action}@${Math.ceil(drawHit(failpoint) / 2)}`;
  }
}
