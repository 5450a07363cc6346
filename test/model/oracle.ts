/**
 * What the service promises, kept in memory in the plainest way there is. It knows nothing of tables, batches, leases or
 * transactions; where the service and it differ, one of the two is wrong.
 */
export interface ModelUser {
  readonly id: number;
  /** Cents that are settled. */
  posted: bigint;
}

interface Task {
  attempts: number;
  rescues: number;
  /** Some call may have been executed without our knowing. */
  mayHaveExecuted: boolean;
  notFound: number;
}

export interface ModelPayment {
  readonly id: number;
  readonly userId: number;
  readonly type: 'deposit' | 'withdraw' | 'refund';
  readonly amount: bigint;
  /** Of a refund: what goes back of the deposit's fee. */
  readonly fee: bigint;
  readonly refundOf: number | null;
  readonly redriveOf: number | null;
  /** The first payment of those that the gateway knows by one reference. */
  readonly reference: number;
  status: 'processing' | 'success' | 'failed' | 'unknown';
  /** Whether it ever held funds; a withdrawal that was refused for want of them did not. */
  readonly wasTaken: boolean;
  /** Attempts that ended, in all. */
  attempts: number;
  /** Where its task stands; null when it has none. */
  task: Task | null;
  /** Questions that were answered "not found" since it became unknown. */
  inquiryNotFound: number;
}

export interface ModelLetter {
  readonly paymentId: number;
  reason: 'refused' | 'attempts_exhausted' | 'outcome_unknown' | 'poison';
  action: 'redriven' | 'discarded' | 'resolved' | null;
}

/** What is known of the calls under one reference. */
interface Sends {
  sent: number;
  /** Of those, the ones that may have been carried out. */
  open: number;
}

interface UsedKey {
  readonly request: string;
  readonly status: number;
  readonly body: string;
  isExpired: boolean;
}

/** What the gateway did with a payment, which its book shows. */
export type BookState = 'executed' | 'refused' | undefined;
export type PayMode = 'succeed' | 'refuse' | 'not_executed' | 'execute_and_hide' | 'hide_without_executing';
export type AskMode = 'tell' | 'hide';

export const MAX_ATTEMPTS = 3;
export const MAX_RESCUES = 2;
const NOT_FOUND_NEEDED = 2;

/** 2.5 %, half a cent goes up. */
export function feeOf(amount: bigint): bigint {
  return (amount * 25n + 500n) / 1000n;
}

/** What a payment that is not a deposit takes from its wallet. */
export function costOf({ type, amount, fee }: Pick<ModelPayment, 'type' | 'amount' | 'fee'>): bigint {
  return type === 'refund' ? amount - fee : amount + fee;
}

export function createOracle() {
  const users = new Map<number, ModelUser>();
  const payments = new Map<number, ModelPayment>();
  const letters: ModelLetter[] = [];
  const keys = new Map<string, UsedKey>();
  /** By reference, like the sends. */
  const book = new Map<number, BookState>();
  const sends = new Map<number, Sends>();

  const open = (payment: ModelPayment) => !['success', 'failed'].includes(payment.status);
  const ofUser = (userId: number) => [...payments.values()].filter((payment) => payment.userId === userId);

  function held(userId: number): bigint {
    return ofUser(userId)
      .filter((payment) => payment.type !== 'deposit' && open(payment))
      .reduce((sum, payment) => sum + costOf(payment), 0n);
  }

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
    const user = users.get(payment.userId) as ModelUser;
    user.posted += payment.type === 'deposit' ? payment.amount - payment.fee : -costOf(payment);
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
    users,
    payments,
    letters,
    keys,
    book,
    ofUser,
    available: (userId: number) => (users.get(userId) as ModelUser).posted - held(userId),
    held,
    leftOf: (deposit: ModelPayment) => deposit.amount - givenBack(deposit.id).amount,
    /** What goes back of a deposit's fee with so much of it: the share of all that was given back then, less what was before. */
    feeBack(deposit: ModelPayment, amount: bigint): bigint {
      const given = givenBack(deposit.id);
      const share = (deposit.fee * (given.amount + amount)) / deposit.amount - given.fee;
      const most = [amount, deposit.fee - given.fee, share].reduce((a, b) => (a < b ? a : b));
      return most < 0n ? 0n : most;
    },
    feeLeftOf: (deposit: ModelPayment) => deposit.fee - givenBack(deposit.id).fee,
    incoming: (userId: number) =>
      ofUser(userId)
        .filter((payment) => payment.type === 'deposit' && open(payment))
        .reduce((sum, { amount, fee }) => sum + amount - fee, 0n),

    /** Payments that a worker could take now. */
    ready: () => [...payments.values()].filter((payment) => payment.task !== null),

    addPayment(
      facts: Pick<ModelPayment, 'id' | 'userId' | 'type' | 'amount'> & {
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
      const { userId, type, amount, fee, reference, refundOf } = payment;
      const letter = letters.findLast(({ paymentId }) => paymentId === payment.id);
      const { sent, open } = sends.get(reference) ?? { sent: 0, open: 0 };
      const keepsReference = letter?.reason !== 'refused' && sent > 0;
      this.addPayment(
        {
          id,
          userId,
          type,
          amount,
          fee,
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

export type Oracle = ReturnType<typeof createOracle>;
