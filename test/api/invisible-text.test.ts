import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let api: TestApi;
beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi(database.databaseUrl);
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

interface Described {
  readonly post?: {
    readonly requestBody?: {
      readonly content: {
        readonly 'application/json': {
          readonly schema: { readonly properties?: object };
          readonly example?: object;
        };
      };
    };
  };
}

/** Every operation that keeps who gave an order, with an example of its body. */
async function listOrders(): Promise<{ path: string; body: object }[]> {
  const { json } = await api.get('/openapi.json');
  return Object.entries(json.paths as Record<string, Described>).flatMap(([path, { post }]) => {
    const { schema, example = {} } = post?.requestBody?.content['application/json'] ?? { schema: {} };
    const body = { reason: 'x', ...example };
    return 'by' in (schema.properties ?? {}) ? [{ path: path.replaceAll(/\{\w+\}/g, '1'), body }] : [];
  });
}

test.each(['\u200b', ' \u3164 ', 'an\u200ba', '\u202eana', 'an\u00ada'])(
  'an order cannot be given in the name %j',
  async (by) => {
    const orders = await listOrders();
    expect(orders.length).toBeGreaterThan(5);
    for (const { path, body } of orders) {
      const answer = await api.post(path, { ...body, by });
      expect({ path, status: answer.status, errors: answer.json.errors }).toEqual({
        path,
        status: 422,
        errors: expect.arrayContaining([expect.objectContaining({ field: 'by' })]),
      });
    }
  },
);

test('a reason without visible characters is refused', async () => {
  const { status, json } = await api.post('/api/v1/payments/1/resolve', {
    outcome: 'executed',
    by: 'ana',
    reason: '\u200b\u2060',
    evidence: '\u3164',
  });
  expect(status).toBe(422);
  expect(json.errors.map(({ field }: { field: string }) => field)).toEqual(['reason', 'evidence']);
});
