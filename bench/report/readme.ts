import { StartError } from '../../src/process/lifecycle.ts';

const OPENING = '<!-- bench -->';
const CLOSING = '<!-- /bench -->';

/**
 * Puts the table between the two markers of the README, and leaves every other byte as it is.
 * @throws StartError when the markers are not there exactly once and in order.
 */
export function replaceTable(readme: string, table: string): string {
  const [before = '', between, ...more] = readme.split(OPENING);
  const [, after, ...evenMore] = between?.split(CLOSING) ?? [];
  if (after === undefined || more.length > 0 || evenMore.length > 0) {
    throw new StartError(`README.md needs ${OPENING} and ${CLOSING}, each once and in this order.`);
  }
  return `${before}${OPENING}\n${table}\n${CLOSING}${after}`;
}
