import { type ParseArgsConfig, parseArgs } from 'node:util';

/**
 * Reads options of a program, each at most once: of one that is given twice, Node would take the last and drop the first without a word.
 * @throws Error with a sentence about the option that does not fit.
 */
export function parseOnce<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
) {
  const { values, tokens } = parseArgs({ args: [...args], options, tokens: true });
  const names = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new Error(`Option '--${repeated}' was given more than once.`);
  return values;
}
