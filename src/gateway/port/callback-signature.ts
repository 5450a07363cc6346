import { createHmac, timingSafeEqual } from 'node:crypto';

/** The header of a callback: `t=<unix seconds>,v1=<hex>`, with one v1 for each secret that the sender signs with. */
export const SIGNATURE_HEADER = 'Tollgate-Signature';

/** How far the time in a signature may differ from our clock in either direction, in milliseconds. */
export const SIGNATURE_TOLERANCE_MS = 5 * 60 * 1000;

export type SignatureVerdict = 'valid' | 'missing' | 'malformed' | 'expired' | 'wrong';

const MAX_HEADER_LENGTH = 1024;

/**
 * Checks that the exact bytes of a callback were signed with one of our secrets, and recently. The time is signed too, so a recorded
 * callback cannot be replayed later; within the tolerance, its event id keeps it from counting twice. Signatures are compared in constant
 * time.
 */
export function checkCallbackSignature({
  header,
  rawBody,
  secrets,
  nowMs,
}: {
  readonly header: string | undefined;
  readonly rawBody: Buffer;
  readonly secrets: readonly string[];
  readonly nowMs: number;
}): SignatureVerdict {
  if (header === undefined || header === '') return 'missing';
  const signature = parseHeader(header);
  if (!signature) return 'malformed';
  const { timestamp, digests } = signature;
  let isSigned = false;
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(rawBody).digest();
    // Compare every pair, so that the time taken does not reveal which one matches.
    for (const digest of digests) isSigned = timingSafeEqual(expected, digest) || isSigned;
  }
  if (!isSigned) return 'wrong';
  return Math.abs(nowMs - Number(timestamp) * 1000) <= SIGNATURE_TOLERANCE_MS ? 'valid' : 'expired';
}

function parseHeader(header: string): { timestamp: string; digests: Buffer[] } | undefined {
  if (header.length > MAX_HEADER_LENGTH) return undefined;
  const timestamps: string[] = [];
  const digests: Buffer[] = [];
  for (const part of header.split(',')) {
    const [, name, value = ''] = /^\s*([\w-]+)=(.*?)\s*$/.exec(part) ?? [];
    if (name === 't' && /^\d{1,12}$/.test(value)) timestamps.push(value);
    else if (name === 'v1' && /^[0-9a-fA-F]{64}$/.test(value)) digests.push(Buffer.from(value, 'hex'));
    // Future versions may appear besides v1, in other notations.
    else if (name === undefined || name === 't' || name === 'v1') return undefined;
  }
  const [timestamp] = timestamps;
  if (timestamp === undefined || timestamps.length > 1 || digests.length === 0) return undefined;
  return { timestamp, digests };
}
