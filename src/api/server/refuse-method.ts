import type { RequestHandler } from 'express';
import { renderAllow } from '../../http/allowed-methods.ts';
import { Problem } from '../problems/problem.ts';

/** Answers a method that the path does not support, listing those that it does. */
export function refuseMethod(methods: readonly string[]): RequestHandler {
  const headers = { Allow: renderAllow(methods) };
  return (request) => {
    throw new Problem('method-not-allowed', {
      detail: `This path does not support ${request.method}.`,
      headers,
    });
  };
}
