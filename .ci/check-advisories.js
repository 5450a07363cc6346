import { readFileSync } from 'node:fs';

// Reads what `npm audit --json` printed. Fails on a known weakness of what is shipped that is high or critical; where the registry cannot
// be asked for advisories, says so and lets the run go on.
const text = readFileSync(0, 'utf8');
const report = parse(text);
const counts = report?.metadata?.vulnerabilities;
if (counts === undefined) {
  const reason = String(report?.message ?? (text.trim() || 'no answer'))
    .split('\n')[0]
    .slice(0, 200);
  process.stdout.write(
    `Skipped: advisories of what is shipped, because the registry gives none here (${reason}).\n`,
  );
} else {
  for (const [name, { severity, via }] of Object.entries(report.vulnerabilities ?? {})) {
    const titles = via.flatMap((cause) => (typeof cause === 'string' ? [] : [`${cause.title} ${cause.url}`]));
    process.stdout.write(`${severity}: ${name} ${titles.join('; ')}\n`);
  }
  const seriousCount = counts.high + counts.critical;
  process.stdout.write(
    `advisories: ${counts.total} in what is shipped, ${seriousCount} of them high or critical\n`,
  );
  if (seriousCount > 0) process.exitCode = 1;
}

function parse(json) {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
