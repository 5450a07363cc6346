export const API_NAMES = ['api-1', 'api-2'] as const;
export const WORKER_NAMES = ['worker-1', 'worker-2', 'worker-3'] as const;

export type ApiName = (typeof API_NAMES)[number];
/** A process under test. The gateway is not one: the processes are tested against it. */
export type MemberName = ApiName | (typeof WORKER_NAMES)[number];

export const MEMBER_NAMES: readonly MemberName[] = [...API_NAMES, ...WORKER_NAMES];
