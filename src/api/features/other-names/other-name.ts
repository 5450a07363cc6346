/** What another system calls one of our operations. */
export interface OtherName {
  readonly path: string;
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
}
