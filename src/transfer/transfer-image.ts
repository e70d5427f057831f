import { ConflictError, EngineError } from '../common/errors.ts';
import { KeyedLock } from '../common/keyed-lock.ts';
import type { Fleet, HostRecord } from '../fleet/fleet.ts';
import { holderOn } from '../fleet/image-lookup.ts';
import { freshHost } from '../fleet/fresh-host.ts';
import { liveHost } from '../fleet/live-host.ts';
import { untilShown } from '../fleet/until-shown.ts';
import type { TaskContext, Verb } from '../operations/operation.ts';
import { toFamiliar } from '../registry/reference.ts';
import { copyImage } from './copy-image.ts';
import type { CopyEnvironment } from './copying.ts';
import { LayerKnowledge } from './held-layers.ts';
import { LayerTakes } from './layer-takes.ts';
import { LayerNames } from './layer-names.ts';
import { goneChange, neededCopies, whatChanged } from './planned-copy.ts';
import { NotWholeError, proveCopy } from './prove-copy.ts';
import { ReadRoom } from './read-room.ts';
import { removeCopy } from './remove-copy.ts';
import { refuseConflicts, setTags } from './set-tags.ts';
import type { TagResult } from './set-tags.ts';
import { ConnectionSpeeds } from './transfer-compression.ts';
import { TransferParty } from './transfer-party.ts';
import type {
  TransferInput,
  TransferItem,
  TransferOutcome,
  TransferredImage,
} from './transfer-request.ts';
import { transferable, transferSource } from './transfer-source.ts';

/** What is reported of every copy of an image to a host, for metrics. */
export interface CopyReport {
  /** The target. */
  host: string;
  outcome: 'ok' | 'error';
  /** As they went over the connection; 0 of a copy that failed. */
  bytesSent: number;
  /** Of layers that were left out. */
  bytesSaved: number;
  durationMs: number;
}

/** What transfers learn and share while the gateway runs; plans are made with it, too. */
export class Transfers implements CopyEnvironment {
  readonly fleet: Fleet;
  readonly layers: LayerKnowledge;
  readonly room = new ReadRoom();
  readonly takes = new LayerTakes();
  readonly speeds = new ConnectionSpeeds();
  readonly names = new LayerNames(this.takes);
  readonly onCopy: (report: CopyReport) => void;

  constructor(fleet: Fleet, { onCopy = () => {} }: { onCopy?: (report: CopyReport) => void } = {}) {
    this.fleet = fleet;
    this.onCopy = onCopy;
    this.layers = new LayerKnowledge(fleet);
  }
}

/** Copies images from one host to another: `save` into `load`, without what the target has. */
export function transferVerb(transfers: Transfers): Verb<TransferInput, TransferOutcome> {
  const { fleet } = transfers;
  const parties = new Map<string, TransferParty>();
  const locks = new KeyedLock();
  return {
    kind: 'TRANSFER_IMAGE',
    run: async (input, context) => {
      const party = parties.get(context.operationId) ?? new TransferParty();
      parties.set(context.operationId, party);
      party.comesTo(context.taskId, 0);
      const task = new TransferTask(transfers, locks, party, input, context);
      try {
        return await task.run();
      } finally {
        party.leave(context.taskId);
        if (party.isEmpty) parties.delete(context.operationId);
        transfers.room.look();
      }
    },
    recover: async ({ images }, { host, signal }) => {
      const { slot } = await liveHost(fleet, host, signal);
      const found = images.map((item) => {
        const image = fleet.inventory.images.get(item.content);
        return { item, held: image && holderOn(slot, image) };
      });
      const isDone = found.every(
        ({ item: { tags }, held }) => held && tags.every((tag) => slot.tags.get(tag) === held),
      );
      // How many bytes it took, nobody knows any more.
      return isDone ? outcome(found.map(({ item, held }) => there(item, held!.id))) : null;
    },
  };
}

/** One target's way through the images of a transfer. */
class TransferTask {
  readonly #transfers: Transfers;
  readonly #locks: KeyedLock;
  readonly #party: TransferParty;
  readonly #input: TransferInput;
  readonly #context: TaskContext;

  constructor(
    transfers: Transfers,
    locks: KeyedLock,
    party: TransferParty,
    input: TransferInput,
    context: TaskContext,
  ) {
    this.#transfers = transfers;
    this.#locks = locks;
    this.#party = party;
    this.#input = input;
    this.#context = context;
  }

