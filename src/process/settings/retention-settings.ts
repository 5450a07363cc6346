import { setting } from './setting.ts';
import { zeroOrDays } from './setting-kinds.ts';

/** 0 means forever. */
const keptDays = (fallbackDays: number) => zeroOrDays(0.000_1, 36_500).default(fallbackDays * 86_400_000);

/** How long rows are kept. */
export const retentionSettings = {
  attemptsMs: setting('RETENTION_ATTEMPTS_DAYS', keptDays(400)),
  inquiryAnswersMs: setting('RETENTION_INQUIRY_ANSWERS_DAYS', keptDays(400)),
  callbacksMs: setting('RETENTION_CALLBACKS_DAYS', keptDays(400)),
  reportsMs: setting('RETENTION_REPORTS_DAYS', keptDays(400)),
  differencesMs: setting('RETENTION_DIFFERENCES_DAYS', keptDays(2557)),
  bulkRedrivesMs: setting('RETENTION_BULK_REDRIVES_DAYS', keptDays(400)),
  claimPausesMs: setting('RETENTION_CLAIM_PAUSES_DAYS', keptDays(400)),
  eventsMs: setting('RETENTION_EVENTS_DAYS', keptDays(30)),
  violationsMs: setting('RETENTION_VIOLATIONS_DAYS', keptDays(2557)),
};
