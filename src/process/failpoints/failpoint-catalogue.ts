/**
 * Every place where a test or `npm run prove` can crash a process, with what such a crash leaves behind. There is one between any two steps
 * of a payment that commit separately or leave the process.
 */
export const FAILPOINTS = {
  'user.before_commit': 'no user; the client repeats the request with its key',
  'user.after_commit': 'a user whose client has no answer; repeating the key returns it',
  'wallet.before_commit': 'no wallet; the client asks again',
  'wallet.after_commit': 'a wallet whose client has no answer; asking again gives it',
  'hold.before_commit': 'nothing; Postgres rolls back',
  'hold.after_commit': 'a hold whose client has no answer; asking again gives it',
  'resolve_hold.after_read': 'nothing; Postgres rolls back',
  'resolve_hold.before_commit': 'nothing; Postgres rolls back',
  'resolve_hold.after_commit': 'a captured or released hold whose client has no answer; its key gives it',
  'expire_holds.before_commit': 'nothing; the next sweep lets them go',
  'expire_holds.after_commit': 'expired holds that no metric speaks of',
  'transfer.before_commit': 'nothing; the client asks again with its key',
  'transfer.after_commit': 'a transfer whose client has no answer; its key gives it',
  'accept.before_read': 'nothing',
  'accept.after_read': 'ids that were drawn but are never used',
  'accept.before_commit': 'nothing; Postgres rolls back',
  'accept.after_commit':
    'payments whose clients have no answer; repeating the key returns it, and workers carry the payments out',
  'quote.before_commit': 'nothing; the client asks for another quote',
  'quote.after_commit': 'a quote that nobody knows of; it expires',
  'convert.before_commit': 'nothing; Postgres rolls back, and the quote can be taken',
  'convert.after_commit': 'a conversion whose client has no answer; its key gives it',
  'claim.before_begin': 'nothing',
  'claim.after_commit': 'tasks leased to a dead worker, and open attempts without a call',
  'renew.after_commit': 'leases that outlive their worker',
  'call.before_inquiry': 'an open attempt without a call',
  'call.before_send': 'an open attempt without a call; the inquiry may have been sent',
  'call.after_answer': 'an outcome that only the gateway knows',
  'settle.before_begin': 'outcomes that only the gateway knows',
  'retry.before_commit': 'nothing; the lease expires and the next run asks the gateway',
  'settle.before_commit': 'nothing; the lease expires and the next run asks the gateway',
  'settle.after_commit': 'settled payments without a log line or metric',
  'rescue.before_commit': 'nothing; another sweep rescues them',
  'rescue.after_commit': 'rescued tasks without a wake-up; the poll finds them',
  'inquiry.after_claim': 'an inquiry that was not sent; it is due again after its lease',
  'inquiry.after_answer': 'an answer that was not written; the gateway is asked again',
  'inquiry.before_commit': 'nothing; the gateway is asked again',
  'inquiry.after_commit': 'a resolved payment without a log line',
  'callback.before_store': 'nothing; the gateway sends it again',
  'callback.after_store': 'a stored callback without an answer; a sweep processes it',
  'callback.before_commit': 'a stored callback; a sweep processes it',
  'callback.after_commit': 'a concluded payment without a log line',
  'late_result.before_write': 'an attempt that stays abandoned although it got an answer',
  'resolve.before_commit': 'an unknown payment; the operator tries again',
  'resolve.after_commit': 'a resolved payment whose operator has no answer; trying again says so',
  'fold.before_commit': 'nothing; the next fold starts from the same watermark',
  'fold.after_commit': 'folded balances',
  'redrive.before_commit': 'an open dead letter; the operator tries again',
  'redrive.after_commit':
    'a redriven payment whose operator has no answer; trying again says that the letter is closed',
  'discard.before_commit': 'an open dead letter; the operator tries again',
} as const;

export type FailpointName = keyof typeof FAILPOINTS;

export function isFailpointName(name: string): name is FailpointName {
  return Object.hasOwn(FAILPOINTS, name);
}
