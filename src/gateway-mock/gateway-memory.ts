import { createBook } from './book.ts';
import { createCallJournal } from './call-journal.ts';
import { type GatewayRecord, gatewayRecordSchema, type NewRecord, readRequest } from './gateway-record.ts';
import type { PayRequest } from './pay-request.ts';
import type { RecordFile } from './record-file.ts';

/** What the gateway knows about one reference, besides its book. */
export interface KnownPayment {
  readonly request: PayRequest;
  callCount: number;
  isRefused: boolean;
}

/**
 * Everything that the gateway remembers, built from the records of what happened. With a file it is the same after a restart, however the
 * process ended: a record is written before any answer that depends on it.
 * @throws Error if the file contains something that is not a record.
 */
export function createGatewayMemory({
  file,
  maxPayments,
}: {
  readonly file: RecordFile | undefined;
  readonly maxPayments: number;
}) {
  const book = createBook();
  const journal = createCallJournal();
  const known = new Map<string, KnownPayment>();
  const inquiryCounts = new Map<string, number>();

  function apply(record: GatewayRecord): void {
    const { reference } = record;
    switch (record.kind) {
      case 'pay': {
        const payment = known.get(reference) ?? {
          request: readRequest(record),
          callCount: 0,
          isRefused: false,
        };
        payment.callCount += 1;
        if (known.has(reference) || known.size < maxPayments) known.set(reference, payment);
        journal.add({ kind: 'pay', reference, at: record.at, mode: record.mode });
        return;
      }
      case 'inquiry':
        if (inquiryCounts.has(reference) || inquiryCounts.size < maxPayments)
          inquiryCounts.set(reference, (inquiryCounts.get(reference) ?? 0) + 1);
        journal.add(record);
        return;
      case 'answer':
      case 'callback':
        journal.add(record);
        return;
      case 'executed': {
        const request = known.get(reference)?.request;
        if (!request) throw new Error(`${reference} was executed, but no call for it was recorded`);
        book.enter({
          reference,
          gatewayReference: record.gateway_reference,
          executedAt: new Date(record.at),
          ...request,
        });
        return;
      }
      case 'refused': {
        const payment = known.get(reference);
        if (payment) payment.isRefused = true;
      }
    }
  }

  file?.read((line) => apply(gatewayRecordSchema.parse(line)));

  return {
    book,
    journal,
    known: known as ReadonlyMap<string, Readonly<KnownPayment>>,
    inquiryCount: (reference: string) => inquiryCounts.get(reference) ?? 0,

    /** Records what happened just now. @throws if it cannot be written; then it has not happened. */
    record(happened: NewRecord): void {
      const record = { at: new Date().toISOString(), ...happened } as GatewayRecord;
      file?.append(record);
      apply(record);
    },

    clear(): void {
      file?.clear();
      book.clear();
      journal.clear();
      known.clear();
      inquiryCounts.clear();
    },
  };
}

export type GatewayMemory = ReturnType<typeof createGatewayMemory>;
