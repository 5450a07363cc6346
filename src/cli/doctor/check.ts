export type Verdict = 'ok' | 'warn' | 'fail';

/** The result of one check; `advice` says what to do if it is not ok. */
export interface Check {
  readonly name: string;
  readonly verdict: Verdict;
  readonly detail: string;
  readonly advice: string | null;
}

/** A check that is ok unless a finding applies; the first that applies counts. */
export function judge(
  name: string,
  detail: string,
  findings: readonly (readonly [applies: boolean, verdict: Exclude<Verdict, 'ok'>, advice: string])[] = [],
): Check {
  const found = findings.find(([applies]) => applies);
  return { name, verdict: found?.[1] ?? 'ok', detail, advice: found?.[2] ?? null };
}
