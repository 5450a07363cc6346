/**
 * Chooses the gateway of a payment that is being accepted; null: the one without a name, which PAYMENT_GATEWAY_URL describes. Asked once: the
 * answer is recorded with the payment and stays, so that sends, inquiries, refunds and redrives all find whoever was asked first.
 */
export type GatewayFor = (payment: { readonly currency: string }) => string | null;
