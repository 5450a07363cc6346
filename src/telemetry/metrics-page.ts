import type { Registry } from './metrics.ts';

export interface MetricsPage {
  readonly mediaType: string;
  /** Requests at the same time, or within the page's maximum age, get the same text. */
  read(): Promise<string>;
}

/** The metrics page, rendered at most once per `maxAgeMs` however often it is requested, because rendering blocks the event loop. */
export function createMetricsPage(
  registry: Pick<Registry, 'metrics' | 'contentType'>,
  { maxAgeMs, now = () => performance.now() }: { readonly maxAgeMs: number; readonly now?: () => number },
): MetricsPage {
  let latest: { readonly text: Promise<string>; madeAtMs: number } | undefined;

  return {
    mediaType: registry.contentType,
    async read() {
      if (latest && now() - latest.madeAtMs < maxAgeMs) return await latest.text;
      // While one is being rendered, nobody renders another.
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
