import type { PaymentGateway } from '../../src/gateway/port/payment-gateway.ts';

const SUCCEEDED = { kind: 'succeeded', gatewayReference: 'bench', httpStatus: 200 } as const;

/** A gateway inside the process that carries out every payment at once. */
export const instantGateway: PaymentGateway = {
  pay: async () => SUCCEEDED,
  inquire: async () => SUCCEEDED,
  close() {},
};
