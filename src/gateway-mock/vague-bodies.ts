import { drawNumbers } from './draw-numbers.ts';

/** Bodies that come with 200 and do not say that anything was carried out, or contradict themselves. */
const VAGUE_BODIES: readonly unknown[] = [
  {},
  [],
  null,
  'done',
  { errors: [{ code: 'E1' }] },
  { success: 'false' },
  { approved: false },
  { state: 'failed' },
  { Status: 'DECLINED' },
  { code: 'card_declined' },
  { data: { status: 'declined' } },
  { status: 'success', data: { state: 'declined' } },
  { status: 'succeeded', error: { code: 'E1' } },
  { result: 'queued' },
];

/** Chooses a vague body; the same text always chooses the same one. */
export function drawVagueBody(text: string): unknown {
  const [draw] = drawNumbers(`vague ${text}`);
  return VAGUE_BODIES[Math.floor(draw * VAGUE_BODIES.length)];
}
