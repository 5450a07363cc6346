import type { Violation, World } from '../world/world.ts';
import { checkEntriesSumToZero } from './i1-entries-sum-to-zero.ts';
import { checkBalancesEqualEntries } from './i2-balances-equal-entries.ts';
import { checkFloorsHold } from './i3-floors-hold.ts';
import { checkFrozenWalletsGiveNothing } from './i3-frozen-wallets-give-nothing.ts';
import { checkFeesWereInForce } from './i4-fees-were-in-force.ts';
import { checkSettledOnce } from './i4-settled-once.ts';
import { checkStaleRunsChangeNothing } from './i4-stale-runs-change-nothing.ts';
import { checkTransfersMoveOnce } from './i4-transfers-move-once.ts';
import { checkAnswersAreDurable } from './i5-answers-are-durable.ts';
import { checkCommandsAreDurable } from './i5-commands-are-durable.ts';
import { checkCallsAreAnnounced } from './i6-calls-are-announced.ts';
import { checkBooksAgree } from './i7-books-agree.ts';
import { checkSuccessesWereTold } from './i7-successes-were-told.ts';
import { checkEndingsStay } from './i8-endings-stay.ts';
import { checkCommandsExecuteOnce } from './i9-commands-execute-once.ts';
import { checkKeysExecuteOnce } from './i9-keys-execute-once.ts';
import { checkHoldsAreResolvedOnce } from './i10-holds-are-resolved-once.ts';
import { checkHoldsKeepTheirTime } from './i10-holds-keep-their-time.ts';
import { checkOrderHoldsAddUp } from './i10-order-holds-add-up.ts';
import { checkQuotesAreUsedOnce } from './i12-quotes-are-used-once.ts';
import { checkWhatHappenedWasTold } from './i13-what-happened-was-told.ts';
import { checkEvidenceStands } from './i15-evidence-stands.ts';
import { checkRefundsFitTheirDeposit } from './refunds-fit-their-deposit.ts';

/** Runs all checks, in the order of the invariants. None of them depends on another. */
export function checkInvariants(world: World): Violation[] {
  return [
    checkEntriesSumToZero,
    checkBalancesEqualEntries,
    checkFloorsHold,
    checkFrozenWalletsGiveNothing,
    checkHoldsAreResolvedOnce,
    checkOrderHoldsAddUp,
    checkHoldsKeepTheirTime,
    checkSettledOnce,
    checkTransfersMoveOnce,
    checkFeesWereInForce,
    checkQuotesAreUsedOnce,
    checkRefundsFitTheirDeposit,
    checkStaleRunsChangeNothing,
    checkAnswersAreDurable,
    checkCommandsAreDurable,
    checkCallsAreAnnounced,
    checkBooksAgree,
    checkSuccessesWereTold,
    checkEndingsStay,
    checkKeysExecuteOnce,
    checkCommandsExecuteOnce,
    checkWhatHappenedWasTold,
    checkEvidenceStands,
  ].flatMap((check) => check(world));
}
