import type { Charge } from './fees.ts';
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

export type NewPayment = Pick<
  ModelPayment,
  'id' | 'userId' | 'currency' | 'name' | 'type' | 'amount' | 'fee' | 'payer' | 'ofWallet' | 'ofGateway'
> & { readonly redriveOf?: number; readonly reference?: number; readonly refundOf?: number | null };

/** What a deposit or a withdrawal comes to: the gateway is at its other side. */
export function sizeOf(type: 'deposit' | 'withdraw', { fee, payer, gives, gets }: Charge) {
  const [ofWallet, ofGateway] = type === 'deposit' ? [gets, gives] : [gives, gets];
  return { fee, payer, ofWallet, ofGateway };
}

/** Payments, from what accepts one to the gateway's last word about it. */
export function createPaymentsOracle(state: ModelState) {
  const { wallets, payments, letters, keys, book, sends } = state;
  const open = (payment: ModelPayment) => !['success', 'failed'].includes(payment.status);

  function letterOf(payment: ModelPayment): ModelLetter | undefined {
    return letters.find(({ paymentId, action }) => paymentId === payment.id && action === null);
  }

  function succeed(payment: ModelPayment): void {
    payment.status = 'success';
    payment.task = null;
    const wallet = wallets.get(walletKey(payment)) as ModelWallet;
    wallet.posted += payment.type === 'deposit' ? payment.ofWallet : -payment.ofWallet;
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

  const openOf = (name: WalletName) => [...payments.values()].filter(isOfWallet(name)).filter(open);
  const sumOfWallet = (some: readonly ModelPayment[]) =>
    some.reduce((sum, { ofWallet }) => sum + ofWallet, 0n);

  return {
    ofUser: (userId: number) => [...payments.values()].filter((payment) => payment.userId === userId),
    heldByPayments: (name: WalletName) => sumOfWallet(openOf(name).filter(({ type }) => type !== 'deposit')),
    incoming: (name: WalletName) => sumOfWallet(openOf(name).filter(({ type }) => type === 'deposit')),
    isAnyOpen: (name: WalletName) => openOf(name).length > 0,

    /** Payments that a worker could take now. */
    ready: () => [...payments.values()].filter((payment) => payment.task !== null),

    addPayment(
      facts: NewPayment,
      { isTaken, asksFirst = false }: { readonly isTaken: boolean; readonly asksFirst?: boolean },
    ): void {
      payments.set(facts.id, {
        redriveOf: null,
        refundOf: null,
        reference: facts.id,
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
      const { reference, type, refundOf, userId, currency, name, amount, fee, payer, ofWallet, ofGateway } =
        payment;
      const letter = letters.findLast(({ paymentId }) => paymentId === payment.id);
      const { sent, open } = sends.get(reference) ?? { sent: 0, open: 0 };
      const keepsReference = letter?.reason !== 'refused' && sent > 0;
      this.addPayment(
        {
          ...{ id, userId, currency, name, type, amount, fee, payer, ofWallet, ofGateway },
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
