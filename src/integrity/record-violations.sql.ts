import type { Transaction } from '../database/database.ts';
import {
  hashFingerprint,
  type KnownViolations,
  type StandingMember,
  type StandingSingle,
} from './decide-recording.ts';
import type { Rule, Violation } from './violation.ts';
import type { ToldViolation } from './violation-events.ts';
import { type RecordedViolation, VIOLATION_COLUMNS } from './violations.sql.ts';

/** How many of a group's subjects are shown. */
const SAMPLES = 5;

/** Reads the existing violations about these subjects, and how many are open under their rules. */
export async function selectKnown(
  transaction: Transaction,
  violations: readonly Violation[],
): Promise<KnownViolations> {
  const values = [violations.map(({ rule }) => rule), violations.map(({ subject }) => subject)];
  const singles = await transaction.query<StandingSingle>(
    `select standing.id, standing.rule, standing.subject, standing.fingerprint,
            standing.acknowledged_at is not null as "isAcknowledged"
     from unnest($1::text[], $2::text[]) as found (rule, subject)
     join integrity_violations as standing using (rule, subject)
     where standing.resolved_at is null and not standing.is_group`,
    values,
  );
  const members = await transaction.query<StandingMember>(
    `select head.id as "violationId", head.rule, member.subject, member.fingerprint,
            head.acknowledged_at is not null as "isAcknowledged"
     from unnest($1::text[], $2::text[]) as found (rule, subject)
     join integrity_violations as head on head.rule = found.rule and head.resolved_at is null and head.is_group
     join integrity_violation_subjects as member on member.violation_id = head.id and member.subject = found.subject`,
    values,
  );
  const open = await transaction.query<{ rule: Rule; singles: number; id: bigint | null; count: number }>(
    `select rule, count(*) filter (where not is_group)::int as singles,
            max(id) filter (where is_group) as id, coalesce(max(subject_count) filter (where is_group), 0) as count
     from integrity_violations
     where resolved_at is null and acknowledged_at is null
     group by rule`,
  );
  return {
    singles: singles.rows,
    members: members.rows,
    openSingleCounts: new Map(open.rows.map(({ rule, singles }) => [rule, singles])),
    openGroups: new Map(
      open.rows.flatMap(({ rule, id, count }) => (id === null ? [] : [[rule, { id, subjectCount: count }]])),
    ),
  };
}

/** Closes violations that no longer hold. @returns those that were open until now. */
export async function endSingles(transaction: Transaction, ids: readonly bigint[]): Promise<ToldViolation[]> {
  const { rows } = await transaction.query<ToldViolation>(
    `update integrity_violations
     set resolved_at = now()
     where id = any ($1::bigint[]) and resolved_at is null
     returning id, rule, subject`,
    [ids],
  );
  return rows;
}

export async function updateSeen(
  transaction: Transaction,
  seen: readonly { readonly id: bigint; readonly violation: Violation }[],
): Promise<void> {
  await transaction.query(
    `update integrity_violations as violation
     set last_seen_at = now(), fingerprint = seen.fingerprint, detail = seen.detail
     from unnest($1::bigint[], $2::text[], $3::text[]) as seen (id, fingerprint, detail)
     where violation.id = seen.id`,
    [
      seen.map(({ id }) => id),
      seen.map(({ violation }) => violation.fingerprint),
      seen.map(({ violation }) => violation.detail),
    ],
  );
}

export async function insertSingles(
  transaction: Transaction,
  violations: readonly Violation[],
): Promise<RecordedViolation[]> {
  const { rows } = await transaction.query<RecordedViolation>(
    `insert into integrity_violations (rule, subject, fingerprint, detail)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
     returning ${VIOLATION_COLUMNS}`,
    [
      violations.map(({ rule }) => rule),
      violations.map(({ subject }) => subject),
      violations.map(({ fingerprint }) => fingerprint),
      violations.map(({ detail }) => detail),
    ],
  );
  return rows;
}

