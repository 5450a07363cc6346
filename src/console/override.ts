import type { Evidence } from './answers.ts';
import { CallError } from './api.ts';
import { ask, type Question, WHO, WHY } from './ask.ts';
import { formatTime } from './format.ts';
import { html } from './html.ts';
import { Words } from './parts.ts';

/**
 * Asks for an action that the API may refuse because there is evidence that the money moved. Then it shows the evidence and asks whether to
 * go on anyway. Resolves to whether anything was sent, as `ask` does.
 * @param onSubmit carries out the action; `override` goes into the request if the person decided to go on.
 */
export async function askAgainstEvidence({
  onSubmit,
  ...question
}: Omit<Question, 'onSubmit'> & {
  readonly onSubmit: (
    values: Readonly<Record<string, string>>,
    override: { readonly override_evidence?: true },
  ) => Promise<string | undefined>;
}): Promise<boolean> {
  let refused: { evidence: readonly Evidence[]; values: Readonly<Record<string, string>> } | undefined;
  const isSent = await ask({
    ...question,
    async onSubmit(values) {
      try {
        return await onSubmit(values, {});
      } catch (failure) {
        if (!(failure instanceof CallError) || failure.code !== 'evidence-contradicts') throw failure;
        refused = { evidence: failure.evidence, values };
        return undefined;
      }
    },
  });
  if (!refused) return isSent;
  const { evidence, values: given } = refused;
  await ask({
    title: 'There is evidence that the money moved',
    says: html`<ul>${evidence.map(({ what, when }) => html`<li>${formatTime(when)}: <${Words}>${what}</${Words}></li>`)}</ul>
      <p>Nothing was changed. Find out what really happened before you go on: the money may move twice. What you override is recorded with your name.</p>`,
    fields: [WHO, { ...WHY, label: 'Why the evidence is wrong' }],
    action: `${question.action} anyway`,
    isDangerous: true,
    onSubmit: (values) => onSubmit({ ...given, ...values }, { override_evidence: true }),
  });
  return isSent;
}
