import type { DiskUsage, DiskUsageEntry } from './engine.ts';

/** `/system/df` before API 1.52: the things themselves, to be added up as the docker CLI does. */
export interface LegacyDiskUsageJson {
  LayersSize?: number | null;
  Images?: UsedImageJson[] | null;
  Containers?: { State?: string | null; SizeRw?: number | null }[] | null;
  Volumes?: { UsageData?: { Size?: number; RefCount?: number } | null }[] | null;
  BuildCache?: { Size?: number; InUse?: boolean; Shared?: boolean }[] | null;
  BuilderSize?: number | null;
}

interface UsedImageJson {
  Id?: string | null;
  Size?: number | null;
  SharedSize?: number | null;
  Containers?: number | null;
}

/** `/system/df` from API 1.52 on: sums made by the engine. */
export interface DiskUsageJson {
  ImageUsage?: UsageSumsJson | null;
  ContainerUsage?: UsageSumsJson | null;
  VolumeUsage?: UsageSumsJson | null;
  BuildCacheUsage?: UsageSumsJson | null;
}

interface UsageSumsJson {
  TotalCount?: number;
  ActiveCount?: number;
  TotalSize?: number;
  Reclaimable?: number;
}

/** Either shape of `/system/df` as our record; 1.52 sends both. */
export function diskUsage(json: LegacyDiskUsageJson & DiskUsageJson): DiskUsage {
  const hasSums = json.ImageUsage || json.ContainerUsage || json.VolumeUsage;
  return hasSums ? summedByEngine(json) : addUp(json);
}

function summedByEngine(json: DiskUsageJson): DiskUsage {
  const entry = (sums: UsageSumsJson | null | undefined): DiskUsageEntry => ({
    totalCount: sums?.TotalCount ?? 0,
    activeCount: sums?.ActiveCount ?? 0,
    sizeBytes: sums?.TotalSize ?? 0,
    reclaimableBytes: sums?.Reclaimable ?? 0,
  });
  return {
    layersBytes: json.ImageUsage?.TotalSize ?? 0,
    images: entry(json.ImageUsage),
    containers: entry(json.ContainerUsage),
    volumes: entry(json.VolumeUsage),
    buildCache: entry(json.BuildCacheUsage),
  };
}

function addUp(json: LegacyDiskUsageJson): DiskUsage {
  // Podman has a row for each tag.
  const rows = [...new Map((json.Images ?? []).map((row) => [row.Id ?? row, row])).values()];
  // Podman gives no sum: what no image shares is the least that there is.
  const layersBytes = json.LayersSize || sum(rows, ownBytes);
  return {
    layersBytes,
    images: images(rows, layersBytes),
    containers: containers(json.Containers ?? []),
    volumes: volumes(json.Volumes ?? []),
    buildCache: buildCache(json.BuildCache ?? [], json.BuilderSize),
  };
}

/** Layers are shared, so what images in use hold for themselves is taken off the whole. */
function images(rows: UsedImageJson[], layersBytes: number): DiskUsageEntry {
  const active = rows.filter((image) => (image.Containers ?? 0) > 0);
  const used = sum(active, ownBytes);
  return {
    totalCount: rows.length,
    activeCount: active.length,
    sizeBytes: layersBytes,
    reclaimableBytes: Math.max(0, layersBytes - used),
  };
}

/** What an image shares with no other; nothing where the engine does not know (-1). */
function ownBytes({ Size, SharedSize }: UsedImageJson): number {
  const known = Size !== -1 && SharedSize !== -1;
  return known ? (Size ?? 0) - (SharedSize ?? 0) : 0;
}

function containers(rows: NonNullable<LegacyDiskUsageJson['Containers']>): DiskUsageEntry {
  const active = rows.filter(({ State }) => /running|paused|restarting/.test(State ?? ''));
  const size = ({ SizeRw }: { SizeRw?: number | null }) => SizeRw ?? 0;
  const sizeBytes = sum(rows, size);
  return {
    totalCount: rows.length,
    activeCount: active.length,
    sizeBytes,
    reclaimableBytes: sizeBytes - sum(active, size),
  };
}

function volumes(rows: NonNullable<LegacyDiskUsageJson['Volumes']>): DiskUsageEntry {
  // -1 stands for unknown.
  const size = (row: (typeof rows)[number]) => Math.max(0, row.UsageData?.Size ?? 0);
  const active = rows.filter((row) => (row.UsageData?.RefCount ?? 0) > 0);
  const sizeBytes = sum(rows, size);
  return {
    totalCount: rows.length,
    activeCount: active.length,
    sizeBytes,
    reclaimableBytes: sizeBytes - sum(active, size),
  };
}

function buildCache(
  rows: NonNullable<LegacyDiskUsageJson['BuildCache']>,
  builderSize: number | null | undefined,
): DiskUsageEntry {
  const own = rows.filter(({ Shared }) => Shared !== true);
  // 20.10 says the sum itself; later versions leave it to the client.
  const sizeBytes = builderSize || sum(own, ({ Size }) => Size ?? 0);
  const inUse = own.filter(({ InUse }) => InUse === true);
  return {
    totalCount: rows.length,
    activeCount: rows.filter(({ InUse }) => InUse === true).length,
    sizeBytes,
    reclaimableBytes: Math.max(0, sizeBytes - sum(inUse, ({ Size }) => Size ?? 0)),
  };
}

function sum<T>(rows: T[], bytes: (row: T) => number): number {
  return rows.reduce((total, row) => total + bytes(row), 0);
}
