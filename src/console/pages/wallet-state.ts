import type { Wallet, WalletWithHistory } from '../answers.ts';
import { call } from '../api.ts';
import { ask, WHO, WHY } from '../ask.ts';
import { Badge } from '../badge.ts';
import { html } from '../html.ts';
import { Failure, Time, Words } from '../parts.ts';
import { type Column, Table } from '../table.ts';
import { useApi, useReloadWith } from '../use-api.ts';

type Action = 'freeze' | 'unfreeze' | 'close';

/** What each action is called, what it brings about, and from which states it can be chosen. */
const ACTIONS: Readonly<
  Record<
    Action,
    { readonly label: string; readonly says: string; readonly done: string; readonly from: string }
  >
> = {
  freeze: {
    label: 'Freeze',
    says: 'Nothing more is taken from it: withdrawals, refunds, transfers, conversions and holds are refused. What was accepted before goes on.',
    done: 'was frozen',
    from: 'open',
  },
  unfreeze: {
    label: 'Unfreeze',
    says: 'Money can be taken from it again.',
    done: 'is open again',
    from: 'frozen',
  },
  close: {
    label: 'Close',
    says: 'Nothing goes in or out any more. Only a wallet that is empty, with nothing under way, can be closed. This is final.',
    done: 'was closed',
    from: 'open frozen',
  },
};

/** The state of a wallet, who changed it and why, and what can be done about it. */
export function WalletState({
  wallet,
  reload,
}: {
  readonly wallet: Wallet;
  /** Reads the wallets again, after something was done. */
  readonly reload: () => Promise<void>;
}) {
  const { id, state } = wallet;
  const { data, error, ...history } = useApi<WalletWithHistory>(`/api/v1/wallets/${id}`);
  useReloadWith(state, history.reload);
  async function act(action: Action): Promise<void> {
    const { label, says, done } = ACTIONS[action];
    const isSent = await ask({
      title: `${label} wallet ${id}`,
      says: html`<p>${says}</p>`,
      fields: [WHO, WHY],
      action: label,
      isDangerous: action !== 'unfreeze',
      async onSubmit(values) {
        await call('POST', `/api/v1/wallets/${id}/${action}`, values);
        return `Wallet ${id} ${done}.`;
      },
    });
    if (isSent) await Promise.all([reload(), history.reload()]);
  }
  const possible = (Object.keys(ACTIONS) as Action[]).filter((action) =>
    ACTIONS[action].from.split(' ').includes(state),
  );
  return html`<div class="buttons toolbar">
      <span>State: <${Badge} of="wallet" state=${state} isSaid /></span>
      ${possible.map((action) => html`<button type="button" class="small secondary" onClick=${() => act(action)}>${ACTIONS[action].label} …</button>`)}
    </div>
    ${error && html`<${Failure} error=${error} retry=${history.reload} />`}
    ${
      data &&
      data.history.length > 0 &&
      html`<h3>Who changed its state</h3>
      <${Table} caption="Changes of the wallet's state, newest first" columns=${HISTORY} rows=${data.history} keyOf=${({ at }: Change) => at} empty="" />`
    }`;
}

type Change = WalletWithHistory['history'][number];

const HISTORY: readonly Column<Change>[] = [
  { label: 'When', cell: ({ at }) => html`<${Time} at=${at} />` },
  { label: 'From', cell: ({ before }) => before },
  { label: 'To', cell: ({ after }) => after },
  {
    label: 'Who and why',
    kind: 'text',
    cell: ({ by, reason }) => html`<small><${Words}>${by}</${Words}>: <${Words}>${reason}</${Words}></small>`,
  },
];
