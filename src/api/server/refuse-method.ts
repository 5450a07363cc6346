import type { RequestHandler } from 'express';
import { renderAllow } from '../../http/allowed-methods.ts';
import { Problem } from '../problems/problem.ts';

/** Answers a method that a path does not have with those that it has. */
export function refuseMethod(methods: readonly string[]): RequestHandler {
  const headers = { Allow: renderAllow(methods) };
  return (request) => {
    throw new Problem('method-not-allowed', { detail: `${request.method} is not allowed here.`, headers });
  };
}
