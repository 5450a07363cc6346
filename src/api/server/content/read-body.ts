import { isUtf8 } from 'node:buffer';
import type { Request, RequestHandler } from 'express';
import { parseJson } from '../../../http/parse-json.ts';
import { cutText } from '../../../text/text.ts';
import { Problem } from '../../problems/problem.ts';

/** How much of a refused body is read and thrown away: most clients read the answer only after they have sent everything. */
const MAX_DISCARDED_BYTES = 10_000_000;

/**
 * Reads the JSON body of a request. A body of another media type is refused, not ignored: a payment whose body was not read must not look
 * like one without a body. A body that is too large is refused before the rest of it arrives.
 */
export function readBody(limitBytes: number): RequestHandler {
  return readBytes(limitBytes, (request, bytes) => {
    request.body = parseBytes(bytes);
  });
}

/** Reads the raw bytes of a body, so that a signature can be checked before parseBytes. */
export function readRawBody(limitBytes: number): RequestHandler {
  return readBytes(limitBytes, (request, bytes) => {
    request.body = bytes;
  });
}

function readBytes(limitBytes: number, take: (request: Request, bytes: Buffer) => void): RequestHandler {
  return (request, response, next) => {
    const refusal = refuseByHeaders(request, limitBytes);
    if (refusal) {
      discardRest(request);
      next(refusal);
      return;
    }
    const chunks: Buffer[] = [];
    let byteCount = 0;
    const onData = (chunk: Buffer) => {
      byteCount += chunk.length;
      if (byteCount <= limitBytes) {
        chunks.push(chunk);
        return;
      }
      request.off('data', onData).off('end', onEnd);
      discardRest(request);
      next(tooLarge(limitBytes));
    };
    const onEnd = () => {
      // A request that timed out before its body arrived must not be carried out after all.
      if (response.headersSent) return;
      try {
        take(request, Buffer.concat(chunks, byteCount));
      } catch (error) {
        next(error);
        return;
      }
      next();
    };
    request.on('data', onData).on('end', onEnd);
  };
}

function refuseByHeaders(request: Request, limitBytes: number): Problem | undefined {
  const { headers } = request;
  const declaredBytes = Number(headers['content-length'] ?? 0);
  if (declaredBytes > limitBytes) return tooLarge(limitBytes);
  const hasBody = headers['transfer-encoding'] !== undefined || declaredBytes > 0;
  // A form of another site can also post without a body, and still declares a content type.
  if (!hasBody && headers['content-type'] === undefined) return undefined;
  // If a header is repeated, Node keeps the first value, but a proxy on the way may have used the last.
  if (new Set(request.headersDistinct['content-type']).size > 1) return unsupportedType('must be given once');
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? ''))
    return unsupportedType('must be application/json');
  const charsets = (headers['content-type'] ?? '').matchAll(/;\s*charset\s*=\s*"?([^";\s]*)/gi);
  if (![...charsets].every(([, charset = '']) => /^utf-?8$/i.test(charset)))
    return unsupportedType('must be in UTF-8');
  // Node decodes `chunked` and no other coding.
  if (!/^chunked$/i.test(headers['transfer-encoding'] ?? 'chunked'))
    return new Problem('unsupported-media-type', {
      errors: [{ field: 'Transfer-Encoding', message: 'must be chunked' }],
    });
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() === 'identity') return undefined;
  return new Problem('unsupported-media-type', {
    errors: [{ field: 'Content-Encoding', message: 'must not be compressed' }],
    headers: { 'Accept-Encoding': 'identity' },
  });
}

/**
 * Parses the bytes of a body; an empty body is undefined.
 * @throws Problem if they are not JSON in UTF-8.
 */
export function parseBytes(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw malformed('must be in UTF-8');
  // JSON does not allow a byte order mark, but some clients write one all the same (RFC 8259, 8.1).
  const parsed = parseJson(bytes.toString('utf8').replace(/^\ufeff/, ''));
  if (parsed.kind === 'parsed') return parsed.value;
  if (parsed.kind === 'no_json') throw malformed('must be valid JSON');
  throw new Problem('malformed-request', {
    detail: 'The body contains the same member more than once. Nothing was done.',
    errors: [{ field: cutText(parsed.member, 100), message: 'must be given once' }],
  });
}

/** Lets the client finish sending, within bounds, so that it gets to read its answer. */
function discardRest(request: Request): void {
  let byteCount = 0;
  request.on('data', (chunk: Buffer) => {
    byteCount += chunk.length;
    if (byteCount > MAX_DISCARDED_BYTES) request.socket.destroy();
  });
}

function tooLarge(limitBytes: number): Problem {
  return new Problem('body-too-large', {
    errors: [{ field: 'body', message: `must have at most ${limitBytes} bytes` }],
  });
}

/** The answer's `Accept` header says what would be supported (RFC 9110, 15.5.16). */
function unsupportedType(message: string): Problem {
  return new Problem('unsupported-media-type', {
    errors: [{ field: 'Content-Type', message }],
    headers: { Accept: 'application/json' },
  });
}

function malformed(message: string): Problem {
  return new Problem('malformed-request', {
    detail: `The body ${message}. Nothing was done.`,
    errors: [{ field: 'body', message }],
  });
}
