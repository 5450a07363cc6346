import type { ZodOpenApiResponsesObject } from 'zod-openapi';
import { PROBLEM_MEDIA_TYPE, Problem, renderProblem } from '../problems/problem.ts';
import { type ProblemCode, problemKind } from '../problems/problem-catalogue.ts';
import { problemSchema } from '../problems/problem-schema.ts';
import { narrowingOf } from '../server/explain-failure.ts';
import { isForOperatorsAtTimes, isForOperatorsOnly } from '../server/guards/access.ts';
import type { Operation } from '../server/operation.ts';
import { describeHeaders } from './describe-headers.ts';
import { headersOfProblems } from './problem-headers.ts';

/** Problems that every operation can return. */
const COMMON_PROBLEMS: readonly ProblemCode[] = [
  'malformed-request',
  'method-not-allowed',
  'host-not-allowed',
  'expectation-failed',
  'headers-too-large',
  // A body that is announced and never arrives ends the request, even if no handler reads it.
  'request-timeout',
  'internal',
];
const LOAD_PROBLEMS: readonly ProblemCode[] = ['overloaded', 'database-unavailable'];
const MONEY_PROBLEMS: readonly ProblemCode[] = ['integrity-violated'];
const BODY_PROBLEMS: readonly ProblemCode[] = ['body-too-large', 'unsupported-media-type'];
const OPERATOR_PROBLEMS: readonly ProblemCode[] = [
  'operator-token-required',
  'operator-loopback-only',
  'operator-cross-site',
];

/** The problems that an operation can return. */
function problemsOf(operation: Operation): Set<ProblemCode> {
  return new Set([
    ...operation.problems,
    ...(operation.passesOverQuery ? [] : (['validation-failed'] as const)),
    ...(operation.access === 'anyone' ? [] : OPERATOR_PROBLEMS),
    ...(isForOperatorsAtTimes(operation) ? (['operator-port-only'] as const) : []),
    ...(operation.method !== 'get' && !isForOperatorsOnly(operation) ? (['cross-site'] as const) : []),
    ...(operation.ignoresAccept ? [] : (['not-acceptable'] as const)),
    ...(operation.movesMoney ? MONEY_PROBLEMS : []),
    ...(operation.method === 'get' ? [] : BODY_PROBLEMS),
    // A request that takes too long gets this problem.
    ...(operation.method === 'get' || operation.problems.includes('accept-outcome-unknown')
      ? []
      : (['write-outcome-unknown'] as const)),
    ...(operation.method === 'get' && narrowingOf(operation).length > 0 ? (['list-too-slow'] as const) : []),
    ...(operation.isAnsweredUnderAnyLoad ? [] : LOAD_PROBLEMS),
    ...COMMON_PROBLEMS,
  ]);
}

/** Describes the problems of an operation. Those with the same status share one response, with an example for each. */
export function describeProblems(operation: Operation): ZodOpenApiResponsesObject {
  const byStatus = Map.groupBy(problemsOf(operation), (code) => problemKind(code).status);
  return Object.fromEntries(
    [...byStatus].map(([status, codesOfStatus]) => [
      String(status),
      {
        description: codesOfStatus.map((code) => `**${code}**: ${problemKind(code).advice}`).join('\n\n'),
        headers: describeHeaders(headersOfProblems(codesOfStatus)),
        content: {
          [PROBLEM_MEDIA_TYPE]: {
            schema: problemSchema,
            examples: Object.fromEntries(
              codesOfStatus.map((code) => [
                code,
                { value: JSON.parse(renderProblem(new Problem(code), operation.path)) },
              ]),
            ),
          },
        },
      },
    ]),
  );
}
