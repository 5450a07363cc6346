import type { z } from 'zod';

/** A setting: its name in the environment, and its schema. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly schema: Schema;
}

export function setting<Schema extends z.ZodType>(name: string, schema: Schema): Setting<Schema> {
  return { name, schema };
}

/** The settings of one part of the product, by their names in code, which end with the unit that code reads. */
export type SettingGroup = Readonly<Record<string, Setting>>;
