import type { ClockFacts } from '../../ledger/clock.sql.ts';
import { decideClock } from '../../ledger/decide-clock.ts';
import { type Check, judge } from './check.ts';

/** Whether the ledger is on the server that it counts by. Pure. */
export function decideLedgerClock(facts: ClockFacts): Check {
  const state = decideClock(facts);
  const isAway = state.kind === 'other_server' || state.kind === 'went_back';
  const detail = isAway
    ? 'the ledger counts by another server'
    : `transaction ids are ${facts.next - facts.markedBelow} beyond what is counted`;
  return judge('ledger clock', detail, [
    [isAway, 'fail', isAway ? state.sentence : ''],
    [
      facts.identifier === null,
      'warn',
      'This role may not read which server it is on, so a copy on another one may go unnoticed: grant execute on function pg_control_system() to it.',
    ],
  ]);
}
