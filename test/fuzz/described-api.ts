// biome-ignore lint/suspicious/noExplicitAny: a document of many shapes
export type Node = any;

/** One operation as /openapi.json describes it. */
export interface DescribedOperation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
    readonly schema: Node;
  }[];
  readonly bodySchema: Node | undefined;
}

/** Reads the description that the API serves of itself, so that an endpoint that is added is covered by itself. */
export function readDescription(document: Node): DescribedOperation[] {
  const definitions = document.components?.schemas ?? {};
  return Object.entries<Node>(document.paths).flatMap(([path, item]) =>
    Object.entries<Node>(item).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      parameters: operation.parameters ?? [],
      bodySchema: inline(operation.requestBody?.content?.['application/json']?.schema, definitions),
    })),
  );
}

/** The schema with what it refers to in its place. */
function inline(schema: Node, definitions: Node): Node {
  if (Array.isArray(schema)) return schema.map((item) => inline(item, definitions));
  if (typeof schema !== 'object' || schema === null) return schema;
  if (typeof schema.$ref === 'string') return inline(definitions[schema.$ref.split('/').at(-1)], definitions);
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, inline(value, definitions)]));
}
