import type { Oracle } from '../oracle.ts';
import { isFeeOfWallet, sizeOfRefund } from '../refunds-oracle.ts';
import { expectProblem, expectRefused, pick } from '../requests/model-request.ts';
import type { ModelPayment } from '../state.ts';
import { type Command, command, type Model } from './command.ts';

/** Open or not; what was dealt with must be refused. */
const hasLetters = ({ oracle }: Model) => oracle.letters.length > 0;

export function redrive(letterNumber: number): Command {
  return command(
    'redrive',
    async ({ oracle }, real) => {
      const letter = latestLetter(oracle, letterNumber);
      const payment = oracle.payments.get(letter.paymentId) as ModelPayment;
      const path = `/api/v1/dlq/${await real.letterIdOf(payment.id)}/redrive`;
      const answer = await real.api.post(path, { by: 'model' });
      if (letter.action !== null) {
        expect(answer).toMatchObject({ status: 409, json: { code: 'dead-letter-handled' } });
        return;
      }
      if (payment.status === 'unknown') {
        expect(answer).toMatchObject({
          status: 200,
          json: { action: 'redriven', redriven_payment_id: payment.id },
        });
        oracle.requeue(payment);
        letter.action = 'redriven';
        return;
      }
      const again = sizeAgain(oracle, payment);
      if (!again) {
        expectProblem(answer, 422, 'refund-exceeds-deposit');
        return;
      }
      const needed = again.type === 'deposit' ? 0n : again.ofWallet;
      // Whether a frozen wallet takes money in is about what clients bring, and not about what an operator means.
      const refusal = needed === 0n ? oracle.refusesCredit(payment, 'accept') : oracle.refusesDebit(payment);
      if (refusal) {
        expectRefused(answer, refusal, 'id');
        return;
      }
      if (needed > oracle.available(payment)) {
        expectProblem(answer, 422, 'redrive-not-funded');
        return;
      }
      expect(answer).toMatchObject({ status: 200, json: { action: 'redriven' } });
      letter.action = 'redriven';
      oracle.redrive(again, answer.json.redriven_payment_id);
    },
    hasLetters,
  );
}

export function discard(letterNumber: number): Command {
  return command(
    'discard',
    async ({ oracle }, real) => {
      const letter = latestLetter(oracle, letterNumber);
      const payment = oracle.payments.get(letter.paymentId) as ModelPayment;
      const path = `/api/v1/dlq/${await real.letterIdOf(payment.id)}/discard`;
      const answer = await real.api.post(path, { by: 'model', reason: 'because' });
      if (letter.action !== null)
        expect(answer).toMatchObject({ status: 409, json: { code: 'dead-letter-handled' } });
      else if (payment.status === 'unknown')
        expect(answer).toMatchObject({ status: 409, json: { code: 'outcome-unknown' } });
      else {
        expect(answer).toMatchObject({ status: 200, json: { action: 'discarded' } });
        letter.action = 'discarded';
      }
    },
    hasLetters,
  );
}

/**
 * The payment as it is carried out again, on the terms on which it was accepted; undefined for a refund that other refunds have left too
 * little for. Where the wallet had paid the deposit's fee, less of it may go back than before; else the gateway would be asked for another amount.
 */
function sizeAgain(oracle: Oracle, payment: ModelPayment): ModelPayment | undefined {
  const { refundOf, amount, fee } = payment;
  const deposit = refundOf === null ? undefined : oracle.payments.get(refundOf);
  if (!deposit) return payment;
  const feeLeft = oracle.feeLeftOf(deposit);
  if (amount > oracle.leftOf(deposit) || (!isFeeOfWallet(deposit) && fee > feeLeft)) return undefined;
  return { ...payment, ...sizeOfRefund(deposit, amount, fee < feeLeft ? fee : feeLeft) };
}

/** A payment that was put back in the queue may have several letters; people look at the last one. */
function latestLetter({ letters }: Oracle, number: number) {
  const { paymentId } = pick(letters, number);
  return letters.findLast((letter) => letter.paymentId === paymentId) as Oracle['letters'][number];
}
