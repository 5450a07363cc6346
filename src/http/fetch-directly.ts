import { Agent, fetch, type RequestInit, type Response } from 'undici';

const agent = new Agent();

/**
 * Sends a request to one of our own processes. With NODE_USE_ENV_PROXY=1, Node's fetch would go through HTTP_PROXY, even to 127.0.0.1
 * unless NO_PROXY names it, and a proxy cannot reach what runs on this machine.
 * @throws any error of fetch.
 */
export function fetchDirectly(url: string, init: Omit<RequestInit, 'dispatcher'> = {}): Promise<Response> {
  return fetch(url, { ...init, dispatcher: agent });
}
