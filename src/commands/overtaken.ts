/**
 * Another transaction has already written what a batch decided to write. A kind's `write` throws this: everything is rolled back and
 * decided again on the new state.
 */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}
