import type { Config } from '../process/settings/config.ts';
import type { Retention } from './retained.ts';

export function retentionOf(config: Config): Retention {
  return {
    attempts: config.retention.attemptsMs,
    inquiryAnswers: config.retention.inquiryAnswersMs,
    callbacks: config.retention.callbacksMs,
    reports: config.retention.reportsMs,
    differences: config.retention.differencesMs,
    bulkRedrives: config.retention.bulkRedrivesMs,
    claimPauses: config.retention.claimPausesMs,
    events: config.retention.eventsMs,
    violations: config.retention.violationsMs,
  };
}
