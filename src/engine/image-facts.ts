import { chainIds } from '../common/digest.ts';
import { LimitExceededError } from '../common/errors.ts';
import { contentDigest } from './content-digest.ts';
import type { Healthcheck, ImageConfig, ImageFacts, LayerFacts } from './engine.ts';
import { epochMs } from './image-listing.ts';
import { mapHistoryToLayers } from './layer-mapping.ts';

/** `/images/{id}/json`, as far as we read it. */
export interface EngineImageInspectJson {
  Architecture?: string | null;
  Variant?: string | null;
  Os?: string | null;
  /** RFC 3339 with nanoseconds; the year 1 or absent where the image says none. */
  Created?: string | null;
  Author?: string | null;
  Comment?: string | null;
  Config?: EngineImageConfigJson | null;
  RootFS?: { Layers?: string[] | null } | null;
}

interface EngineImageConfigJson {
  Env?: string[] | null;
  Cmd?: string[] | null;
  Entrypoint?: string[] | null;
  WorkingDir?: string | null;
  User?: string | null;
  ExposedPorts?: Record<string, unknown> | null;
  Volumes?: Record<string, unknown> | null;
  Labels?: Record<string, string> | null;
  StopSignal?: string | null;
  Healthcheck?: EngineHealthcheckJson | null;
}

/** Durations in nanoseconds; 0 stands for the default. */
interface EngineHealthcheckJson {
  Test?: string[] | null;
  Interval?: number;
  Timeout?: number;
  StartPeriod?: number;
  Retries?: number;
}

/** A row of `/images/{id}/history`, newest first there. */
export interface EngineHistoryJson {
  /** Seconds. */
  Created?: number | null;
  CreatedBy?: string | null;
  Comment?: string | null;
  Size?: number | null;
}

/** Beyond these an image is a mistake or an attack; kept facts have to stay small. */
const MAX_HISTORY = 10_000;
const MAX_LAYERS = 1_000;
const MAX_CONFIG_CHARACTERS = 4 * 1024 * 1024;

/** What an image is, from its inspection and history. */
export function imageFacts(
  inspected: EngineImageInspectJson,
  rows: EngineHistoryJson[] | null,
  { host, id }: { host: string; id: string },
): ImageFacts {
  const historyRows = rows ?? [];
  const diffIds = inspected.RootFS?.Layers ?? [];
  const tooMany = (what: string) =>
    new LimitExceededError(`image ${id} on ${host} has ${what}`, { host, details: { image: id } });
  if (historyRows.length > MAX_HISTORY) throw tooMany(`${historyRows.length} history entries`);
  if (diffIds.length > MAX_LAYERS) throw tooMany(`${diffIds.length} layers`);
  if (JSON.stringify(inspected.Config ?? {}).length > MAX_CONFIG_CHARACTERS) {
    throw tooMany(`more than ${MAX_CONFIG_CHARACTERS} characters of configuration`);
  }

  const steps = historyRows.toReversed().map((row) => ({
    createdAt: epochMs(row.Created),
    createdBy: row.CreatedBy ?? '',
    comment: row.Comment ?? '',
    sizeBytes: Math.max(0, row.Size ?? 0),
  }));
  const { stepOfLayer, emptySteps } = mapHistoryToLayers(steps, diffIds);
  const base = {
    os: inspected.Os ?? '',
    architecture: inspected.Architecture ?? '',
    createdAt: timeOf(inspected.Created),
    config: configOf(inspected.Config ?? {}),
  };
  return {
    contentDigest: contentDigest({
      ...base,
      diffIds,
      history: steps.map(({ createdAt, createdBy, comment }) => ({
        createdAt,
        createdBy,
        comment,
      })),
    }),
    ...base,
    variant: inspected.Variant || null,
    author: inspected.Author ?? '',
    comment: inspected.Comment ?? '',
    history: steps.map((step, at) => ({ ...step, emptyLayer: emptySteps[at] ?? false })),
    layers: chainIds(diffIds).map((chainId, at): LayerFacts => {
      const step = steps[stepOfLayer[at] ?? -1];
      return {
        diffId: diffIds[at]!,
        chainId,
        sizeBytes: step?.sizeBytes ?? null,
        createdBy: step?.createdBy ?? null,
      };
    }),
  };
}

function timeOf(text: string | null | undefined): number | null {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) || ms <= 0 ? null : ms;
}

function configOf(config: EngineImageConfigJson): ImageConfig {
  return {
    env: config.Env ?? [],
    cmd: config.Cmd ?? [],
    entrypoint: config.Entrypoint ?? [],
    workingDir: config.WorkingDir ?? '',
    user: config.User ?? '',
    exposedPorts: Object.keys(config.ExposedPorts ?? {}).toSorted(),
    volumes: Object.keys(config.Volumes ?? {}).toSorted(),
    labels: config.Labels ?? {},
    stopSignal: config.StopSignal || null,
    healthcheck: healthcheckOf(config.Healthcheck),
  };
}

function healthcheckOf(check: EngineHealthcheckJson | null | undefined): Healthcheck | null {
  if (!check?.Test?.length) return null;
  const ms = (nanoseconds: number | undefined) => (nanoseconds ? nanoseconds / 1e6 : null);
  return {
    test: check.Test,
    intervalMs: ms(check.Interval),
    timeoutMs: ms(check.Timeout),
    startPeriodMs: ms(check.StartPeriod),
    retries: check.Retries || null,
  };
}
