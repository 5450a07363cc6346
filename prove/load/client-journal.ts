import type { PaymentType } from '../../src/payments/payment.ts';

/** What a client wants; sent once or many times, always with the same key. */
export interface Intent {
  readonly userId: bigint;
  readonly type: PaymentType;
  readonly amountMinor: bigint;
  readonly key: string | null;
  /** The deposit that a refund is of. */
  readonly refundOf?: bigint;
}

/** One request as its client saw it end. */
export interface Answer {
  readonly intent: Intent;
  readonly api: string;
  readonly sentAt: Date;
  /** null: no answer came, or not the whole of it. */
  readonly status: number | null;
  readonly body: string;
  readonly isReplay: boolean;
  /** The machine-readable code of a problem; for no answer, what happened instead. */
  readonly code: string | null;
}

/** Everything that clients asked for and heard, which is what the database is held to in the end. */
export function createClientJournal() {
  const answers: Answer[] = [];
  const openingMinor = new Map<bigint, bigint>();
  return {
    record: (answer: Answer) => void answers.push(answer),
    recordUser: (userId: bigint, balanceMinor: bigint) => void openingMinor.set(userId, balanceMinor),
    answers: (): readonly Answer[] => answers,
    openingMinor: (): ReadonlyMap<bigint, bigint> => openingMinor,
  };
}

export type ClientJournal = ReturnType<typeof createClientJournal>;
