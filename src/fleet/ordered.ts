/** One way to order records: by a key, ties by an ID, so that every position is unique and stable. */
export interface Order<T> {
  keyOf: (record: T) => number | string;
  idOf: (record: T) => string;
  direction: 'ASC' | 'DESC';
}

/** A record's place in an order. It stays meaningful when the record itself has gone. */
export interface Position {
  key: number | string;
  id: string;
}

/** Which part of an ordered list is wanted. `limit` counts from the start, or from the end if `fromEnd`. */
export interface Window {
  after?: Position | undefined;
  before?: Position | undefined;
  limit: number;
  fromEnd: boolean;
}

/** A part of an ordered list. */
export interface Slice<T> {
  /** In order. */
  records: T[];
  hasPrevious: boolean;
  hasNext: boolean;
  /** Of the whole list. */
  totalCount: number;
}

/**
 * The wanted part of the records in order, in one pass that keeps only `limit` of them: a page of
 * 50 out of 100,000 sorts 50.
 */
export function orderedSlice<T>(records: Iterable<T>, order: Order<T>, window: Window): Slice<T> {
  const { after, before, limit, fromEnd } = window;
  const sign = order.direction === 'ASC' ? 1 : -1;
  const compare = (a: Position, b: Position): number => {
    if (a.key !== b.key) return a.key < b.key ? -sign : sign;
    return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
  };
  const best = new BoundedHeap<Entry<T>>(limit, fromEnd ? (a, b) => compare(b, a) : compare);
  let totalCount = 0;
  let inWindow = 0;
  let outsideBefore = false;
  let outsideAfter = false;
  for (const record of records) {
    totalCount++;
    const entry: Entry<T> = { key: order.keyOf(record), id: order.idOf(record), record };
    if (after && compare(entry, after) <= 0) {
      outsideBefore = true;
    } else if (before && compare(entry, before) >= 0) {
      outsideAfter = true;
    } else {
      inWindow++;
      best.offer(entry);
    }
  }
  const sorted = best.sorted();
  if (fromEnd) sorted.reverse();
  const isCut = inWindow > sorted.length;
  return {
    records: sorted.map(({ record }) => record),
    hasPrevious: outsideBefore || (fromEnd && isCut),
    hasNext: outsideAfter || (!fromEnd && isCut),
    totalCount,
  };
}

interface Entry<T> extends Position {
  record: T;
}

/** Keeps the `capacity` smallest of what it is offered: a heap with the largest of them on top. */
class BoundedHeap<E> {
  readonly #items: E[] = [];
  readonly #capacity: number;
  readonly #compare: (a: E, b: E) => number;

  constructor(capacity: number, compare: (a: E, b: E) => number) {
    this.#capacity = capacity;
    this.#compare = compare;
  }

  offer(item: E): void {
    if (this.#capacity === 0) return;
    if (this.#items.length < this.#capacity) {
      this.#items.push(item);
      this.#siftUp(this.#items.length - 1);
    } else if (this.#compare(item, this.#items[0]!) < 0) {
      this.#items[0] = item;
      this.#siftDown();
    }
  }

  sorted(): E[] {
    return this.#items.toSorted(this.#compare);
  }

  #siftUp(start: number): void {
    for (let at = start; at > 0;) {
      const parent = (at - 1) >> 1;
      if (this.#compare(this.#items[at]!, this.#items[parent]!) <= 0) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #siftDown(): void {
    for (let at = 0; ;) {
      let largest = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child >= this.#items.length) break;
        if (this.#compare(this.#items[child]!, this.#items[largest]!) > 0) largest = child;
      }
      if (largest === at) return;
      this.#swap(at, largest);
      at = largest;
    }
  }

  #swap(a: number, b: number): void {
    [this.#items[a], this.#items[b]] = [this.#items[b]!, this.#items[a]!];
  }
}