  async run(): Promise<TransferOutcome> {
    const { images, onTagConflict } = this.#input;
    const { host: name, signal, taskId } = this.#context;
    const { fleet, room } = this.#transfers;
    const target = await freshHost(fleet, name, signal);
    this.#refuseChanges(target);
    for (const { tags, content } of images) refuseConflicts(target, tags, content, onTagConflict);
    const done: TransferredImage[] = [];
    for (const [at, item] of images.entries()) {
      this.#party.comesTo(taskId, at);
      room.look();
      done.push(await this.#transfer(target, item, at));
    }
    return outcome(done);
  }

  /** A plan is run as it was made, or not at all; a retry goes on where it was. */
  #refuseChanges(target: HostRecord): void {
    const { planned, images } = this.#input;
    const copies = planned?.[target.config.name];
    if (!copies) return;
    const { fleet, layers } = this.#transfers;
    const changes = images.flatMap((item) => goneChange(fleet.inventory.images, item) ?? []);
    if (changes.length === 0) {
      const wanted = images.map((item) => ({ item, image: transferable(fleet, item) }));
      neededCopies(layers, target, wanted).forEach((now, at) => {
        const item = images[at]!;
        const source = fleet.host(item.source!);
        changes.push(
          ...whatChanged(source, target, item, copies[at]!, now, this.#context.attempt > 1),
        );
      });
    }
    if (changes.length === 0) return;
    throw new ConflictError(`not as planned any more: ${changes.join('; ')}`, {
      host: target.config.name,
      details: { hint: 'Ask for a new plan with transferPlan, look at it, and run that.', changes },
    });
  }

  async #transfer(target: HostRecord, item: TransferItem, at: number): Promise<TransferredImage> {
    const { fleet } = this.#transfers;
    const { signal } = this.#context;
    const { name } = target.config;
    // Another transfer of the same image may be under way: then it is here when that is done.
    const release = await this.#locks.acquire(`${name}\0${item.content}`, signal);
    try {
      const held = holderOn(target.slot, transferable(fleet, item));
      const isThere = held !== undefined && (await this.#isThere(target, held.id, item));
      const copied = isThere ? there(item, held.id) : await this.#reported(target, item, at);
      const { engineId } = copied;
      const tagged = await this.#tag(target, item, copied);
      const tags = item.tags.filter(
        (tag) => !tagged.kept.some((kept) => kept.tag === toFamiliar(tag)),
      );
      await untilShown(fleet, name, signal, ({ images, tags: shown }) => {
        const image = images.get(engineId);
        return image !== undefined && tags.every((tag) => shown.get(tag) === image);
      });
      if (!target.slot.images.has(engineId)) {
        throw new EngineError(`${name} took ${item.reference} and does not list it`, {
          host: name,
        });
      }
      return { ...copied, ...tagged };
    } finally {
      release();
    }
  }

  /**
   * A containerd store is asked whether it has what the inventory says: of an index it may have
   * another platform than the host that told the inventory what the index is.
   */
  async #isThere(target: HostRecord, engineId: string, item: TransferItem): Promise<boolean> {
    if (!this.#input.verify || target.slot.imageStore !== 'CONTAINERD') return true;
    try {
      const wanted = { engineId: null, content: item.content };
      await proveCopy(target, engineId, wanted, this.#context.signal);
      return true;
    } catch (error) {
      if (!(error instanceof NotWholeError)) throw error;
      this.#context.log(`Not there as it seemed: ${error.message}`);
      return false;
    }
  }

  async #reported(target: HostRecord, item: TransferItem, at: number): Promise<TransferredImage> {
    const { onCopy } = this.#transfers;
    const { host } = this.#context;
    const since = performance.now();
    const durationMs = () => performance.now() - since;
    try {
      const copied = await this.#copy(target, item, at);
      const { bytesSent, bytesSaved } = copied;
      onCopy({ host, outcome: 'ok', bytesSent, bytesSaved, durationMs: durationMs() });
      return copied;
    } catch (error) {
      onCopy({ host, outcome: 'error', bytesSent: 0, bytesSaved: 0, durationMs: durationMs() });
      throw error;
    }
  }

  /** A copy that gets none of its tags is not left lying about. */
  async #tag(target: HostRecord, item: TransferItem, copied: TransferredImage): Promise<TagResult> {
    const { onTagConflict } = this.#input;
    const { signal, log } = this.#context;
    const { engineId, mode } = copied;
    try {
      refuseConflicts(target, item.tags, item.content, onTagConflict);
      return await setTags(target, engineId, item.tags, onTagConflict, signal);
    } catch (error) {
      const left =
        mode === 'NOTHING'
          ? null
          : await removeCopy(this.#transfers.fleet, target, engineId, false);
      if (left !== null) log(left);
      throw error;
    }
  }

  async #copy(target: HostRecord, item: TransferItem, at: number): Promise<TransferredImage> {
    const { fleet, room, layers, names, speeds } = this.#transfers;
    const { compression, verify, maxBytesPerSecond } = this.#input;
    const { operationId, taskId, signal } = this.#context;
    const image = transferable(fleet, item);
    const source = transferSource(fleet, item, (host) => room.readsOn(host));
    const { config } = await liveHost(fleet, source.host.config.name, signal);
    const held = layers.on(target.slot, image);
    this.#party.reads(taskId);
    const copied = await copyImage(
      this.#transfers,
      {
        source,
        target,
        image,
        held,
        compression: speeds.choose(compression, target),
        verify,
        maxBytesPerSecond,
        gathering: {
          key: [operationId, at, config.name].join('\0'),
          isAwaited: () => this.#party.isAwaited(at),
        },
      },
      this.#context,
    );
    if (copied.knowledge) names.keep(source, copied.knowledge);
    const { engineId, wholeBecause, bytesSent, bytesSaved, layersSent, layersSaved } = copied;
    return {
      ...there(item, engineId),
      source: config.name,
      mode: layersSaved > 0 ? 'DELTA' : 'WHOLE',
      wholeBecause,
      bytesSent,
      bytesSaved,
      layersSent,
      layersSaved,
    };
  }
}

/** An image that needs nothing to be sent. */
function there({ reference }: TransferItem, engineId: string): TransferredImage {
  return {
    reference,
    source: null,
    engineId,
    mode: 'NOTHING',
    wholeBecause: null,
    bytesSent: 0,
    bytesSaved: 0,
    layersSent: 0,
    layersSaved: 0,
    tags: [],
    kept: [],
    moved: [],
  };
}

function outcome(images: TransferredImage[]): TransferOutcome {
  return {
    images,
    bytesSent: images.reduce((sum, { bytesSent }) => sum + bytesSent, 0),
    bytesSaved: images.reduce((sum, { bytesSaved }) => sum + bytesSaved, 0),
  };
}
