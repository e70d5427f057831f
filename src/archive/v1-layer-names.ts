import { chainIds, digestOf } from '../common/digest.ts';
import type { ArchiveKnowledge } from './image-archive.ts';
import { isObject, parseJson } from './oci-documents.ts';

/** What engines to 24 take for the configuration of every layer but the top one. */
const NO_CONFIG =
  '{"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":false,' +
  '"AttachStderr":false,"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":null,' +
  '"Image":"","Volumes":null,"WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":null}';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Which layer is in which directory of an archive of engines to 24. Directories come in the order of
 * their names, the list of them at the very end; but the name of every one but the top layer's
 * follows from the diffIDs and from the engine's time zone. The zone is read off the `json` that
 * precedes each layer, and is believed when names that it gives are there.
 */
export class V1LayerNames {
  readonly #diffIds: readonly string[];
  /** Of all but the top layer, once the zone is known. */
  #predicted: readonly string[] | null = null;
  #top: string | null = null;
  #triedZones = false;

  constructor(diffIds: readonly string[]) {
    this.#diffIds = diffIds;
    if (diffIds.length === 1) this.#predicted = [];
  }

  /** Takes the `json` of a directory. */
  learn(directory: string, bytes: Buffer): void {
    const json = parseJson(bytes);
    if (!isObject(json)) return;
    const { created, parent } = json;
    if (this.#predicted === null && typeof created === 'string') {
      this.#predicted = this.#namesFrom(created, directory, parent);
    }
    if (this.#predicted?.includes(directory) === false && parent === this.#predicted.at(-1)) {
      this.#top = directory;
    }
  }

  /** Null where it is not known, or no directory of this image's. */
  diffIdOf(directory: string): string | null {
    if (directory === this.#top) return this.#diffIds.at(-1) ?? null;
    const at = this.#predicted?.indexOf(directory) ?? -1;
    return this.#diffIds[at] ?? null;
  }

  /** Once all names are known. */
  get knowledge(): ArchiveKnowledge | null {
    if (this.#predicted === null || this.#top === null) return null;
    const layers = [...this.#predicted, this.#top];
    const diffIdOf = Object.fromEntries(layers.map((name, at) => [name, this.#diffIds[at]!]));
    return { diffIdOf, layers };
  }

  #namesFrom(created: string, directory: string, parent: unknown): readonly string[] | null {
    const time = Date.parse(created);
    if (Math.abs(time) < DAY_MS) {
      const names = predictedNames(this.#diffIds, created);
      if (names.includes(directory) || names.at(-1) === parent) return names;
    }
    // The top layer's says when the image was made, and the name below it.
    if (typeof parent !== 'string' || this.#triedZones) return null;
    this.#triedZones = true;
    for (const epoch of epochs()) {
      const names = predictedNames(this.#diffIds, epoch);
      if (names.at(-1) === parent) return names;
    }
    return null;
  }
}

/** The directories of all layers but the top one, given the engine's way to write time 0. */
function predictedNames(diffIds: readonly string[], created: string): string[] {
  let parent: string | null = null;
  return chainIds(diffIds.slice(0, -1)).map((chainId) => {
    const below = parent === null ? '' : `,"parent":"${parent}"`;
    parent = digestOf(
      `{"container_config":${NO_CONFIG},"created":"${created}","layer_id":"${chainId}"${below}}`,
    );
    return parent.slice('sha256:'.length);
  });
}

/** Time 0 in UTC and in every zone that is a multiple of a quarter of an hour away from it. */
function* epochs(): Generator<string> {
  yield '1970-01-01T00:00:00Z';
  for (let quarters = -12 * 4; quarters <= 14 * 4; quarters++) {
    const minutes = quarters * 15;
    const local = new Date(minutes * 60_000).toISOString().slice(0, 19);
    const hours = Math.trunc(Math.abs(minutes) / 60);
    const two = (value: number) => String(value).padStart(2, '0');
    yield `${local}${minutes < 0 ? '-' : '+'}${two(hours)}:${two(Math.abs(minutes) % 60)}`;
  }
}
