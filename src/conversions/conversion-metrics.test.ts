import { createRegistry } from '../telemetry/metrics.ts';
import { createConversionMetrics } from './conversion-metrics.ts';

test('however many pairs are converted, there are a hundred series and one for the rest', async () => {
  const registry = createRegistry();
  const metrics = createConversionMetrics(registry);
  for (let from = 0; from < 30; from += 1)
    for (let to = 0; to < 30; to += 1) metrics.converted({ fromCurrency: `F${from}`, toCurrency: `T${to}` });
  metrics.converted({ fromCurrency: 'F0', toCurrency: 'T0' });
  const { values } = await registry.getSingleMetric('tollgate_conversions_total')!.get();
  expect(values).toHaveLength(101);
  const countOf = (pair: string) => values.find(({ labels }) => labels.pair === pair)?.value;
  expect(countOf('F0-T0')).toBe(2);
  expect(countOf('F29-T29')).toBeUndefined();
  expect(countOf('other')).toBe(800);
});
