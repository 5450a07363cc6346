import { type Evidence, stateEvidence } from '../../payments/evidence/evidence.ts';
import { Problem } from './problem.ts';

/** A refusal because there is evidence that the money moved; the answer lists all of it. */
export function evidenceProblem(evidence: readonly Evidence[]): Problem {
  const [first] = evidence;
  const others = evidence.length > 1 ? ` (and ${evidence.length - 1} more)` : '';
  return new Problem('evidence-contradicts', {
    detail: `There is evidence that the money moved: ${first?.what}${others}. Nothing was done.`,
    extensions: { evidence: stateEvidence(evidence) },
  });
}
