import { type ParseArgsConfig, parseArgs } from 'node:util';

/**
 * Parses a program's options, each allowed only once: if one is given twice, Node would silently use the last.
 * @throws Error with a sentence about the option that is not valid.
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
