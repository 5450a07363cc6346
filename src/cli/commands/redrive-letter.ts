import { logRedriven } from '../../dead-letters/log-operator-actions.ts';
import { redriveDeadLetter } from '../../dead-letters/redrive-dead-letter.ts';
import { sendWakeUp } from '../../queue/notify-and-listen.sql.ts';
import { WAKE_UP_CHANNEL } from '../../queue/wake-up.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { OutputOptions } from '../options/operator-options.ts';
import { explainRefusal, HOW_TO_OVERRIDE } from '../output/explain-refusal.ts';
import { renderJson } from '../output/render-json.ts';
import type { Terminal } from '../output/terminal.ts';
import { refuseWhileViolated } from '../refuse-while-violated.ts';
import type { Session } from '../session.ts';

export interface OneRedrive extends OutputOptions {
  readonly by: string;
  readonly because?: string;
  readonly overrideEvidence?: true;
}

/** Redrives one letter at once, in this process. */
export async function redriveLetter(
  terminal: Terminal,
  session: Session,
  { id, by, because, overrideEvidence, json }: OneRedrive & { readonly id: bigint },
): Promise<ExitCode> {
  await refuseWhileViolated(session);
  const reason = because ?? null;
  const mayOverrideEvidence = overrideEvidence ?? false;
  const outcome = await redriveDeadLetter(session.pool, { id, by, reason, mayOverrideEvidence });
  if (outcome.kind !== 'redriven') {
    const why = explainRefusal(outcome);
    const withheldCount = outcome.kind === 'evidence' ? 1 : 0;
    if (json)
      terminal.print(renderJson({ done: 0, refused: [{ id, reason: why }], refusedCount: 1, withheldCount }));
    else
      terminal.print(
        `0 redriven. Dead letter ${id} was left unchanged: ${why}.${withheldCount > 0 ? `\n${HOW_TO_OVERRIDE}` : ''}`,
      );
    return EXIT.attention;
  }
  logRedriven(session.log, { ...outcome, id, by, reason });
  // If the wake-up is lost, the workers find the task at their next poll.
  await sendWakeUp(session.pool, WAKE_UP_CHANNEL).catch(() => {});
  if (json)
    terminal.print(
      renderJson({
        done: 1,
        redriven: [{ id, paymentId: outcome.paymentId }],
        refused: [],
        refusedCount: 0,
        withheldCount: 0,
      }),
    );
  else terminal.print(`1 redriven. Dead letter ${id} continues as payment ${outcome.paymentId}.`);
  return EXIT.done;
}
