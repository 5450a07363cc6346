import { writeFileSync } from 'node:fs';
import { buildDashboards } from './build.ts';

for (const [file, content] of buildDashboards()) writeFileSync(file, content);
