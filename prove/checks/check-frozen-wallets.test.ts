import type { CommandAnswer } from '../load/client-journal.ts';
import type { World } from '../world/world.ts';
import { checkInvariants } from './check-invariants.ts';
import { answer, createHealthyCommands } from './healthy-commands.ts';
import { at } from './healthy-world.ts';
import { readFrozen } from './i3-frozen-wallets-give-nothing.ts';

const healthy = createHealthyCommands();
const WALLET = 1;

/** A freeze or an unfreeze of a wallet, by the seconds in which it was sent and answered. */
function asked(
  kind: 'freeze' | 'unfreeze',
  sentAt: number,
  answeredAt: number,
  { walletId = WALLET, status = 200 as number | null } = {},
): CommandAnswer {
  const told = answer(kind, null, 200, {});
  const intent = { ...told.intent, path: `/api/v1/wallets/${walletId}/${kind}` };
  return { ...told, intent, status, sentAt: at(sentAt), answeredAt: at(answeredAt) };
}

/** What is wrong in a world in which people have asked for this. */
function found(...answers: CommandAnswer[]): string[] {
  const world: World = { ...healthy, commandAnswers: [...healthy.commandAnswers, ...answers] };
  return checkInvariants(world).map(({ invariant, detail }) => `${invariant} ${detail.split(' was ')[0]}`);
}

describe('I3 of frozen wallets is violated when one gives', () => {
  // The payments began at second 1 and were accepted by 1.4; the transfers, the hold and the conversion began at 18 to 20, and were by 20.5.
  test('a withdrawal', () => {
    expect(found(asked('freeze', 0, 0.5), asked('unfreeze', 2, 3))).toEqual([
      'I3 payment 2',
      'I3 payment 3',
      'I3 payment 4',
    ]);
  });
  test('transfers, a hold and a conversion', () => {
    expect(found(asked('freeze', 16, 17), asked('unfreeze', 30, 31))).toEqual([
      'I3 transfer 1',
      'I3 transfer 2',
      'I3 hold 5',
      'I3 conversion 1',
    ]);
  });
  test('anything, and is never opened again', () => {
    expect(found(asked('freeze', 0, 0.5))).toContain('I3 transfer 1');
  });
});

test.each<[string, CommandAnswer[]]>([
  ['before it is frozen', [asked('freeze', 0.9, 1.1), asked('unfreeze', 2, 3)]],
  ['when the freeze was not answered', [asked('freeze', 0, 0.5, { status: null })]],
  ['when somebody may have opened it', [asked('freeze', 0, 0.5), asked('unfreeze', 1.2, 3)]],
  [
    'when somebody who had asked to open it before may have been heard later',
    [asked('unfreeze', -1, 0, { status: null }), asked('freeze', 0, 0.5), asked('unfreeze', 2, 3)],
  ],
  ['when another wallet is frozen', [asked('freeze', 0, 0.5, { walletId: 99 })]],
])('a wallet may give %s', (_when, answers) => {
  expect(found(...answers).filter((problem) => /payment/.test(problem))).toEqual([]);
});

test('an unfreeze that was answered before a freeze was asked for does not count against it', () => {
  const frozen = readFrozen([asked('unfreeze', -2, -1), asked('freeze', 0, 0.5), asked('unfreeze', 2, 3)]);
  expect(frozen).toEqual([{ walletId: 1n, from: at(0.5), to: at(2) }]);
});
