import type { Registry } from './metrics.ts';

export interface MetricsPage {
  readonly mediaType: string;
  /** Whoever asks at the same time, or within the page's age, gets the same text. */
  read(): Promise<string>;
}

/** The page of metrics, made at most once in `maxAgeMs` however often it is asked for: making it holds the event loop. */
export function createMetricsPage(
  registry: Pick<Registry, 'metrics' | 'contentType'>,
  { maxAgeMs, now = () => performance.now() }: { readonly maxAgeMs: number; readonly now?: () => number },
): MetricsPage {
  let latest: { readonly text: Promise<string>; madeAtMs: number } | undefined;

  return {
    mediaType: registry.contentType,
    async read() {
      if (latest && now() - latest.madeAtMs < maxAgeMs) return await latest.text;
      // Until it is made nobody makes another one.
      const making = { text: registry.metrics(), madeAtMs: Number.POSITIVE_INFINITY };
      latest = making;
      try {
        const text = await making.text;
        making.madeAtMs = now();
        return text;
      } catch (error) {
        if (latest === making) latest = undefined;
        throw error;
      }
    },
  };
}
