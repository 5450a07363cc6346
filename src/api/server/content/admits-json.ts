const JSON_TYPE = 'application/json';
const PROBLEM_TYPE = 'application/problem+json';

/** Split at commas and at semicolons, but not inside quotes, whether closed or not. */
const ENTRIES = /(?:[^,"]|"(?:\\.|[^"\\])*"?)+/g;
const PARTS = /(?:[^;"]|"(?:\\.|[^"\\])*"?)+/g;
/** Some old Java clients write `*` for any media type. */
const RANGE = /^(?:\*|[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+)$/;
/** Any spelling of 0, even with more decimals than the RFC allows. */
const ZERO = /^(?:0+(?:\.0*)?|\.0+)$/;

/** Whether each media range, in lower case, has a weight above 0. */
type Ranges = ReadonlyMap<string, boolean>;

/**
 * Whether a client accepts JSON, by its `Accept` header (RFC 9110, 12.5.1): the most specific range that covers JSON decides, and a weight
 * of 0 excludes. Parameters of a range are ignored, since JSON has none, and so is whatever cannot be parsed: a slip in a header is no
 * reason to refuse a payment. A client that accepts only problem documents knows them from our answers, so it is assumed to accept JSON
 * too.
 */
export function admitsJson(accept: string | undefined): boolean {
  const ranges = readRanges(accept ?? '');
  if (ranges.size === 0) return true;
  const aboutJson = [JSON_TYPE, 'application/*', '*/*'].map((range) => ranges.get(range));
  const decisive = aboutJson.find((isAdmitted) => isAdmitted !== undefined);
  return decisive ?? ranges.get(PROBLEM_TYPE) ?? false;
}

function readRanges(accept: string): Ranges {
  const ranges = new Map<string, boolean>();
  for (const [entry] of accept.matchAll(ENTRIES)) {
    const [first = '', ...parameters] = entry.match(PARTS) ?? [];
    const range = first.trim().toLowerCase();
    if (!RANGE.test(range)) continue;
    const name = range === '*' ? '*/*' : range;
    // If a range is given twice, perhaps with different parameters, the more permissive one counts.
    ranges.set(name, ranges.get(name) === true || !isExcluded(parameters));
  }
  return ranges;
}

/** Whether the first parameter that is a weight is 0. */
function isExcluded(parameters: readonly string[]): boolean {
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=', 2).map((text) => text.trim());
    if (name.toLowerCase() === 'q') return ZERO.test(value.replaceAll('"', ''));
  }
  return false;
}
