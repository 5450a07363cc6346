import type { Oracle } from '../oracle.ts';
import { costOf } from '../payments-oracle.ts';
import { pick } from '../requests/model-request.ts';
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
      const { type, amount, refundOf } = payment;
      const deposit = refundOf === null ? undefined : (oracle.payments.get(refundOf) as ModelPayment);
      if (deposit && amount > oracle.leftOf(deposit)) {
        expect(answer).toMatchObject({ status: 422, json: { code: 'refund-exceeds-deposit' } });
        return;
      }
      const feeLeft = deposit ? oracle.feeLeftOf(deposit) : payment.fee;
      const fee = payment.fee < feeLeft ? payment.fee : feeLeft;
      if (type !== 'deposit' && costOf({ type, amount, fee }) > oracle.available(payment)) {
        expect(answer).toMatchObject({ status: 422, json: { code: 'redrive-not-funded' } });
        return;
      }
      expect(answer).toMatchObject({ status: 200, json: { action: 'redriven' } });
      letter.action = 'redriven';
      const id = answer.json.redriven_payment_id;
      oracle.redrive({ ...payment, fee }, id);
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

/** A payment that was put back in the queue may have several letters; people look at the last one. */
function latestLetter({ letters }: Oracle, number: number) {
  const { paymentId } = pick(letters, number);
  return letters.findLast((letter) => letter.paymentId === paymentId) as Oracle['letters'][number];
}
