import { Agent, fetch, type RequestInit, type Response } from 'undici';

const agent = new Agent();

/**
 * Asks a process of ours over HTTP. With NODE_USE_ENV_PROXY=1 Node's own fetch goes through HTTP_PROXY, to 127.0.0.1 too
 * unless NO_PROXY names it, and a proxy knows nothing of what runs on this machine.
 * @throws what fetch throws.
 */
export function fetchDirectly(url: string, init: Omit<RequestInit, 'dispatcher'> = {}): Promise<Response> {
  return fetch(url, { ...init, dispatcher: agent });
}
