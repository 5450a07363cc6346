import { connect, createServer, type Server, type Socket } from 'node:net';
import { findFreePort } from './free-port.ts';

/** What becomes of what a client sent. */
export type Verdict =
  /** It goes on to the database. */
  | 'pass'
  /** The connection ends, and the database never sees it. */
  | 'cut'
  /** It goes on to the database, and the connection ends when the database answers: the answer is lost. */
  | 'cut-after-answer'
  /** The client's side ends, the database never sees it, and its side stays open, as behind a dead router. */
  | 'vanish'
  /** Nothing moves on this connection any more, either way, and neither side is told: no end, no reset. */
  | 'fall-silent'
  /** The same from here on: the database still gets this, and its answer is the first thing that is lost. */
  | 'fall-silent-after';

/** A way to the database that a test can cut, now or at the moment it waits for. */
export async function createDatabaseProxy(databaseUrl: string) {
  let target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let decide: (sent: Buffer) => Verdict = () => 'pass';
  let server: Server;
  // The same one after a cut, which nothing else may have taken in between.
  const port = await findFreePort();

  function connectClient(client: Socket): void {
    const upstream = connect(Number(target.port), target.hostname);
    let isLastAnswer = false;
    let hasVanished = false;
    let isSilent = false;
    const end = () => {
      client.destroy();
      if (!hasVanished && !isSilent) upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on('data', (sent) => {
      if (isSilent) return;
      const verdict = decide(sent);
      isSilent = verdict === 'fall-silent' || verdict === 'fall-silent-after';
      if (verdict === 'fall-silent') return;
      isLastAnswer ||= verdict === 'cut-after-answer';
      hasVanished ||= verdict === 'vanish';
      if (verdict === 'pass' || verdict === 'cut-after-answer' || verdict === 'fall-silent-after')
        upstream.write(sent);
      else end();
    });
    upstream.on('data', (answer) => {
      if (isSilent) return;
      if (isLastAnswer) end();
      else client.write(answer);
    });
  }

  function listen(): Promise<void> {
    return new Promise((resolve) => {
      server = createServer(connectClient);
      server.listen(port, '127.0.0.1', resolve);
    });
  }

  await listen();
  return {
    url: Object.assign(new URL(databaseUrl), { port: String(port) }).toString(),
    /** Decides about everything that is sent from now on. */
    decide(next: typeof decide): void {
      decide = next;
    },
    /** Lets everything pass but the first thing that fits. */
    once(fits: (sent: Buffer) => boolean, verdict: Verdict): void {
      let isDone = false;
      decide = (sent) => {
        if (isDone || !fits(sent)) return 'pass';
        isDone = true;
        return verdict;
      };
    },
    reset(): void {
      decide = () => 'pass';
    },
    /** Ends every connection and refuses new ones. */
    async cut(): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    /** Takes connections again. */
    listen,
    /** Ends every connection; new ones are taken at once. */
    endSessions(): void {
      for (const socket of sockets) socket.destroy();
    },
    /** Leads new connections to another server, as the address of a cluster does after a switchover. */
    leadTo(otherUrl: string): void {
      target = new URL(otherUrl);
    },
  };
}

export type DatabaseProxy = Awaited<ReturnType<typeof createDatabaseProxy>>;

/** Whether a client sent COMMIT, as a plain statement. */
export function isCommit(sent: Buffer): boolean {
  return sent.includes('commit\0');
}
