import { type Draw, drawRequest, drawScene } from './draw-scene.ts';
import { createRandom, type Random } from './random.ts';
import type { Scene } from './scene.ts';

const SHARES: readonly (readonly [Scene['kind'], number])[] = [
  ['single', 0.18],
  ['fee', 0.02],
  ['freeze', 0.03],
  ['hold', 0.06],
  ['transfer', 0.05],
  ['conversion', 0.05],
  ['refunds', 0.03],
  ['duplicates', 0.14],
  ['hang_up', 0.12],
  ['without_key', 0.1],
  ['replay', 0.08],
  ['reused_key', 0.07],
  ['race', 0.05],
  ['new_user', 0.02],
];

const SCENES_OF_COMMANDS = [
  'hold',
  'hold',
  'hold',
  'transfer',
  'conversion',
  'conversion',
  'fee',
  'freeze',
] as const;

/** Plans what clients will do, until they have asked for `paymentCount` payments. The same seed plans the same. */
export function* planTraffic(seed: number, paymentCount: number): Generator<Scene> {
  const random = createRandom(seed, 'traffic');
  let number = 0;
  let planned = 0;
  const draw: Draw = (changes = {}) => {
    number += 1;
    return { ...drawRequest(random), key: `prove-${seed}-${number}`, ...changes };
  };

  while (planned < paymentCount) {
    const scene = drawScene(drawKind(random), random, draw);
    planned += scene.kind === 'race' ? scene.requests.length : 1;
    yield scene;
  }
}

/** One more scene of each kind that needs several, for when too little has happened; each `number` has keys of its own. */
export function planMore(seed: number, number: number): Scene[] {
  const random = createRandom(seed, `more traffic ${number}`);
  let count = 0;
  const draw: Draw = (changes = {}) => {
    count += 1;
    return { ...drawRequest(random), key: `more-${seed}-${number}-${count}`, ...changes };
  };
  return SCENES_OF_COMMANDS.map((kind) => drawScene(kind, random, draw));
}

function drawKind(random: Random): Scene['kind'] {
  let left = random.next();
  for (const [kind, share] of SHARES) {
    left -= share;
    if (left < 0) return kind;
  }
  return 'single';
}
