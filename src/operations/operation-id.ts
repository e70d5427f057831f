import { randomBytes } from 'node:crypto';

/** Crockford's base 32: no letters that look like digits, and in the order of their values. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_DIGITS = 10;
const RANDOM_DIGITS = 16;

/**
 * Makes IDs that sort by creation: 48 bits of time and 80 random bits in 26 characters, as in ULID.
 * IDs of one maker always grow, also within a millisecond and when the clock steps back.
 */
export class OperationIds {
  #time = 0;
  #random: number[] = [];

  next(now: number): string {
    if (now > this.#time) {
      this.#time = now;
      this.#random = Array.from(randomBytes(RANDOM_DIGITS), (byte) => byte % DIGITS.length);
    } else {
      this.#increment();
    }
    return encodeTime(this.#time) + this.#random.map((digit) => DIGITS[digit]).join('');
  }

  #increment(): void {
    let at = RANDOM_DIGITS - 1;
    while (at >= 0 && this.#random[at] === DIGITS.length - 1) this.#random[at--] = 0;
    if (at < 0) this.#time++;
    else this.#random[at]!++;
  }
}

function encodeTime(time: number): string {
  let text = '';
  for (let rest = time; text.length < TIME_DIGITS; rest = Math.floor(rest / DIGITS.length)) {
    text = DIGITS[rest % DIGITS.length]! + text;
  }
  return text;
}

/** When the operation with that ID was made, in milliseconds since the epoch. */
export function operationTime(id: string): number {
  let time = 0;
  for (const digit of id.slice(0, TIME_DIGITS)) time = time * DIGITS.length + DIGITS.indexOf(digit);
  return time;
}
