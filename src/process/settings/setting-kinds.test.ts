import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { parseConfig, SETTING_NAMES, SETTING_PLACES } from './config.ts';

const defaults = parseConfig({});
const example = parseEnv(
  readFileSync(path.resolve(import.meta.dirname, '..', '..', '..', '.env.example'), 'utf8'),
) as Record<string, string>;
const valuesByGroup = defaults as unknown as Record<string, Record<string, unknown>>;
const numeric = SETTING_PLACES.filter(
  ({ group, field }) => typeof valuesByGroup[group]?.[field] === 'number',
).map(({ name }) => name);

const refusal = (name: string, value: string) => {
  try {
    parseConfig({ [name]: value });
    return 'taken';
  } catch (error) {
    return (error as Error).message;
  }
};

test('there are numeric settings to check', () => {
  expect(numeric.length).toBeGreaterThan(40);
});

test.each(SETTING_NAMES)('%s is refused when it is blank, and has its default when it is empty', (name) => {
  for (const blank of [' ', '\t', '\n', '\u00a0', '\u200b ', '   '])
    expect(refusal(name, blank)).toMatch(new RegExp(`^Settings are not valid: ${name}: `));
  expect(parseConfig({ [name]: '' })).toEqual(defaults);
});

test.each(SETTING_NAMES)('%s is refused with something invisible around its value', (name) => {
  const value = example[name] || 'postgres://x/y';
  for (const text of [
    ` ${value}`,
    `${value} `,
    `${value}\n`,
    `${value}\r`,
    `\ufeff${value}`,
    `${value}\u200b`,
    `${value}\u00a0`,
  ])
    expect(refusal(name, text)).toContain(`${name}: must not begin or end with a space`);
  expect(refusal(name, `${value}\nx`)).toContain(`${name}: must not contain a line break`);
});

test.each(numeric)('%s takes plain digits and no other spelling of a number', (name) => {
  for (const value of [
    '1e1',
    '0x10',
    '0b1',
    '0o7',
    '+1',
    '-0',
    '1_0',
    '1,5',
    '1.',
    '.5',
    '5s',
    '1 0',
    'Infinity',
    'NaN',
    'null',
    'true',
    '[]',
    '١٠',
    '５',
  ])
    expect(refusal(name, value)).toMatch(
      new RegExp(`^Settings are not valid: ${name}: must be .* in digits$`),
    );
  expect(refusal(name, example[name] as string)).toBe('taken');
});

test('a number of seconds takes decimals, a count does not', () => {
  expect(parseConfig({ GATEWAY_TIMEOUT_SECONDS: '0.25' }).gateway.timeoutMs).toBe(250);
  expect(refusal('GATEWAY_MAX_ATTEMPTS', '3.0')).toContain('a whole number from 1 to 100');
});

test.each(['TRUE', 'yes', '1', 'on'])('%s is refused as the value of a switch', (value) => {
  expect(refusal('IDEMPOTENCY_KEY_REQUIRED', value)).toContain('must be true or false');
});
