/**
 * The condition that a row is of one gateway, as the parameter `parameter`, and what its statement is called besides its name. The gateway
 * without a name and those with one have an index each, so each has a text of its own: a plan for both would match neither.
 */
export function ofGateway(
  gatewayName: string | null,
  parameter: string,
): { readonly condition: string; readonly suffix: string } {
  return gatewayName === null
    ? { condition: `gateway is null and ${parameter}::text is null`, suffix: '' }
    : { condition: `gateway = ${parameter}`, suffix: '-elsewhere' };
}
