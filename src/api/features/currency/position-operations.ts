import { z } from 'zod';
import { isOverLimit, listPositions, type Position } from '../../../conversions/list-positions.ts';
import { amountFields, minorField } from '../../describe/amounts.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { defineOperation } from '../../server/operation.ts';

const positionSchema = z
  .object({
    currency: z.string(),
    ...amountFields({ position: 'What is owned of the currency; negative where it is owed.' }),
    limit: z
      .number()
      .nullable()
      .meta({ description: 'How much may be owned or owed; null: no limit is set.' }),
    limit_minor: minorField.nullable(),
    is_over_limit: z.boolean().meta({ description: 'Whether more is owned or owed than the limit allows.' }),
  })
  .meta({ id: 'ConversionPosition' });

export const positionListSchema = z
  .object({ items: z.array(positionSchema) })
  .meta({ id: 'ConversionPositions' });

const positionExample = {
  currency: 'USD',
  position: 99.5,
  position_minor: '9950',
  limit: 100_000,
  limit_minor: '10000000',
  is_over_limit: false,
};

export function positionOperations({ config, knex }: ApiContext) {
  const { positionLimits } = config.conversions;
  return [
    defineOperation({
      method: 'get',
      path: '/api/v1/currency/positions',
      id: 'listPositions',
      tag: 'currency',
      summary: 'List what conversions have left us owning and owing, by currency',
      description:
        'The balance of the account `fx` in each currency that is in use, with its limit from CONVERSION_POSITION_LIMITS.',
      access: 'operator',
      answers: {
        200: {
          description: 'The positions, by currency.',
          schema: positionListSchema,
          example: { items: [positionExample] },
        },
      },
      problems: [],
      async handle() {
        const positions = await listPositions(knex, positionLimits);
        return { status: 200, body: { items: positions.map(renderPosition) } };
      },
    }),
  ];
}

function renderPosition(position: Position) {
  const { currency, positionMinor, limitMinor } = position;
  return {
    currency,
    ...renderAmounts({ position: positionMinor }, currency),
    ...(limitMinor === null
      ? { limit: null, limit_minor: null }
      : renderAmounts({ limit: limitMinor }, currency)),
    is_over_limit: isOverLimit(position),
  };
}
