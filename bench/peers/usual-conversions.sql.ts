import type { Knex } from 'knex';
import { findUsualAccounts } from './usual-accounts.sql.ts';
import { keepAnswer, type UsualAnswer, type UsualKey, useKey } from './usual-keys.sql.ts';
import { postTheUsualWay } from './usual-postings.sql.ts';

/** Its user is known once the quote is read, and with it the scope of the key. */
export interface UsualConversionRequest extends Omit<UsualKey, 'userId'> {
  readonly token: string;
}

/**
 * Takes a quote in one transaction, a statement at a time: quote (locked), key, both wallets (locked in the order of their ids), ledger, balances,
 * quote, stored answer.
 */
export async function convertTheUsualWay(knex: Knex, request: UsualConversionRequest): Promise<UsualAnswer> {
  const { token } = request;
  const accountsOf = await findUsualAccounts(knex);
  return await knex.transaction(async (transaction) => {
    const quote = await transaction('conversion_quotes').where({ token }).first().forUpdate();
    if (!quote) return { status: 404, body: '{"error":"there is no such quote"}' };
    const key = { ...request, userId: Number(quote.user_id) };
    const used = await useKey(transaction, key, 'conversion');
    if (used) return used;
    if (quote.used_at !== null) throw new Error(`quote ${token} was used before`);
    if (quote.expires_at <= new Date()) throw new Error(`quote ${token} has expired`);

    const wallets: { id: string; currency: string; posted: string; held: string }[] = await transaction(
      'accounts',
    )
      .where({ user_id: quote.user_id })
      .whereIn('currency', [quote.from_currency, quote.to_currency])
      .orderBy('id')
      .select('id', 'currency', 'posted', 'held')
      .forUpdate();
    const from = wallets.find(({ currency }) => currency === quote.from_currency);
    const to = wallets.find(({ currency }) => currency === quote.to_currency);
    if (!from || !to) throw new Error(`a wallet of user ${quote.user_id} is not there`);
    const fromMinor = Number(quote.from_amount);
    const toMinor = Number(quote.to_amount);
    const spreadMinor = Number(quote.spread_amount);
    if (BigInt(from.posted) - BigInt(from.held) < BigInt(fromMinor))
      throw new Error('the funds do not suffice');

    const given = accountsOf(quote.from_currency);
    const got = accountsOf(quote.to_currency);
    await postTheUsualWay(transaction, {
      ...{ userId: quote.user_id, reference: `conversion:${quote.id}`, step: 'settle' },
      legs: [
        { account_id: from.id, amount: -fromMinor },
        { account_id: given.fx, amount: fromMinor - spreadMinor },
        { account_id: given.fee, amount: spreadMinor },
        { account_id: got.fx, amount: -toMinor },
        { account_id: to.id, amount: toMinor },
      ],
    });
    await transaction('accounts').where({ id: from.id }).decrement('posted', fromMinor);
    await transaction('accounts').where({ id: to.id }).increment('posted', toMinor);
    await transaction('conversion_quotes').where({ id: quote.id }).update({ used_at: knex.fn.now() });
    const body = JSON.stringify({
      conversion_id: Number(quote.id),
      quote_id: token,
      from: quote.from_currency,
      to: quote.to_currency,
      amount_minor: quote.from_amount,
      to_amount_minor: quote.to_amount,
    });
    return await keepAnswer(transaction, key, { answer: { status: 201, body }, resourceId: quote.id });
  });
}
