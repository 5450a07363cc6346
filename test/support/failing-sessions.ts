import pg from 'pg';

export type Session = pg.Client & { readonly wasEnded: Promise<unknown> };

/** Gives the error that a piece of work ends with, with sessions of its own; the first is given, more can be opened. */
export async function failWith(
  databaseUrl: string,
  work: (session: Session, another: () => Promise<Session>) => Promise<unknown>,
): Promise<unknown> {
  const sessions: Session[] = [];
  const open = async () => {
    const session = new pg.Client({ connectionString: databaseUrl });
    const wasEnded = new Promise((resolve) => session.on('error', resolve));
    await session.connect();
    sessions.push(Object.assign(session, { wasEnded }));
    return sessions.at(-1) as Session;
  };
  try {
    return await work(await open(), open).then(
      () => new Error('nothing failed'),
      (error: unknown) => error,
    );
  } finally {
    for (const session of sessions) endAbruptly(session);
  }
}

/** Also a client that the server has hung up on, which would wait for ever for a goodbye. */
export function endAbruptly(client: pg.Client): void {
  client.connection.stream.destroy();
}
