import { type Evidence, stateEvidence } from '../../payments/evidence/evidence.ts';
import { Problem } from './problem.ts';

/** What is refused because something recorded says that the money moved; the answer names each such thing. */
export function evidenceProblem(evidence: readonly Evidence[]): Problem {
  const [first] = evidence;
  const others = evidence.length > 1 ? ` (and ${evidence.length - 1} more)` : '';
  return new Problem('evidence-contradicts', {
    detail: `Something recorded says that the money moved: ${first?.what}${others}. Nothing was done.`,
    extensions: { evidence: stateEvidence(evidence) },
  });
}
