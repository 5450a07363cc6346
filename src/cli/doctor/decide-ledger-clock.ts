import type { ClockFacts } from '../../ledger/server/clock.sql.ts';
import { decideClock } from '../../ledger/server/decide-clock.ts';
import { type Check, judge } from './check.ts';

/** Whether the ledger runs on the server whose transaction ids it uses. Pure. */
export function decideLedgerClock(facts: ClockFacts): Check {
  const state = decideClock(facts);
  const isAway = state.kind === 'other_server' || state.kind === 'went_back';
  const detail = isAway
    ? 'the ledger uses the transaction ids of another server'
    : `transaction ids are ${facts.next - facts.markedBelow} beyond the recorded mark`;
  return judge('ledger clock', detail, [
    [isAway, 'fail', isAway ? state.sentence : ''],
    [
      facts.identifier === null,
      'warn',
      "This role cannot read the server's identifier, so a copy on another server may go unnoticed. Run: grant execute on function pg_control_system() to the role.",
    ],
  ]);
}
