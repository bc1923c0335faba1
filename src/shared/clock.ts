/** Time comes in as an argument. In production it stands still during CPU work and moves with I/O. */
export interface Clock {
  now(): Date;
}

/** Ids and other randomness come in as arguments as well. */
export interface Random {
  uuid(): string;
  bytes(length: number): Uint8Array;
}
