import htm from 'htm';
import { type ComponentChildren, h, type VNode } from 'preact';

type Template = (strings: TemplateStringsArray, ...values: unknown[]) => VNode;
// The types of the package describe its CommonJS file.
const { bind } = htm as unknown as { bind(create: typeof h): Template };

/** What a component gives: elements written as a template, `html\`<p>${text}</p>\``. Text in it is escaped by Preact. */
export const html: Template = bind.call(htm, h);

export type Content = ComponentChildren;
