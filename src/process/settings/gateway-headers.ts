import { z } from 'zod';

/** Names that say how a request is carried, or that each request has a value of its own for. */
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
/** What fetch and undici take for a value, without what a log or a terminal would be confused by. */
export const HEADER_VALUE = /^[\x21-\x7e](?:[\x20-\x7e]{0,8000}[\x21-\x7e])?$/;
const MOST_HEADERS = 20;

/** A setting with headers for each request to the gateway: a JSON object of names and values. Names are read in small letters. */
export const gatewayHeaders = z.string().transform((text, context): Readonly<Record<string, string>> => {
  const headers = readHeaders(text);
  if (typeof headers !== 'string') return headers;
  context.addIssue({ code: 'custom', message: headers });
  return z.NEVER;
});

/** Gives the headers, or what is wrong; never a value, which may be secret. */
function readHeaders(text: string): Record<string, string> | string {
  const parsed = parseObject(text);
  if (!parsed)
    return 'must be a JSON object of names and values, for example {"X-Api-Key":"...","X-Merchant":"42"}';
  const headers: Record<string, string> = {};
  for (const [written, value] of Object.entries(parsed)) {
    const name = written.toLowerCase();
    if (!NAME.test(name)) return 'must have names of headers, of letters, digits and hyphens';
    if (name === 'authorization') return 'must not have Authorization: set GATEWAY_AUTHORIZATION';
    if (OURS.has(name)) return `must not have ${name}: Tollgate sets it itself`;
    if (name in headers) return `must have ${name} once`;
    if (typeof value !== 'string' || !HEADER_VALUE.test(value))
      return `must have text in visible ASCII characters as the value of ${name}`;
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
