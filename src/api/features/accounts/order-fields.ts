import { z } from 'zod';
import { describedAs } from '../../describe/described-as.ts';
import { nameField } from '../../describe/fields.ts';

const MOST_CHARACTERS = 200;
const WEEK_SECONDS = 7 * 86_400;
const YEAR_SECONDS = 365 * 86_400;
const RANGE = `must be a whole number from 1 to ${YEAR_SECONDS}`;

/** The id of an order, as the client calls it. */
export const orderIdField = nameField({ most: MOST_CHARACTERS });
/** The same in a query. */
export const orderIdText = orderIdField.meta({ example: 'order-1001' });

/** How long something is held. There is no hold without an end: money that nobody asks for any more goes back by itself. */
export const expiresInField = z
  .int(RANGE)
  .min(1, RANGE)
  .max(YEAR_SECONDS, RANGE)
  .default(WEEK_SECONDS)
  .meta({
    ...describedAs({ type: 'integer', minimum: 1, maximum: YEAR_SECONDS, default: WEEK_SECONDS }),
    description: 'After so many seconds what is left is released by itself; a week where nothing is said.',
  });
