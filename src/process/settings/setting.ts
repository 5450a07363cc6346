import type { z } from 'zod';

/** A setting: its name in the environment, and what it takes and gives. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly schema: Schema;
}

export function setting<Schema extends z.ZodType>(name: string, schema: Schema): Setting<Schema> {
  return { name, schema };
}

/** Settings that one part of the product reads, by their names in code: with the unit last, in which the code has them. */
export type SettingGroup = Readonly<Record<string, Setting>>;
