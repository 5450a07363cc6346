import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { createFrontendReader, type StatementMark } from './frontend-messages.ts';

/** How long the server may take to answer a statement whose client was cut off. */
const SERVER_ANSWER_MS = 3000;

export interface CuttingProxy {
  readonly port: number;
  /** The next statements of this kind reach the server, and their answers reach nobody. */
  cutAfter(mark: StatementMark, count: number): void;
  /** Cuts every connection that is open at this moment; gives how many there were. */
  cutAll(): number;
  /** Cuts nothing from now on. */
  beCalm(): void;
  stop(): Promise<void>;
}

/** Stands between one process and Postgres, and can take away answers that the process waits for. */
export async function startCuttingProxy({
  targetPort,
  onCut,
}: {
  /** Asked for each connection: a server may be replaced by another. */
  readonly targetPort: () => number;
  /** Hears of every answer that was taken away. */
  readonly onCut: (mark: StatementMark) => void;
}): Promise<CuttingProxy> {
  const clients = new Set<Socket>();
  const servers = new Set<Socket>();
  const toCut: Record<StatementMark, number> = { commit: 0, claim: 0 };

  function takeCut(marks: readonly StatementMark[]): StatementMark | undefined {
    const mark = marks.find((candidate) => toCut[candidate] > 0);
    if (mark) toCut[mark] -= 1;
    return mark;
  }

  function connect(client: Socket): void {
    const server = createConnection({ host: '127.0.0.1', port: targetPort(), noDelay: true });
    const reader = createFrontendReader();
    clients.add(client);
    servers.add(server);
    client.on('data', (piece) => {
      const mark = takeCut(reader.read(piece));
      if (mark) {
        clients.delete(client);
        cut(client, server);
        onCut(mark);
      }
      server.write(piece);
    });
    server.on('data', (piece) => {
      if (!client.destroyed) client.write(piece);
    });
    client.on('error', () => {});
    server.on('error', () => {});
    client.on('close', () => {
      clients.delete(client);
      // What is not connected yet would be waited for, with nothing to say to it.
      if (server.connecting) server.destroy();
      else server.end();
    });
    server.on('close', () => {
      servers.delete(server);
      client.destroy();
    });
  }

  const listener = createServer({ noDelay: true }, connect);
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', resolve);
  });

  return {
    port: (listener.address() as AddressInfo).port,
    cutAfter(mark, count) {
      toCut[mark] = count;
    },
    cutAll() {
      const open = [...clients];
      for (const client of open) client.resetAndDestroy();
      return open.length;
    },
    beCalm() {
      toCut.commit = 0;
      toCut.claim = 0;
    },
    async stop() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      for (const socket of [...clients, ...servers]) socket.destroy();
      await closed;
    },
  };
}

/** The client is gone at once; the server gets what was sent, and time to carry it out. */
function cut(client: Socket, server: Socket): void {
  client.removeAllListeners('close');
  client.resetAndDestroy();
  const timer = setTimeout(() => server.destroy(), SERVER_ANSWER_MS);
  server.once('data', () => server.end());
  server.once('close', () => clearTimeout(timer));
}
