import { formatName } from './format.ts';
import { html } from './html.ts';

export type Tone = 'good' | 'bad' | 'doubtful' | 'calm';

/** What a badge describes, and the tone of each state; any other state is calm. */
const TONES = {
  status: { success: 'good', failed: 'bad', unknown: 'doubtful' },
  review: { needed: 'doubtful' },
  reason: { refused: 'bad', poison: 'bad', outcome_unknown: 'doubtful' },
  action: { redriven: 'good', resolved: 'good' },
  outcome: { succeeded: 'good', executed: 'good', refused: 'bad', unknown: 'doubtful' },
  answer: { succeeded: 'good', refused: 'bad', unknown: 'doubtful' },
  worker: { alive: 'good', lost: 'bad' },
  breaker: { closed: 'good', open: 'bad', half_open: 'doubtful', unknown: 'doubtful' },
  ledger: { ok: 'good', violated: 'bad', stale: 'doubtful' },
  wallet: { open: 'good', frozen: 'doubtful' },
  hold: { captured: 'good', expiring: 'doubtful' },
  rate: { fresh: 'good', stale: 'doubtful', held: 'doubtful' },
  quote: { converted: 'good' },
  position: { 'over the limit': 'bad', 'within the limit': 'good' },
  rule: {},
  difference: {},
  comparison: { clean: 'good', failed: 'bad', differences: 'doubtful' },
  'bulk redrive': { done: 'good', stopped: 'doubtful' },
} as const satisfies Record<string, Record<string, Tone>>;

/**
 * A state as a coloured word, with its subject, so that the meaning depends neither on the colour nor on the position.
 * @param isSaid whether a visible heading or label already names the subject.
 */
export function Badge({
  of,
  state,
  tone,
  isSaid = false,
}: {
  readonly of: keyof typeof TONES;
  readonly state: string;
  readonly tone?: Tone;
  readonly isSaid?: boolean;
}) {
  const tones: Readonly<Record<string, Tone>> = TONES[of];
  return html`<span class="badge ${tone ?? tones[state] ?? 'calm'}"><span class=${isSaid ? 'hidden' : ''}>${of}${' '}</span>${formatName(state)}</span>`;
}
