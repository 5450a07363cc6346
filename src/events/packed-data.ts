import { EVENT_TYPES, type EventData, type EventType } from './event-types.ts';

/** The members of each type's data, in their order. New ones are added at the end. */
const MEMBERS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(EVENT_TYPES).map(([type, { data }]) => [type, Object.keys(data.shape)]),
);

/**
 * The data of an event as it is kept: the values alone, in the order of the members of its type, as a JSON array. The names are the same for
 * every event of a type, and would be more than half of what is written with every payment (docs/decisions/112).
 */
export function packData<Type extends EventType>(type: Type, data: EventData<Type>): string {
  const values: unknown[] = [];
  for (const name of MEMBERS.get(type) as readonly string[]) values.push(data[name as keyof typeof data]);
  return JSON.stringify(values);
}

/**
 * The data as readers get it. The same text each time, because a type keeps its members and their order: an event that was written before its
 * type got another member does not have that member.
 */
export function unpackData(type: string, packed: string): string {
  const values: unknown = JSON.parse(packed);
  const names = MEMBERS.get(type);
  // Written by a later version of this program, which knows more types.
  if (!names || !Array.isArray(values)) return packed;
  return JSON.stringify(
    Object.fromEntries(values.slice(0, names.length).map((value, index) => [names[index], value])),
  );
}
