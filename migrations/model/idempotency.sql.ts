/** Keys that clients sent, and what was answered. */
export const IDEMPOTENCY = `
-- scope is the user that a key belongs to; 0 for requests that belong to no user yet, below 0 for orders of operators.
-- resource_kind: what the key was used for, as an id alone does not say of which table.
-- The row outlives its response, so that a key which was used never executes a second time.
create table idempotency_keys (
  scope bigint not null,
  resource_id bigint not null,
  created_at timestamptz not null default now(),
  response_status integer not null,
  key text not null check (length(key) between 1 and 255),
  fingerprint bytea not null,
  resource_kind text not null check (
    resource_kind in ('payment', 'user', 'bulk_redrive', 'wallet', 'transfer', 'conversion', 'order_hold')
  ),
  response_body text,
  primary key (scope, key)
);
create index idempotency_keys_stored on idempotency_keys (created_at) where response_body is not null;
`;
