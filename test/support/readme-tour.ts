import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './monitoring-files.ts';

/** One command of the README's tour, and the answer that it promises. */
export interface TourStep {
  readonly command: string;
  readonly answer: Record<string, unknown>;
}

/** The commands of the README's tour with their answers, in order. */
export function readTour(): TourStep[] {
  const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
  const [, tour = ''] = /^## A tour of one minute\n(.*?)^## /ms.exec(readme) ?? [];
  const blocks = [...tour.matchAll(/^```\n(.*?)^```$/gms)].map(([, block]) => block as string);
  return blocks
    .flatMap((block) => block.split(/^(?=curl )/m))
    .filter((text) => text.startsWith('curl '))
    .map((text) => {
      const [, command = '', answer = ''] = /^(curl (?:[^\n]*\\\n)*[^\n]*)\n(.*)$/s.exec(text.trim()) ?? [];
      return { command, answer: JSON.parse(answer) };
    });
}
