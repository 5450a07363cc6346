/**
 * Every place where a test or `npm run prove` can make a process crash, with what such a crash leaves behind.
 * They stand between every two steps of a payment that commit, or leave the process, by themselves.
 */
export const FAILPOINTS = {
  'user.before_commit': 'no user; the client asks again with its key',
  'user.after_commit': 'a user whose client has no answer; its key gives it',
  'wallet.before_commit': 'no wallet; the client asks again',
  'wallet.after_commit': 'a wallet whose client has no answer; asking again gives it',
  'accept.before_read': 'nothing',
  'accept.after_read': 'ids that were drawn and are never used',
  'accept.before_commit': 'nothing; Postgres rolls back',
  'accept.after_commit':
    'payments whose clients have no answer; their keys give it, and workers carry them out',
  'claim.before_begin': 'nothing',
  'claim.after_commit': 'tasks that are leased to nobody, and open attempts without a call',
  'renew.after_commit': 'leases that are longer than their worker lives',
  'call.before_inquiry': 'an open attempt without a call',
  'call.before_send': 'an open attempt without a call, which may have asked',
  'call.after_answer': 'an outcome that only the gateway knows',
  'settle.before_begin': 'outcomes that only the gateway knows',
  'retry.before_commit': 'nothing; the lease expires and the next run asks',
  'settle.before_commit': 'nothing; the lease expires and the next run asks',
  'settle.after_commit': 'settled payments that no log line and no metric speaks of',
  'rescue.before_commit': 'nothing; another sweep takes them over',
  'rescue.after_commit': 'rescued tasks that nobody was woken for; the poll finds them',
  'inquiry.after_claim': 'a question that was not asked; it is due again after its lease',
  'inquiry.after_answer': 'an answer that was not written; the question is asked again',
  'inquiry.before_commit': 'nothing; the question is asked again',
  'inquiry.after_commit': 'a resolved payment that no log line speaks of',
  'callback.before_store': 'nothing; the gateway sends it again',
  'callback.after_store': 'a stored callback that was not answered; a sweep processes it',
  'callback.before_commit': 'a stored callback; a sweep processes it',
  'callback.after_commit': 'a concluded payment that no log line speaks of',
  'late_result.before_write': 'an attempt that stays abandoned, though it had an answer',
  'resolve.before_commit': 'an unknown payment; the operator asks again',
  'resolve.after_commit': 'a resolved payment whose operator has no answer; asking again says so',
  'fold.before_commit': 'nothing; the next fold starts from the same watermark',
  'fold.after_commit': 'folded balances',
  'redrive.before_commit': 'an open dead letter; the operator asks again',
  'redrive.after_commit':
    'a redriven payment whose operator has no answer; asking again says that it was handled',
  'discard.before_commit': 'an open dead letter; the operator asks again',
} as const;

export type FailpointName = keyof typeof FAILPOINTS;

export function isFailpointName(name: string): name is FailpointName {
  return Object.hasOwn(FAILPOINTS, name);
}
