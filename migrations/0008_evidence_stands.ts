import type { Knex } from 'knex';

/**
 * What is needed so that nothing which says that money moved is overlooked: payments that share a reference are found from
 * each other, what the gateway's book said is kept, and fences never count back. Nothing of it is written on the hot path.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- From a failed payment to the one that was made from it. Almost no payment is redriven, so keeping it costs an insert
    -- one comparison.
    create index payments_redriven on payments (redrive_of) where redrive_of is not null;

    -- Since when the gateway's last "not found" counts; the next one counts only some time later.
    alter table payment_tasks add column not_found_at timestamptz;

    -- ask_fence tells one question from every other that was ever asked, also about the same payment after it was redriven:
    -- an answer counts only while the inquiry carries its question's number. asked_at is when it was asked.
    create sequence payment_inquiry_fences;
    alter table payment_inquiries
      add column ask_fence bigint not null default nextval('payment_inquiry_fences'),
      add column asked_at timestamptz,
      add column not_found_at timestamptz;

    -- Append-only. What the gateway's book had as carried out while the payment was open or failed here. The lines of the book
    -- themselves are thrown away when a report ends; this stays as evidence.
    create table payment_book_sightings (
      reference text primary key,
      report_id bigint not null,
      type text not null,
      amount bigint not null,
      currency text not null,
      gateway_reference text,
      seen_at timestamptz not null default now()
    );
    create trigger payment_book_sightings_append_only before update or delete or truncate on payment_book_sightings
      for each statement execute function forbid_change();

    -- Differences about a payment under a reference that it shares, and those that came before they could be given to a payment.
    create index reconciliation_exceptions_by_reference on reconciliation_exceptions (reference)
      where reference is not null;

    -- What a person overrode with a redrive or a resolution: the evidence as it was shown. null: nothing stood against it.
    alter table payment_dlq add column overridden_evidence jsonb;
    alter table payment_resolutions add column overridden_evidence jsonb;

    -- Letters that a bulk redrive left alone because something says that their money moved.
    alter table bulk_redrives add column withheld_count integer not null default 0;
  `);
}

/** Migrations go forward only. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only.');
}
