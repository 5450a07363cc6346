import type { DescribedEvent, JsonSchema } from '../../events/describe-events.ts';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; }
pre { overflow-x: auto; padding: 0.75rem; border: 1px solid #8886; border-radius: 4px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid #8884; }
h2 { margin-top: 2.5rem; overflow-wrap: anywhere; }
`;

/** The page about events: text and tables, built from the registry, without any script. */
export function renderEventsPage(
  events: readonly DescribedEvent[],
  { version }: { readonly version: string },
): string {
  const contents = events.map(
    ({ type, summary }) => `<li><a href="#${type}"><code>${type}</code></a> ${escapeHtml(summary)}</li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tollgate events</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Tollgate events</h1>
<p>Version ${escapeHtml(version)}. Each event is written in the transaction of what it speaks of, and told as a
<a href="https://cloudevents.io/">CloudEvent</a> by <a href="/docs/#/events/readEvents"><code>GET /api/v1/events</code></a>.
Every event of a subject comes after those before it, and none is left out. The same as an AsyncAPI document:
<a href="/asyncapi.json"><code>/asyncapi.json</code></a>.</p>
<p>A type keeps its meaning: what could break a reader becomes a new version beside the old one. New members may be added, so pass over
those that you do not know, and types that you do not know.</p>
<ul>
${contents.join('\n')}
</ul>
${events.map(renderEvent).join('\n')}
</body>
</html>
`;
}

function renderEvent({ type, subject, summary, description, schema, example }: DescribedEvent): string {
  const rows = Object.entries(schema.properties ?? {}).map(
    ([name, member]) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${escapeHtml(typeOf(member))}</td><td>${escapeHtml(member.description ?? '')}</td></tr>`,
  );
  return `<section>
<h2 id="${type}"><code>${type}</code></h2>
<p>${escapeHtml([`${summary}.`, description].filter(Boolean).join(' '))}</p>
<p>Its subject: <code>${subject}:&lt;id&gt;</code></p>
<table>
<thead><tr><th scope="col">member of <code>data</code></th><th scope="col">type</th><th scope="col">meaning</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
<pre tabindex="0">${escapeHtml(JSON.stringify(example, null, 2))}</pre>
</section>`;
}

/** The type of a member, for people: `string`, `integer or null`, `"success" or "failed"`. */
function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  const types = [schema.type ?? []].flat().join(' or ');
  return schema.format === undefined ? types : `${types}, ${schema.format}`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
