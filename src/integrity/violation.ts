/** The rules of the check, each with its invariant. */
export const RULES = {
  transaction_sums_to_zero: 'I1',
  entries_belong_to_a_step: 'I1',
  balance_equals_entries: 'I2',
  held_equals_holds: 'I2',
  wallet_above_floor: 'I3',
  closed_wallet_is_empty: 'I3',
  payment_settled_once: 'I4',
  status_agrees_with_ledger: 'I4',
  key_has_its_resource: 'I5',
  open_payment_has_work: 'I5',
  ended_payment_has_no_work: 'I5',
  payment_holds_its_money: 'I10',
  hold_has_its_payment: 'I10',
  hold_has_its_order: 'I10',
  order_hold_adds_up: 'I10',
  capture_reaches_its_target: 'I10',
  transfer_is_posted: 'I5',
  transfer_has_its_legs: 'I5',
  conversion_is_as_quoted: 'I12',
  conversion_has_its_legs: 'I12',
  refunds_fit_their_deposit: 'I4',
} as const;

export type Rule = keyof typeof RULES;
export type Invariant = (typeof RULES)[Rule];
export const INVARIANTS: readonly Invariant[] = [...new Set(Object.values(RULES))];

export function rulesOf(invariant: Invariant): Rule[] {
  return (Object.keys(RULES) as Rule[]).filter((rule) => RULES[rule] === invariant);
}

/** A rule that does not hold for a subject. */
export interface Violation {
  readonly rule: Rule;
  /** What it is about, for programs: `account:7`, `transaction:9`, `payment:42`, `task:42`, `conversion:7`, `transfer:7`,
   * `hold:<user>:<purpose>:<subject>`, `order_hold:<user>:<id>`, `key:<scope>:<key>`. */
  readonly subject: string;
  /** The part of the violation that stays the same while the subject changes; an acknowledged violation is raised again if it changes. */
  readonly fingerprint: string;
  /** For people. */
  readonly detail: string;
}

/** Merges everything that is wrong with one subject under one rule into one violation. */
export function mergeBySubject(violations: readonly Violation[]): Violation[] {
  const groups = Map.groupBy(violations, ({ rule, subject }) => `${rule} ${subject}`);
  return [...groups.values()].map((group) => ({
    ...(group[0] as Violation),
    fingerprint: group.map(({ fingerprint }) => fingerprint).join('; '),
    detail: group.map(({ detail }) => detail).join('; '),
  }));
}
