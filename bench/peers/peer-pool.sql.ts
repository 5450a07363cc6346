import pg from 'pg';

/** A pool as a peer would use it. Ids stay text, which costs nothing. */
export function openPeerPool(databaseUrl: string, size: number): pg.Pool {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: size, application_name: 'bench-peer' });
  const fail = (error: Error) => {
    throw error;
  };
  pool.on('error', fail);
  return pool;
}
