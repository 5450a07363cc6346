/**
 * Another transaction has written what a batch has decided to write. Thrown by the `write` of a kind: everything is rolled back and
 * decided anew, on what is there by then.
 */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}
