import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

export interface HoldableLink {
  readonly port: number;
  /** Keeps back what the server sends from now on; nothing is lost unless the link is cut. */
  hold(): void;
  letGo(): void;
  /** Ends every connection; what was kept back reaches nobody. */
  cut(): void;
  stop(): Promise<void>;
}

/** A connection between two servers that can be made to carry nothing for a while, and then be lost with what it kept back. */
export async function startHoldableLink(targetPort: number): Promise<HoldableLink> {
  const clients = new Set<Socket>();
  const servers = new Set<Socket>();
  let isHeld = false;

  const listener = createServer({ noDelay: true }, (client) => {
    const server = createConnection({ host: '127.0.0.1', port: targetPort, noDelay: true });
    clients.add(client);
    servers.add(server);
    client.pipe(server);
    server.on('data', (piece) => client.write(piece));
    if (isHeld) server.pause();
    for (const [own, all, other] of [
      [client, clients, server],
      [server, servers, client],
    ] as const) {
      own.on('error', () => {});
      own.on('close', () => {
        all.delete(own);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', resolve);
  });
  const cut = () => {
    for (const socket of [...servers, ...clients]) socket.destroy();
  };

  return {
    port: (listener.address() as AddressInfo).port,
    hold() {
      isHeld = true;
      for (const server of servers) server.pause();
    },
    letGo() {
      isHeld = false;
      for (const server of servers) server.resume();
    },
    cut,
    async stop() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      cut();
      await closed;
    },
  };
}
