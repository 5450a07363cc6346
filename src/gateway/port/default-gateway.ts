/** What the gateway without a name, which PAYMENT_GATEWAY_URL describes, is called where people and metrics need a word for it. */
export const DEFAULT_GATEWAY = 'default';
