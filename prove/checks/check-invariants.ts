import type { Violation, World } from '../world/world.ts';
import { checkEntriesSumToZero } from './i1-entries-sum-to-zero.ts';
import { checkBalancesEqualEntries } from './i2-balances-equal-entries.ts';
import { checkFloorsHold } from './i3-floors-hold.ts';
import { checkSettledOnce } from './i4-settled-once.ts';
import { checkStaleRunsChangeNothing } from './i4-stale-runs-change-nothing.ts';
import { checkAnswersAreDurable } from './i5-answers-are-durable.ts';
import { checkCallsAreAnnounced } from './i6-calls-are-announced.ts';
import { checkBooksAgree } from './i7-books-agree.ts';
import { checkSuccessesWereTold } from './i7-successes-were-told.ts';
import { checkEndingsStay } from './i8-endings-stay.ts';
import { checkKeysExecuteOnce } from './i9-keys-execute-once.ts';
import { checkHoldsAreResolvedOnce } from './i10-holds-are-resolved-once.ts';
import { checkOrderHoldsAddUp } from './i10-order-holds-add-up.ts';
import { checkEvidenceStands } from './i15-evidence-stands.ts';
import { checkRefundsFitTheirDeposit } from './refunds-fit-their-deposit.ts';

/** Checks all invariants, in their order; none of them knows of another. */
export function checkInvariants(world: World): Violation[] {
  return [
    checkEntriesSumToZero,
    checkBalancesEqualEntries,
    checkFloorsHold,
    checkHoldsAreResolvedOnce,
    checkOrderHoldsAddUp,
    checkSettledOnce,
    checkRefundsFitTheirDeposit,
    checkStaleRunsChangeNothing,
    checkAnswersAreDurable,
    checkCallsAreAnnounced,
    checkBooksAgree,
    checkSuccessesWereTold,
    checkEndingsStay,
    checkKeysExecuteOnce,
    checkEvidenceStands,
  ].flatMap((check) => check(world));
}
