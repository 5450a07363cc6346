import { z } from 'zod';
import { listOrderHolds, ORDER_HOLD_STATES } from '../../../order-holds/list-order-holds.sql.ts';
import { findOwner } from '../../../wallets/find-owner.ts';
import { namedCurrencyField } from '../../describe/currency-field.ts';
import { idText } from '../../describe/fields.ts';
import { createdFields, listQuery, toCreatedFilter } from '../../describe/list-fields.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { answerWithPage, nextPageHeader } from '../../server/cursor.ts';
import { defineOperation } from '../../server/operation.ts';
import { orderHoldExample, orderHoldListSchema } from './order-hold-schemas.ts';
import { renderOrderHold } from './render-order-hold.ts';

const PATH = '/api/v1/order-holds';
const LIST = 'order_holds';

export function listHoldOperations({ lists }: ApiContext) {
  return [
    defineOperation({
      method: 'get',
      path: PATH,
      id: 'listOrderHolds',
      tag: 'accounts',
      summary: 'List what was held for orders, newest first',
      description:
        'A filter looks at so many holds for one page: a page may hold fewer than `limit`, even none, and still have a next one.',
      query: listQuery(LIST, {
        state: z.enum(ORDER_HOLD_STATES).default('open').meta({
          description:
            '`open`: not ended, whether or not its time is over. `overdue`: those of them that are shown as `expiring`, because their time is over; they are let go shortly. `ended`: captured, released or expired.',
        }),
        user_id: idText.optional(),
        wallet_id: idText.optional().meta({ description: 'Only what is held of this wallet.' }),
        currency: namedCurrencyField(),
        ...createdFields,
      }),
      access: 'operator',
      answers: {
        200: {
          description: 'A page of holds.',
          schema: orderHoldListSchema,
          example: { items: [orderHoldExample], next_cursor: null },
          headers: { Link: nextPageHeader(PATH, LIST) },
        },
      },
      problems: ['validation-failed'],
      async handle({ query, request }) {
        const { user_id, wallet_id: walletId, state, currency, cursor: beforeId, limit } = query;
        const userId = await findOwner(lists, { userId: user_id, walletId });
        const filter = { state, walletId, currency, ...toCreatedFilter(query), beforeId, limit };
        const page =
          userId === 'nobody'
            ? { items: [], nextBeforeId: null }
            : await listOrderHolds(lists, { ...filter, userId });
        return answerWithPage(page, {
          list: LIST,
          originalUrl: request.originalUrl,
          render: (hold) => renderOrderHold(hold, hold.readAt),
        });
      },
    }),
  ];
}
