const JSON_TYPE = 'application/json';
const PROBLEM_TYPE = 'application/problem+json';

/** Between commas, and between semicolons; what stands in quotes is not looked at, closed or not. */
const ENTRIES = /(?:[^,"]|"(?:\\.|[^"\\])*"?)+/g;
const PARTS = /(?:[^;"]|"(?:\\.|[^"\\])*"?)+/g;
/** Some old Java clients write `*` for any media type. */
const RANGE = /^(?:\*|[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+)$/;
/** Whatever is 0, with more decimals than it may have, too. */
const ZERO = /^(?:0+(?:\.0*)?|\.0+)$/;

/** Whether a media range was given a weight above 0, by the range in lower case. */
type Ranges = ReadonlyMap<string, boolean>;

/**
 * Whether a client takes JSON, by its header `Accept` (RFC 9110, 12.5.1): the range that says most of JSON decides, and a weight of 0
 * excludes. Parameters of a range are passed over, since JSON has none, and what cannot be read counts as if it were not there: a slip in a
 * header is no reason to refuse a payment. Who asks for problem documents only is taken to know them from our answers, and to take
 * JSON.
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
    // Of a range that is given twice, with different parameters perhaps, the one that admits more counts.
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
