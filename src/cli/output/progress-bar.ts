export interface ProgressBar {
  update(done: number): void;
  end(): void;
}

const BAR_WIDTH = 30;
const REDRAW_MS = 100;
/** Where lines cannot be redrawn, such as in a log, a new one is written this often. */
const LINE_MS = 5000;

/** Shows the progress of long work: one line that is redrawn on a terminal, or a line now and then elsewhere. */
export function createProgressBar(
  stream: NodeJS.WriteStream,
  { label, total }: { readonly label: string; readonly total: number },
): ProgressBar {
  const startedAt = performance.now();
  let shownAt = Number.NEGATIVE_INFINITY;
  let done = 0;

  function show(): void {
    shownAt = performance.now();
    const line = renderProgress({ label, done, total, elapsedMs: shownAt - startedAt });
    stream.write(stream.isTTY ? `\r\x1b[2K${line}` : `${line}\n`);
  }

  return {
    update(now) {
      done = now;
      if (performance.now() - shownAt >= (stream.isTTY ? REDRAW_MS : LINE_MS)) show();
    },
    end() {
      show();
      if (stream.isTTY) stream.write('\n');
    },
  };
}

/** For example `redriving [#####-----] 50/100 50% about 3 s left`. */
export function renderProgress({
  label,
  done,
  total,
  elapsedMs,
}: {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  readonly elapsedMs: number;
}): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = '#'.repeat(filled) + '-'.repeat(BAR_WIDTH - filled);
  const leftSeconds = Math.ceil(((elapsedMs / Math.max(done, 1)) * (total - done)) / 1000);
  const left = done > 0 && done < total ? ` about ${leftSeconds} s left` : '';
  return `${label} [${bar}] ${done}/${total} ${Math.floor(share * 100)}%${left}`;
}
