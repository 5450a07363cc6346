/**
 * The currencies that do not have two decimals, as the server wrote them into the page. The browser's own data is no use here: it knows how
 * people write prices, not minor units, and would round an amount in HUF to whole forints.
 */
const DECIMALS: ReadonlyMap<string, number> = new Map(
  [
    ...(document.querySelector<HTMLMetaElement>('meta[name="currency-decimals"]')?.content ?? '').matchAll(
      /(\w+)=(\d)/g,
    ),
  ].map(([, currency = '', decimals]) => [currency, Number(decimals)]),
);

/**
 * An amount with its currency in the browser's locale, with all of its decimals and digits.
 * @param amountMinor in minor units, as a string: a number would lose the digits after the fifteenth.
 */
export function formatMoney(amountMinor: string, currency: string): string {
  const decimals = DECIMALS.get(currency) ?? 2;
  const amount = `${amountMinor}e-${decimals}` as Intl.StringNumericLiteral;
  return new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency,
    currencyDisplay: 'code',
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(amount);
}

export function formatTime(iso: string | null): string {
  if (iso === null) return 'never';
  return TIME_FORMAT.format(new Date(iso));
}

/** A time with its zone: the person on call may be in another zone than the writer of the log. */
const TIME_FORMAT = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});

/** A duration in its largest fitting unit: 80 ms, 2.4 s, 5 min, 3 h, 2 d. Null: it has not happened yet. */
export function formatDuration(seconds: number | null): string {
  if (seconds === null) return 'none yet';
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

export function formatAge(iso: string | null): string {
  if (iso === null) return 'never';
  return `${formatDuration(Math.max(0, (Date.now() - Date.parse(iso)) / 1000))} ago`;
}

/** A name from the API, for people: `attempts_exhausted` becomes "attempts exhausted". */
export function formatName(name: string): string {
  return name.replaceAll('_', ' ');
}
