import {
  isOfWallet,
  type ModelLetter,
  type ModelPayment,
  type ModelState,
  type ModelWallet,
  type Task,
  type WalletName,
  walletKey,
} from './state.ts';

export type PayMode = 'succeed' | 'refuse' | 'not_executed' | 'execute_and_hide' | 'hide_without_executing';
export type AskMode = 'tell' | 'hide';

export const MAX_ATTEMPTS = 3;
export const MAX_RESCUES = 2;
const NOT_FOUND_NEEDED = 2;

/** 2.5 %, half a minor unit goes up. */
export function feeOf(amount: bigint): bigint {
  return (amount * 25n + 500n) / 1000n;
}

/** What a payment that is not a deposit takes from its wallet. */
export function costOf({ type, amount, fee }: Pick<ModelPayment, 'type' | 'amount' | 'fee'>): bigint {
  return type === 'refund' ? amount - fee : amount + fee;
}

/** Payments, from what accepts one to the gateway's last word about it. */
export function createPaymentsOracle(state: ModelState) {
  const { wallets, payments, letters, keys, book, sends } = state;
  const open = (payment: ModelPayment) => !['success', 'failed'].includes(payment.status);

  /** What was given back of a deposit, or may have been. */
  function givenBack(depositId: number) {
    const refunds = [...payments.values()].filter(
      ({ refundOf, status }) => refundOf === depositId && status !== 'failed',
    );
    return {
      amount: refunds.reduce((sum, { amount }) => sum + amount, 0n),
      fee: refunds.reduce((sum, { fee }) => sum + fee, 0n),
    };
  }

  function letterOf(payment: ModelPayment): ModelLetter | undefined {
    return letters.find(({ paymentId, action }) => paymentId === payment.id && action === null);
  }

  function succeed(payment: ModelPayment): void {
    payment.status = 'success';
    payment.task = null;
    const wallet = wallets.get(walletKey(payment)) as ModelWallet;
    wallet.posted += payment.type === 'deposit' ? payment.amount - payment.fee : -costOf(payment);
  }

  function end(payment: ModelPayment, reason: ModelLetter['reason']): void {
    payment.status = reason === 'outcome_unknown' || reason === 'poison' ? 'unknown' : 'failed';
    payment.task = null;
    payment.inquiryNotFound = 0;
    letters.push({ paymentId: payment.id, reason, action: null });
  }

  /** What the gateway does with a call: a reference is executed or refused once, whatever is answered. */
  function call(payment: ModelPayment, mode: PayMode): void {
    if (book.get(payment.reference)) return;
    if (mode === 'succeed' || mode === 'execute_and_hide') book.set(payment.reference, 'executed');
    if (mode === 'refuse') book.set(payment.reference, 'refused');
  }

  function noteSend({ reference }: ModelPayment, { isOpen }: { readonly isOpen: boolean }): void {
    const { sent, open } = sends.get(reference) ?? { sent: 0, open: 0 };
    sends.set(reference, { sent: sent + 1, open: open + (isOpen ? 1 : 0) });
  }

  /** What a call is answered: the truth, or nothing of use. */
  function answerOf(
    payment: ModelPayment,
    mode: PayMode,
  ): 'succeeded' | 'refused' | 'not_executed' | 'unknown' {
    if (mode === 'execute_and_hide' || mode === 'hide_without_executing') return 'unknown';
    if (mode === 'not_executed') return 'not_executed';
    return book.get(payment.reference) === 'executed' ? 'succeeded' : 'refused';
  }

  /** How an attempt ends the payment; undefined when there will be another. */
  function fateOf(
    payment: ModelPayment,
    task: Task,
    { pay, ask }: { readonly pay: PayMode; readonly ask: AskMode },
  ): 'success' | ModelLetter['reason'] | undefined {
    const isLast = task.attempts >= MAX_ATTEMPTS;
    if (task.mayHaveExecuted) {
      if (ask === 'hide') {
        noteSend(payment, { isOpen: true });
        return isLast ? 'outcome_unknown' : undefined;
      }
      if (book.get(payment.reference) === 'executed') return 'success';
      if (book.get(payment.reference) === 'refused') return 'refused';
      task.notFound += 1;
    }
    call(payment, pay);
    const answer = answerOf(payment, pay);
    noteSend(payment, { isOpen: answer === 'unknown' });
    if (answer === 'succeeded') return 'success';
    if (answer === 'unknown') Object.assign(task, { mayHaveExecuted: true, notFound: 0 });
    else if (task.notFound >= NOT_FOUND_NEEDED) Object.assign(task, { mayHaveExecuted: false, notFound: 0 });
    if (answer === 'refused' && !task.mayHaveExecuted) return 'refused';
    if (!isLast) return undefined;
    return task.mayHaveExecuted ? 'outcome_unknown' : 'attempts_exhausted';
  }

  return {
    ofUser: (userId: number) => [...payments.values()].filter((payment) => payment.userId === userId),
    heldByPayments: (name: WalletName) =>
      [...payments.values()]
        .filter((payment) => isOfWallet(name)(payment) && payment.type !== 'deposit' && open(payment))
        .reduce((sum, payment) => sum + costOf(payment), 0n),
    leftOf: (deposit: ModelPayment) => deposit.amount - givenBack(deposit.id).amount,
    /** What goes back of a deposit's fee with so much of it: the share of all that was given back then, less what was before. */
    feeBack(deposit: ModelPayment, amount: bigint): bigint {
      const given = givenBack(deposit.id);
      const share = (deposit.fee * (given.amount + amount)) / deposit.amount - given.fee;
      const most = [amount, deposit.fee - given.fee, share].reduce((a, b) => (a < b ? a : b));
      return most < 0n ? 0n : most;
    },
    feeLeftOf: (deposit: ModelPayment) => deposit.fee - givenBack(deposit.id).fee,
    incoming: (name: WalletName) =>
      [...payments.values()]
        .filter((payment) => isOfWallet(name)(payment) && payment.type === 'deposit' && open(payment))
        .reduce((sum, { amount, fee }) => sum + amount - fee, 0n),

    /** Payments that a worker could take now. */
    ready: () => [...payments.values()].filter((payment) => payment.task !== null),

    addPayment(
      facts: Pick<ModelPayment, 'id' | 'userId' | 'currency' | 'type' | 'amount'> & {
        readonly redriveOf?: number;
        readonly reference?: number;
        readonly refundOf?: number | null;
        readonly fee?: bigint;
      },
      { isTaken, asksFirst = false }: { readonly isTaken: boolean; readonly asksFirst?: boolean },
    ): void {
      payments.set(facts.id, {
        redriveOf: null,
        refundOf: null,
        reference: facts.id,
        fee: feeOf(facts.amount),
        ...facts,
        status: isTaken ? 'processing' : 'failed',
        wasTaken: isTaken,
        attempts: 0,
        task: isTaken ? { attempts: 0, rescues: 0, mayHaveExecuted: asksFirst, notFound: 0 } : null,
        inquiryNotFound: 0,
      });
    },

    /** One attempt, from the claim to the settlement. */
    attempt(payment: ModelPayment, modes: { readonly pay: PayMode; readonly ask: AskMode }): void {
      const task = payment.task as Task;
      payment.attempts += 1;
      task.attempts += 1;
      const fate = fateOf(payment, task, modes);
      if (fate === 'success') succeed(payment);
      else if (fate) end(payment, fate);
    },

    /** A worker takes it, perhaps sends it, and is never heard of again; then the lease runs out. */
    loseWorker(payment: ModelPayment, { sent }: { readonly sent: PayMode | null }): void {
      const task = payment.task as Task;
      // It asks before it sends, like any other.
      const wouldSend = !task.mayHaveExecuted || book.get(payment.reference) === undefined;
      if (sent && wouldSend) call(payment, sent);
      noteSend(payment, { isOpen: true });
      if (task.rescues >= MAX_RESCUES) end(payment, 'poison');
      else payment.task = { ...task, rescues: task.rescues + 1, mayHaveExecuted: true, notFound: 0 };
    },

    /** The gateway is asked about a payment whose outcome is unknown. */
    inquire(payment: ModelPayment, ask: AskMode): void {
      if (ask === 'hide') return;
      const letter = letterOf(payment) as ModelLetter;
      const truth = book.get(payment.reference);
      if (truth === 'executed') {
        succeed(payment);
        letter.action = 'resolved';
        return;
      }
      if (truth === undefined) payment.inquiryNotFound += 1;
      if (truth === undefined && payment.inquiryNotFound < NOT_FOUND_NEEDED) return;
      payment.status = 'failed';
      letter.reason = truth === 'refused' ? 'refused' : 'attempts_exhausted';
    },

    /**
     * The payment that a redrive makes from one that failed. It keeps the reference, unless the gateway refused the old one or
     * never heard of it, and asks first where a call may have been carried out.
     */
    redrive(payment: ModelPayment, id: number): void {
      const { userId, currency, type, amount, fee, reference, refundOf } = payment;
      const letter = letters.findLast(({ paymentId }) => paymentId === payment.id);
      const { sent, open } = sends.get(reference) ?? { sent: 0, open: 0 };
      const keepsReference = letter?.reason !== 'refused' && sent > 0;
      this.addPayment(
        {
          ...{ id, userId, currency, type, amount, fee },
          refundOf,
          redriveOf: payment.id,
          ...(keepsReference ? { reference } : {}),
        },
        { isTaken: true, asksFirst: keepsReference && open > 0 },
      );
    },

    requeue(payment: ModelPayment): void {
      payment.status = 'processing';
      payment.task = { attempts: 0, rescues: 0, mayHaveExecuted: true, notFound: 0 };
    },

    expireKeys(): void {
      for (const key of keys.values()) key.isExpired = true;
    },
  };
}
