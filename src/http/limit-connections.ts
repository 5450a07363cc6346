import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import type { AddressList } from './address-list.ts';

export interface ConnectionLimits {
  /** The most connections that may be open at once. */
  readonly maxConnections: number;
  /** How many of them one address may have. */
  readonly maxPerAddress: number;
  /** Addresses of proxies, which forward requests of many clients: the per-address limit does not apply to them. */
  readonly isProxy: AddressList;
}

/** Places beyond a limit, so that a surplus connection can be answered, and health checks still get through. */
const RESERVE = 100;

const surplus = new WeakSet<Socket>();

/** One connection: its requests in progress, and the newest of them. */
interface Connection {
  readonly address: string;
  requestCount: number;
  newest: IncomingMessage | undefined;
}

/**
 * Limits the connections that are open at once, in total and for each address. When a limit is reached, the connection that has waited
 * longest without doing anything is closed: one between two requests, or one whose request has not fully arrived. Only if all are working
 * is a new connection marked as surplus, so that the app answers it with the reason. `RESERVE` surplus connections are let in; any beyond
 * are closed without an answer.
 */
export function limitConnections(
  server: Server,
  { maxConnections, maxPerAddress, isProxy }: ConnectionLimits,
) {
  const connections = new Map<Socket, Connection>();
  const all = createRoom();
  const byAddress = new Map<string, Room>();
  let evictedCount = 0;
  server.maxConnections = maxConnections + RESERVE;

  server.on('connection', (socket: Socket) => {
    const address = networkOf(socket.remoteAddress ?? '');
    const ofAddress = byAddress.get(address) ?? createRoom();
    byAddress.set(address, ofAddress);
    const limit = isProxy(socket.remoteAddress ?? '') ? Number.POSITIVE_INFINITY : maxPerAddress;
    const isFull =
      (ofAddress.openCount() >= limit && !evictFrom(ofAddress)) ||
      (connections.size >= maxConnections && !evictFrom(all));
    if (ofAddress.openCount() >= limit + RESERVE) {
      socket.destroy();
      server.emit('drop');
      return;
    }
    if (isFull) surplus.add(socket);
    connections.set(socket, { address, requestCount: 0, newest: undefined });
    for (const room of [all, ofAddress]) room.wait(socket);
    socket.once('close', () => forget(socket));
  });

  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const connection = connections.get(socket);
    if (!connection) return;
    connection.requestCount += 1;
    connection.newest = request;
    for (const room of roomsOf(connection)) room.work(socket);
    response.once('close', () => {
      connection.requestCount -= 1;
      if (connection.requestCount > 0 || !connections.has(socket)) return;
      connection.newest = undefined;
      for (const room of roomsOf(connection)) room.wait(socket);
    });
  });

  function evictFrom(room: Room): boolean {
    const socket = room.firstToGo((working) => {
      const { requestCount, newest } = connections.get(working) ?? { requestCount: 0, newest: undefined };
      return requestCount === 1 && newest?.complete === false;
    });
    if (!socket) return false;
    evictedCount += 1;
    // Free its place at once; the close event comes later.
    forget(socket);
    socket.destroy();
    return true;
  }

  function forget(socket: Socket): void {
    const connection = connections.get(socket);
    if (!connection) return;
    connections.delete(socket);
    for (const room of roomsOf(connection)) room.leave(socket);
    if (byAddress.get(connection.address)?.openCount() === 0) byAddress.delete(connection.address);
  }

  function roomsOf({ address }: Connection): Room[] {
    const ofAddress = byAddress.get(address);
    return ofAddress ? [all, ofAddress] : [all];
  }

  return { openCount: () => connections.size, evictedCount: () => evictedCount };
}

/** Connections that share a limit. Sets keep the order in which each began to wait or work. */
function createRoom() {
  const waiting = new Set<Socket>();
  const working = new Set<Socket>();
  return {
    openCount: () => waiting.size + working.size,
    wait(socket: Socket): void {
      working.delete(socket);
      waiting.add(socket);
    },
    work(socket: Socket): void {
      waiting.delete(socket);
      working.add(socket);
    },
    leave(socket: Socket): void {
      waiting.delete(socket);
      working.delete(socket);
    },
    /** The connection that has waited longest, or else the oldest working one that `mayGo`. */
    firstToGo(mayGo: (socket: Socket) => boolean): Socket | undefined {
      const [longest] = waiting;
      if (longest) return longest;
      for (const socket of working) if (mayGo(socket)) return socket;
      return undefined;
    },
  };
}

type Room = ReturnType<typeof createRoom>;

/** Somebody with one IPv6 address has the 2^64 addresses of its network, so those count as one. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const tailCount = tail === '' ? 0 : tail.split(':').length;
    groups.push(...Array.from({ length: 8 - groups.length - tailCount }, () => '0'), ...tail.split(':'));
  }
  return groups.slice(0, 4).join(':');
}

/** Whether this connection was one too many when it was opened. */
export function isSurplusConnection(socket: Socket): boolean {
  return surplus.has(socket);
}
