import type { Evidence } from './answers.ts';
import { CallError } from './api.ts';
import { ask, type Question, WHO, WHY } from './ask.ts';
import { formatTime } from './format.ts';
import { html } from './html.ts';

/**
 * Asks a question whose answer may be refused because something recorded says that the money moved. Then it shows what that is,
 * and asks whether it is to be done all the same. Resolves to whether it was done.
 * @param onSubmit does it; `override` goes into the request when the person has decided so.
 */
export async function askAgainstEvidence({
  onSubmit,
  ...question
}: Omit<Question, 'onSubmit'> & {
  readonly onSubmit: (
    values: Readonly<Record<string, string>>,
    override: { readonly override_evidence?: true },
  ) => Promise<unknown>;
}): Promise<boolean> {
  let refused: { evidence: readonly Evidence[]; values: Readonly<Record<string, string>> } | undefined;
  const isAnswered = await ask({
    ...question,
    async onSubmit(values) {
      try {
        await onSubmit(values, {});
      } catch (failure) {
        if (!(failure instanceof CallError) || failure.code !== 'evidence-contradicts') throw failure;
        refused = { evidence: failure.evidence, values };
      }
    },
  });
  if (!isAnswered || !refused) return isAnswered;
  const { evidence, values: given } = refused;
  return await ask({
    title: 'Something on record says that the money moved',
    says: html`<ul>${evidence.map(({ what, when }) => html`<li>${formatTime(when)}: ${what}</li>`)}</ul>
      <p>Nothing was changed. Find out what is true before you go on: the money may move twice. What you override is recorded with your name.</p>`,
    fields: [WHO, { ...WHY, label: 'Why the record is wrong' }],
    action: `${question.action} anyway`,
    isDangerous: true,
    onSubmit: (values) => onSubmit({ ...given, ...values }, { override_evidence: true }),
  });
}
