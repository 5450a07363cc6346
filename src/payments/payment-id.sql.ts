/**
 * Draws the id of a new payment. It is drawn before the payment is written, because its reference and its answer name it; whoever makes
 * payments draws their ids with this and in no other way.
 */
export const NEW_PAYMENT_ID = "nextval('payments_id_seq')";
