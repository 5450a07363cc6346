/**
 * Settings for statements that must find their rows by an index, whatever the statistics say. The queue is empty one minute and holds a
 * hundred thousand tasks the next, and a planner that trusts the last ANALYZE would then read whole tables for each batch. A page of a list
 * is a few rows at one end of an index; a plan that reads and sorts everything is never much better. So plans never use sequential scans,
 * hashes or merges.
 */
export const INDEX_PLANS = {
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
  // With the default of 4, a claim that expects few ready tasks collects and sorts all of them, 50,000 for each batch.
  random_page_cost: '1.1',
};
