import { createHash } from 'node:crypto';
import type { Rule, Violation } from './violation.ts';

/** Up to this many subjects of one rule are separate violations, each to be acknowledged separately; more become one group. */
const MAX_SINGLES = 10;
/** The most subjects that one group remembers. Any others are not remembered, so each check finds them again. */
const MAX_SUBJECTS = 100_000;

/** The existing violations about the subjects that were found. */
export interface KnownViolations {
  readonly singles: readonly StandingSingle[];
  readonly members: readonly StandingMember[];
  /** The number of open ones, whatever their subject. */
  readonly openSingleCounts: ReadonlyMap<Rule, number>;
  readonly openGroups: ReadonlyMap<Rule, { readonly id: bigint; readonly subjectCount: number }>;
}

export interface StandingSingle {
  readonly id: bigint;
  readonly rule: Rule;
  readonly subject: string;
  readonly fingerprint: string;
  readonly isAcknowledged: boolean;
}

export interface StandingMember {
  readonly violationId: bigint;
  readonly rule: Rule;
  readonly subject: string;
  readonly fingerprint: string;
  readonly isAcknowledged: boolean;
}

/** What to write. */
export interface Recording {
  readonly seenSingles: readonly { readonly id: bigint; readonly violation: Violation }[];
  /** Acknowledged violations that have changed since: they are closed and raised again. */
  readonly endedSingleIds: readonly bigint[];
  readonly changedMembers: readonly { readonly violationId: bigint; readonly violation: Violation }[];
  readonly leavingMembers: readonly { readonly violationId: bigint; readonly subject: string }[];
  readonly newSingles: readonly Violation[];
  /** Subjects that join the open group of their rule, which is created if there is none. */
  readonly joining: ReadonlyMap<Rule, readonly Violation[]>;
}

/**
 * Decides how to record findings: a known subject is seen again, an acknowledged one that has changed is raised again, and a new one is
 * recorded separately or, if there are many, in the group of its rule. Pure.
 */
export function decideRecording(violations: readonly Violation[], known: KnownViolations): Recording {
  const singles = new Map(known.singles.map((single) => [keyOf(single), single]));
  const members = Map.groupBy(known.members, keyOf);
  const seenSingles: { id: bigint; violation: Violation }[] = [];
  const endedSingleIds: bigint[] = [];
  const changedMembers: { violationId: bigint; violation: Violation }[] = [];
  const leavingMembers: { violationId: bigint; subject: string }[] = [];
  const fresh: Violation[] = [];

  for (const violation of violations) {
    const single = singles.get(keyOf(violation));
    const member = members.get(keyOf(violation))?.[0];
    if (single) {
      const isChanged = single.isAcknowledged && single.fingerprint !== violation.fingerprint;
      if (!isChanged) {
        seenSingles.push({ id: single.id, violation });
        continue;
      }
      endedSingleIds.push(single.id);
    } else if (member) {
      const isChanged = member.fingerprint !== hashFingerprint(violation);
      if (!isChanged) continue;
      if (!member.isAcknowledged) {
        changedMembers.push({ violationId: member.violationId, violation });
        continue;
      }
      leavingMembers.push({ violationId: member.violationId, subject: member.subject });
    }
    fresh.push(violation);
  }

  const newSingles: Violation[] = [];
  const joining = new Map<Rule, readonly Violation[]>();
  for (const [rule, found] of Map.groupBy(fresh, (violation) => violation.rule)) {
    const openSingles = known.openSingleCounts.get(rule) ?? 0;
    if (openSingles + found.length <= MAX_SINGLES) newSingles.push(...found);
    else {
      const left = MAX_SUBJECTS - (known.openGroups.get(rule)?.subjectCount ?? 0);
      joining.set(rule, found.slice(0, Math.max(0, left)));
    }
  }
  return { seenSingles, endedSingleIds, changedMembers, leavingMembers, newSingles, joining };
}

/** A fingerprint of bounded length. */
export function hashFingerprint({ fingerprint }: Pick<Violation, 'fingerprint'>): string {
  return createHash('sha256').update(fingerprint).digest('base64url').slice(0, 22);
}

function keyOf({ rule, subject }: { readonly rule: Rule; readonly subject: string }): string {
  return `${rule} ${subject}`;
}
