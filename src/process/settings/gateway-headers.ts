import { z } from 'zod';

/** Headers that control the transport, or that have a different value in each request. */
const OURS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'idempotency-key',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/;
/** The header values that fetch and undici accept, without characters that would confuse a log or a terminal. */
export const HEADER_VALUE = /^[\x21-\x7e](?:[\x20-\x7e]{0,8000}[\x21-\x7e])?$/;
const MOST_HEADERS = 20;

/** A setting with headers for every request to the gateway: a JSON object of names and values. Names are converted to lower case. */
export const gatewayHeaders = z.string().transform((text, context): Readonly<Record<string, string>> => {
  const headers = readHeaders(text);
  if (typeof headers !== 'string') return headers;
  context.addIssue({ code: 'custom', message: headers });
  return z.NEVER;
});

/** Returns the headers, or what is wrong, without the value, which may be secret. */
function readHeaders(text: string): Record<string, string> | string {
  const parsed = parseObject(text);
  if (!parsed)
    return 'must be a JSON object of names and values, for example {"X-Api-Key":"...","X-Merchant":"42"}';
  const headers: Record<string, string> = {};
  for (const [written, value] of Object.entries(parsed)) {
    const name = written.toLowerCase();
    if (!NAME.test(name)) return 'must have valid header names, of letters, digits and hyphens';
    if (name === 'authorization') return 'must not contain Authorization: set GATEWAY_AUTHORIZATION instead';
    if (OURS.has(name)) return `must not contain ${name}: Tollgate sets it itself`;
    if (name in headers) return `must contain ${name} only once`;
    if (typeof value !== 'string' || !HEADER_VALUE.test(value))
      return `must have visible ASCII text as the value of ${name}`;
    headers[name] = value;
  }
  if (Object.keys(headers).length > MOST_HEADERS) return `must have at most ${MOST_HEADERS} headers`;
  return headers;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
