/** The columns of an `OrderHold`, of a table or subquery that is called `hold`. */
export const ORDER_HOLD_COLUMNS = `
  hold.id as "holdId", hold.user_id as "userId", hold.order_id as "orderId", hold.wallet_id as "walletId",
  hold.amount_minor as "amountMinor", hold.captured_minor as "capturedMinor", hold.released_minor as "releasedMinor",
  hold.capture_count as "captureCount", hold.currency, hold.status, hold.created_at as "createdAt",
  hold.expires_at as "expiresAt", hold.resolved_at as "resolvedAt"`;
