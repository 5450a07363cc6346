/** Amounts are strings: a program that reads JSON numbers as floats would lose money. */
const AMOUNT = /Minor$/;

/** One line of JSON for programs: names in snake_case, ids as numbers, amounts in minor units as strings, times in ISO 8601. */
export function renderJson(value: unknown): string {
  return JSON.stringify(convert(value, ''));
}

function convert(value: unknown, name: string): unknown {
  if (typeof value === 'bigint') {
    const isSafe = value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
    return AMOUNT.test(name) || !isSafe ? value.toString() : Number(value);
  }
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => convert(item, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [toSnakeCase(key), convert(item, key)]),
  );
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
