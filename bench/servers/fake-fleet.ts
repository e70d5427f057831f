/*
 * A child full of fake engines: real HTTP servers on loopback, each with the images that the model
 * gives it. Of those that are to be dead, every second refuses connections; the others accept them
 * and never answer.
 */
import { FakeEngine } from '../../test/support/fake-engine.ts';
import { answerParent } from '../process/parent.ts';
import { FleetModel } from './fleet-model.ts';

/** Which fleet the bench asks for. */
export interface FleetRequest {
  hosts: number;
  /** How many of them, the last ones, are dead. */
  dead: number;
}

/** Another tag for an image. */
export interface RetagRequest {
  host: number;
  tag: string;
}

const engines: FakeEngine[] = [];

answerParent({
  /** Starts the fleet and answers its ports, host by host. */
  start: async ({ hosts, dead }: FleetRequest): Promise<number[]> => {
    const model = new FleetModel();
    for (let host = 0; host < hosts; host++) {
      engines.push(await FakeEngine.start({ images: model.imagesOf(host) }));
    }
    for (const [at, engine] of engines.slice(hosts - dead).entries()) {
      if (at % 2 === 0) await engine.stop();
      else engine.freeze();
    }
    return engines.map(({ endpoint }) => ('port' in endpoint ? endpoint.port : 0));
  },
  /** Gives the host's first image one more tag. */
  tag: ({ host, tag }: RetagRequest) => {
    const engine = engines[host]!;
    const [image] = engine.images.values();
    engine.retag(image!.id, [...image!.tags, tag]);
  },
  /** Takes it away. */
  untag: ({ host, tag }: RetagRequest) => {
    const engine = engines[host]!;
    const [image] = engine.images.values();
    engine.retag(
      image!.id,
      image!.tags.filter((other) => other !== tag),
    );
  },
});
