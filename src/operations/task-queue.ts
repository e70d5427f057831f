/** A task that waits for its turn. */
export interface QueuedTask {
  operationId: string;
  host: string;
  /** Bound of the operation's own; null for none. The same for all its tasks. */
  maxParallel: number | null;
  /** Does the task. Must not reject: what went wrong is the task's own business. */
  run: () => Promise<void>;
}

/** How much runs at once. */
export interface QueueLimits {
  /** On one host. Default 2. */
  perHost?: number;
  /** In all. Default 64. */
  overall?: number;
}

interface OperationTurn {
  id: string;
  maxParallel: number;
  running: number;
  waiting: Set<QueuedTask>;
  /** Those whose host had room when it was last looked at; the others are parked there. */
  ready: Set<QueuedTask>;
}

interface HostRoom {
  running: number;
  /** Tasks that found no room, in the order in which they came. */
  parked: Set<QueuedTask>;
}

/**
 * Starts tasks as room allows: so many on a host, in an operation and in all. Operations take turns
 * and start one task each, so that one with a thousand hosts does not hold up one with two.
 *
 * A task that finds its host full is parked there and looked at again when something ends on that
 * host, so that starting one costs nothing for all those that cannot start.
 */
export class TaskQueue {
  readonly #perHost: number;
  readonly #overall: number;
  readonly #operations = new Map<string, OperationTurn>();
  readonly #hosts = new Map<string, HostRoom>();
  /** Operations with something ready and room of their own, in turn. */
  readonly #turns = new Set<OperationTurn>();
  readonly #idleWaiters: (() => void)[] = [];
  #running = 0;
  #waiting = 0;
  #closed = false;

  constructor({ perHost = 2, overall = 64 }: QueueLimits = {}) {
    this.#perHost = perHost;
    this.#overall = overall;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Lets tasks wait for their turn; those that have it start at once. Nothing once closed. */
  add(tasks: Iterable<QueuedTask>): void {
    if (this.#closed) return;
    for (const task of tasks) {
      this.#waiting++;
      const operation = this.#turnOf(task);
      operation.waiting.add(task);
      this.#makeReady(operation, task);
    }
    this.#startAll();
  }

  /** Forgets what an operation has waiting. What runs goes on. */
  remove(operationId: string): void {
    const operation = this.#operations.get(operationId);
    if (!operation) return;
    for (const task of operation.waiting) this.#hosts.get(task.host)?.parked.delete(task);
    this.#waiting -= operation.waiting.size;
    operation.waiting.clear();
    operation.ready.clear();
    this.#turns.delete(operation);
    this.#forgetOperationIfIdle(operation);
  }

  /** Starts nothing any more. */
  close(): void {
    this.#closed = true;
    this.#turns.clear();
    this.#waiting = 0;
  }

  /** Resolves when nothing runs. */
  whenIdle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  #turnOf({ operationId: id, maxParallel }: QueuedTask): OperationTurn {
    let operation = this.#operations.get(id);
    if (!operation) {
      operation = {
        id,
        maxParallel: maxParallel ?? Infinity,
        running: 0,
        waiting: new Set(),
        ready: new Set(),
      };
      this.#operations.set(id, operation);
    }
    return operation;
  }

  #makeReady(operation: OperationTurn, task: QueuedTask): void {
    operation.ready.add(task);
    this.#takeTurn(operation);
  }

  #takeTurn(operation: OperationTurn): void {
    const hasRoom = operation.running < operation.maxParallel;
    if (hasRoom && operation.ready.size > 0) this.#turns.add(operation);
  }

  #startAll(): void {
    while (this.#running < this.#overall && !this.#closed) {
      const [operation] = this.#turns;
      if (!operation) return;
      this.#turns.delete(operation);
      this.#startOne(operation);
      // Last in turn now.
      this.#takeTurn(operation);
    }
  }

  #startOne(operation: OperationTurn): void {
    for (const task of operation.ready) {
      operation.ready.delete(task);
      const room = this.#roomOn(task.host);
      if (room.running < this.#perHost) {
        this.#start(task, operation, room);
        return;
      }
      room.parked.add(task);
    }
  }

  #start(task: QueuedTask, operation: OperationTurn, room: HostRoom): void {
    operation.waiting.delete(task);
    this.#waiting--;
    this.#running++;
    operation.running++;
    room.running++;
    const end = () => this.#end(task, operation, room);
    // Not at once: whoever adds tasks must not find them under way before it returns.
    void Promise.resolve().then(task.run).then(end, end);
  }

  #end(task: QueuedTask, operation: OperationTurn, room: HostRoom): void {
    this.#running--;
    operation.running--;
    room.running--;
    if (!this.#closed) this.#giveRoom(task.host, operation, room);
    if (this.#running === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  #giveRoom(host: string, operation: OperationTurn, room: HostRoom): void {
    // All of them, not the first only: its operation may have no room of its own by then.
    const parked = [...room.parked];
    room.parked.clear();
    for (const waiting of parked) this.#makeReady(this.#turnOf(waiting), waiting);
    this.#takeTurn(operation);
    this.#startAll();
    if (room.running === 0 && room.parked.size === 0) this.#hosts.delete(host);
    this.#forgetOperationIfIdle(operation);
  }

  #forgetOperationIfIdle({ id, running, waiting }: OperationTurn): void {
    if (running === 0 && waiting.size === 0) this.#operations.delete(id);
  }

  #roomOn(host: string): HostRoom {
    let room = this.#hosts.get(host);
    if (!room) {
      room = { running: 0, parked: new Set() };
      this.#hosts.set(host, room);
    }
    return room;
  }
}
