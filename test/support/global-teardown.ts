import { rmSync } from 'node:fs';

export default async function globalTeardown(): Promise<void> {
  const server = globalThis.tollgateTestServer;
  if (!server) return;
  await server.postgres.stop('immediate');
  rmSync(server.folder, { recursive: true, force: true });
}
