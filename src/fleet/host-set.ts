/**
 * A set of host indexes as bits. Unions of thousands of such sets, one for each image that holds a
 * layer, are what `layers(orderBy: HOST_COUNT)` needs, and words beat hash sets there by far.
 */
export class HostSet {
  #words: Uint32Array;

  constructor(words = new Uint32Array(1)) {
    this.#words = words;
  }

  add(index: number): void {
    const word = index >>> 5;
    if (word >= this.#words.length) this.#grow(word + 1);
    this.#words[word]! |= 1 << (index & 31);
  }

  delete(index: number): void {
    const word = index >>> 5;
    if (word < this.#words.length) this.#words[word]! &= ~(1 << (index & 31));
  }

  has(index: number): boolean {
    return ((this.#words[index >>> 5] ?? 0) & (1 << (index & 31))) !== 0;
  }

  /** Adds all of `other`. */
  addAll(other: HostSet): void {
    const words = other.#words;
    if (words.length > this.#words.length) this.#grow(words.length);
    for (let i = 0; i < words.length; i++) this.#words[i]! |= words[i]!;
  }

  intersects(other: HostSet): boolean {
    const length = Math.min(this.#words.length, other.#words.length);
    for (let i = 0; i < length; i++) if ((this.#words[i]! & other.#words[i]!) !== 0) return true;
    return false;
  }

  clear(): void {
    this.#words.fill(0);
  }

  get size(): number {
    let count = 0;
    for (const word of this.#words) count += popCount(word);
    return count;
  }

  *[Symbol.iterator](): Generator<number> {
    for (const [at, word] of this.#words.entries()) {
      for (let bits = word; bits !== 0; bits &= bits - 1) {
        yield at * 32 + (31 - Math.clz32(bits & -bits));
      }
    }
  }

  #grow(length: number): void {
    const words = new Uint32Array(length);
    words.set(this.#words);
    this.#words = words;
  }
}

function popCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
