import type { Part, PartContext, PartResult } from './part.ts';

/** What the parts of a run found, each under its name. */
export interface PartsReport {
  readonly parts: Readonly<Record<string, PartResult>>;
  /** Why a part has no figures. */
  readonly failures: Readonly<Record<string, string>>;
}

export interface RunPartsOptions {
  readonly parts: readonly { readonly name: string; readonly run: Part }[];
  readonly context: PartContext;
  /** Takes away what a part left behind that did not come to its end: processes, databases. */
  readonly tidyAfterFailure: () => Promise<void>;
  /** A person has ended the run: what fails now fails for that reason. */
  readonly isStopping: () => boolean;
}

/**
 * Runs the parts one after the other. One that meets a broken connection, a process that ends, or a count or a ledger that does not
 * add up has no figures and is reported as failed; those after it are measured all the same.
 * @throws what a part threw while the run was being stopped, and whatever the tidying throws.
 */
export async function runParts({
  parts,
  context,
  tidyAfterFailure,
  isStopping,
}: RunPartsOptions): Promise<PartsReport> {
  const found: Record<string, PartResult> = {};
  const failures: Record<string, string> = {};
  for (const { name, run } of parts) {
    const startedAt = performance.now();
    const took = () => `${Math.round((performance.now() - startedAt) / 1000)} s`;
    try {
      found[name] = await run(context);
      context.say(`${name}: took ${took()}`);
    } catch (error) {
      if (isStopping()) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      failures[name] = reason;
      context.say(`${name}: FAILED after ${took()}: ${reason}`);
      await tidyAfterFailure();
    }
  }
  return { parts: found, failures };
}
