import type { Config } from '../shared/config.ts';
import type { Retention } from './retained.ts';

export function retentionOf(config: Config): Retention {
  return {
    attempts: config.RETENTION_ATTEMPTS_DAYS,
    inquiryAnswers: config.RETENTION_INQUIRY_ANSWERS_DAYS,
    callbacks: config.RETENTION_CALLBACKS_DAYS,
    reports: config.RETENTION_REPORTS_DAYS,
    exceptions: config.RETENTION_EXCEPTIONS_DAYS,
    bulkRedrives: config.RETENTION_BULK_REDRIVES_DAYS,
    claimPauses: config.RETENTION_CLAIM_PAUSES_DAYS,
    violations: config.RETENTION_VIOLATIONS_DAYS,
  };
}