/** Returns the open group of each rule, and creates missing ones, which are `made`. */
export async function openGroups(
  transaction: Transaction,
  rules: readonly Rule[],
): Promise<{ readonly ids: Map<Rule, bigint>; readonly made: readonly ToldViolation[] }> {
  if (rules.length === 0) return { ids: new Map(), made: [] };
  const { rows: made } = await transaction.query<ToldViolation>(
    `insert into integrity_violations (rule, subject, fingerprint, detail, is_group, subject_count)
     select rule, 'many', 'many', '', true, 0 from unnest($1::text[]) as r (rule)
     on conflict do nothing
     returning id, rule, subject`,
    [rules],
  );
  const { rows } = await transaction.query<{ rule: Rule; id: bigint }>(
    `select rule, id from integrity_violations
     where rule = any ($1::text[]) and is_group and resolved_at is null and acknowledged_at is null`,
    [rules],
  );
  return { ids: new Map(rows.map(({ rule, id }) => [rule, id])), made };
}

export async function addSubjects(
  transaction: Transaction,
  added: readonly { readonly violationId: bigint; readonly violation: Violation }[],
): Promise<void> {
  await transaction.query(
    `insert into integrity_violation_subjects (violation_id, subject, fingerprint)
     select * from unnest($1::bigint[], $2::text[], $3::text[])
     on conflict (violation_id, subject) do update set fingerprint = excluded.fingerprint`,
    [
      added.map(({ violationId }) => violationId),
      added.map(({ violation }) => violation.subject),
      added.map(({ violation }) => hashFingerprint(violation)),
    ],
  );
}

export async function removeSubjects(
  transaction: Transaction,
  removed: readonly { readonly violationId: bigint; readonly subject: string }[],
): Promise<void> {
  await transaction.query(
    `delete from integrity_violation_subjects as member
     using unnest($1::bigint[], $2::text[]) as removed (violation_id, subject)
     where member.violation_id = removed.violation_id and member.subject = removed.subject`,
    [removed.map(({ violationId }) => violationId), removed.map(({ subject }) => subject)],
  );
}

/** Updates the groups' summaries of their subjects; a group without subjects is closed. */
export async function refreshGroups(
  transaction: Transaction,
  ids: readonly bigint[],
): Promise<RecordedViolation[]> {
  if (ids.length === 0) return [];
  const { rows } = await transaction.query<RecordedViolation>(
    `update integrity_violations as head
     set subject_count = held.total, samples = held.examples, last_seen_at = now(),
         detail = held.total || ' in all, for example ' || array_to_string(held.examples, ', '),
         resolved_at = case when held.total = 0 then now() end
     from unnest($1::bigint[]) as wanted (violation_id)
     cross join lateral (
       select (select count(*)::int
               from integrity_violation_subjects as member
               where member.violation_id = wanted.violation_id) as total,
              array(select member.subject
                    from integrity_violation_subjects as member
                    where member.violation_id = wanted.violation_id
                    order by member.subject
                    limit ${SAMPLES}) as examples
     ) as held
     where head.id = wanted.violation_id and head.resolved_at is null
     returning ${VIOLATION_COLUMNS}`,
    [ids],
  );
  return rows;
}

/** The next subjects of a group in their order. */
export async function selectSubjects(
  transaction: Transaction,
  { violationId, limit }: { readonly violationId: bigint; readonly limit: number },
): Promise<string[]> {
  const { rows } = await transaction.query<{ subject: string }>(
    `select member.subject
     from integrity_violations as head
     join integrity_violation_subjects as member
       on member.violation_id = head.id and member.subject > head.rechecked_after
     where head.id = $1
     order by member.subject
     limit $2`,
    [violationId, limit],
  );
  return rows.map(({ subject }) => subject);
}

/** @param after the last subject that was checked; empty to start again. */
export async function saveRecheckedAfter(
  transaction: Transaction,
  { violationId, after }: { readonly violationId: bigint; readonly after: string },
): Promise<void> {
  await transaction.query('update integrity_violations set rechecked_after = $2 where id = $1', [
    violationId,
    after,
  ]);
}
