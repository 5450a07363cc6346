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

/** One request, and what its client saw. */
export interface Answer {
  readonly intent: Intent;
  readonly api: string;
  readonly sentAt: Date;
  /** When it was answered, or the client stopped waiting. */
  readonly answeredAt: Date;
  /** null if no answer came, or only part of one. */
  readonly status: number | null;
  readonly body: string;
  readonly isReplay: boolean;
  /** The code of a problem; without an answer, what happened instead. */
  readonly code: string | null;
}

/**
 * What a client wants of wallets, holds, transfers and conversions, or an operator of fees and the states of wallets; sent once or many times,
 * always with the same key.
 */
export interface CommandIntent {
  readonly kind:
    | 'wallet'
    | 'hold'
    | 'capture'
    | 'release'
    | 'transfer'
    | 'quote'
    | 'convert'
    | 'freeze'
    | 'unfreeze'
    | 'fee'
    | 'end_fee';
  /** Whose money it is about; null if it is about everybody's. */
  readonly userId: bigint | null;
  readonly key: string | null;
  readonly path: string;
  readonly body: Readonly<Record<string, string | number | boolean>>;
}

export interface CommandAnswer extends Omit<Answer, 'intent'> {
  readonly intent: CommandIntent;
}

/** Everything that clients sent and received. In the end the database must agree with it. */
export function createClientJournal() {
  const answers: Answer[] = [];
  const commandAnswers: CommandAnswer[] = [];
  const openingMinor = new Map<bigint, bigint>();
  return {
    record: (answer: Answer) => void answers.push(answer),
    recordCommand: (answer: CommandAnswer) => void commandAnswers.push(answer),
    recordUser: (userId: bigint, balanceMinor: bigint) => void openingMinor.set(userId, balanceMinor),
    answers: (): readonly Answer[] => answers,
    commandAnswers: (): readonly CommandAnswer[] => commandAnswers,
    openingMinor: (): ReadonlyMap<bigint, bigint> => openingMinor,
  };
}

export type ClientJournal = ReturnType<typeof createClientJournal>;
