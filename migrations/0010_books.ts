import type { Knex } from 'knex';

/** What the books need to stay readable when very much is wrong at once. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- A violation speaks of one subject, or, where very many break one rule, of all of them together: is_group. Its subjects are
    -- then rows of their own, so that an acknowledged violation hides only those that were in it.
    -- rechecked_after: how far the recheck of a group's subjects has come.
    alter table integrity_violations
      add column is_group boolean not null default false,
      add column subject_count integer not null default 1,
      add column samples text[] not null default '{}',
      add column rechecked_after text not null default '';
    drop index integrity_violations_one_standing;
    create unique index integrity_violations_one_standing on integrity_violations (rule, subject)
      where whole_at is null and not is_group;
    create unique index integrity_violations_one_open_group on integrity_violations (rule)
      where whole_at is null and acknowledged_at is null and is_group;
    create table integrity_violation_subjects (
      violation_id bigint not null,
      subject text not null,
      fingerprint text not null,
      primary key (violation_id, subject)
    );
  `);
}

/** Migrations go forward only. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only.');
}
