import type { Knex } from 'knex';

/**
 * An account says how its amounts are to be read. A minor unit means nothing without its scale, and the table that scales come from
 * is replaced with every upgrade; what was stored must not change its value with it.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table accounts add column scale smallint;
    -- What was stored before was stored with the scales of the locale database, and goes on meaning what it meant.
    update accounts set scale = case
      when currency in (
        'AFN', 'ALL', 'BIF', 'CLP', 'COP', 'DJF', 'GNF', 'HUF', 'IDR', 'IQD', 'IRR', 'ISK', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK',
        'LBP', 'MGA', 'MMK', 'PKR', 'PYG', 'RWF', 'SOS', 'SYP', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER'
      ) then 0
      when currency in ('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 3
      else 2
    end;
    alter table accounts
      alter column scale set not null,
      add constraint accounts_scale check (scale between 0 and 4);

    -- One scale for each currency, whichever version of Tollgate opens an account: that of the system accounts, which are opened
    -- first. One probe of their index for each account that is opened; payments open none.
    create function take_scale_of_currency() returns trigger language plpgsql as $$
    declare
      frozen smallint := (select scale from accounts where user_id is null and currency = new.currency limit 1);
    begin
      if frozen is null and new.user_id is not null then
        raise exception 'a wallet in % cannot be opened before the system accounts of %', new.currency, new.currency
          using errcode = 'check_violation';
      end if;
      if frozen <> new.scale then
        raise exception 'amounts in % are kept with % decimals, not with %', new.currency, frozen, new.scale
          using errcode = 'check_violation';
      end if;
      return new;
    end $$;
    create trigger accounts_have_one_scale before insert on accounts
      for each row execute function take_scale_of_currency();

    -- Named columns: what posts to an account does not run it.
    create function forbid_rescaling() returns trigger language plpgsql as $$
    begin
      raise exception 'account % keeps the currency and the scale that it was opened with', old.id
        using errcode = 'check_violation';
    end $$;
    create trigger accounts_keep_their_scale before update of currency, scale on accounts
      for each row when (old.currency <> new.currency or old.scale <> new.scale) execute function forbid_rescaling();
  `);
}

/** Migrations go forward only. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only.');
}
