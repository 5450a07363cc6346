import { fetchDirectly } from '../../http/fetch-directly.ts';
import { MOST_BYTES } from './file-rates.ts';
import { parseEcbRates } from './parse-ecb-rates.ts';
import { parseRates } from './parse-rates.ts';
import { type GivenRates, type RateProvider, RateSourceError } from './rate-provider.ts';

export const ECB_URL = 'https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml';

export interface HttpRatesOptions {
  /** A user and password in it are sent as a header. `{base}` stands for the base currency. */
  readonly url: string;
  readonly base: string;
  readonly authorization?: string | undefined;
}

/** Rates as JSON from an address. */
export function createHttpRates({ url, base, authorization }: HttpRatesOptions): RateProvider {
  const address = url.replaceAll(/\{base\}|%7Bbase%7D/gi, base);
  return httpProvider('http', { address, authorization, accept: 'application/json' }, (text) =>
    parseRates(text, { wantedBase: base, now: new Date() }),
  );
}

/**
 * The daily file of the European Central Bank, for demonstrations: the bank publishes its rates for information and discourages their use for
 * transactions.
 */
export function createEcbRates({ url = ECB_URL }: { readonly url?: string | undefined }): RateProvider {
  return httpProvider('ecb', { address: url, accept: 'application/xml, text/xml' }, (text) =>
    parseEcbRates(text, { now: new Date() }),
  );
}

function httpProvider(
  source: 'http' | 'ecb',
  request: { readonly address: string; readonly authorization?: string | undefined; readonly accept: string },
  parse: (text: string) => GivenRates | string,
): RateProvider {
  const { url, authorization } = withoutCredentials(request.address);
  const headers = {
    accept: request.accept,
    'accept-encoding': 'identity',
    ...((request.authorization ?? authorization)
      ? { authorization: request.authorization ?? authorization }
      : {}),
  } as Record<string, string>;

  /** Leaves out the error of the client library, which may contain the address. */
  const lost = (error: unknown, signal: AbortSignal) => {
    if (error instanceof RateSourceError) return error;
    const code = (error as { cause?: { code?: unknown } } | undefined)?.cause?.code;
    const what = signal.aborted
      ? 'no complete answer in time'
      : `no answer (${code ?? 'the connection failed'})`;
    return new RateSourceError(source, what, { mayPass: !signal.aborted });
  };

  async function readText(signal: AbortSignal): Promise<string> {
    // A redirect would send the header to somebody else.
    const response = await fetchDirectly(url, { headers, redirect: 'manual', signal });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new RateSourceError(source, `the answer was ${response.status}`, {
        mayPass: response.status >= 500 || response.status === 429,
      });
    }
    const chunks: Uint8Array[] = [];
    let byteCount = 0;
    for await (const chunk of response.body ?? []) {
      byteCount += chunk.byteLength;
      if (byteCount > MOST_BYTES)
        throw new RateSourceError(source, `the answer has more than ${MOST_BYTES} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  return {
    source,
    async read(signal) {
      const text = await readText(signal).catch((error: unknown) => {
        throw lost(error, signal);
      });
      const given = parse(text);
      if (typeof given === 'string') throw new RateSourceError(source, `the answer cannot be used: ${given}`);
      return given;
    },
  };
}

/** `fetch` refuses an address with a password, and quotes it in the error. */
function withoutCredentials(address: string): { readonly url: string; readonly authorization?: string } {
  const url = new URL(address);
  const { username, password } = url;
  if (username === '' && password === '') return { url: url.href };
  url.username = '';
  url.password = '';
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { url: url.href, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
