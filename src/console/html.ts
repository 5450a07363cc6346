import htm from 'htm';
import { type ComponentChildren, h, type VNode } from 'preact';

type Template = (strings: TemplateStringsArray, ...values: unknown[]) => VNode;
// The package's types describe its CommonJS file.
const { bind } = htm as unknown as { bind(create: typeof h): Template };

/** What a component returns: elements written as a template, `html\`<p>${text}</p>\``. Preact escapes the text in it. */
export const html: Template = bind.call(htm, h);

export type Content = ComponentChildren;
