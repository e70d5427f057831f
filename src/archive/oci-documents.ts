import type { Descriptor } from './image-archive.ts';

/** A manifest, index or config, as far as it is read. */
export type OciDocument =
  | { kind: 'index'; manifests: PlatformDescriptor[] }
  | { kind: 'manifest'; config: Descriptor; layers: Descriptor[] }
  | ConfigDocument
  /** What engines before 1.10 said of one layer; newer ones still save it, and nothing needs it. */
  | { kind: 'v1' };

/** An image's configuration. */
export interface ConfigDocument extends Platform {
  kind: 'config';
  diffIds: string[];
}

/** For what an image is made. */
export interface Platform {
  os: string;
  architecture: string;
  variant: string | null;
}

/** A row of an index. */
export interface PlatformDescriptor extends Descriptor {
  platform: Platform | null;
}

export const OCI_INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
export const OCI_MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
/** Of a layer that is not compressed. */
export const OCI_LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar';

/** OCI's name of a type of compressed layers; null where it is none that engines unpack. */
export function compressedLayerType(mediaType: string): string | null {
  const [, compression] =
    /^application\/vnd\.(?:oci\.image\.layer\..*tar\+|docker\.image\.rootfs\..*tar\.)(gzip|zstd)$/.exec(
      mediaType,
    ) ?? [];
  return compression === undefined ? null : `${OCI_LAYER_TYPE}+${compression}`;
}

/** What the bytes of a blob are; null where they are no document. */
export function ociDocument(bytes: Buffer): OciDocument | null {
  const json = parseJson(bytes);
  if (!isObject(json)) return null;
  const { manifests, config, layers, rootfs } = json;
  if (Array.isArray(manifests)) {
    const rows = manifests.map(platformDescriptor);
    return rows.every((row) => row !== null) ? { kind: 'index', manifests: rows } : null;
  }
  if (Array.isArray(layers)) {
    const rows = layers.map(descriptor);
    const configRow = descriptor(config);
    if (configRow === null || !rows.every((row) => row !== null)) return null;
    return { kind: 'manifest', config: configRow, layers: rows };
  }
  if (isObject(rootfs)) {
    const diffIds: unknown = rootfs['diff_ids'] ?? [];
    return isTexts(diffIds) ? { kind: 'config', ...platform(json), diffIds } : null;
  }
  return isObject(json['container_config']) && 'created' in json ? { kind: 'v1' } : null;
}

/** Undefined where the bytes are no JSON. */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function descriptor(value: unknown): Descriptor | null {
  if (!isObject(value)) return null;
  const { mediaType, digest, size } = value;
  if (typeof mediaType !== 'string' || typeof size !== 'number') return null;
  if (typeof digest !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(digest)) return null;
  return { mediaType, digest, size };
}

function platformDescriptor(value: unknown): PlatformDescriptor | null {
  const row = descriptor(value);
  if (row === null) return null;
  const said = (value as Record<string, unknown>)['platform'];
  return { ...row, platform: isObject(said) ? platform(said) : null };
}

function platform({ os, architecture, variant }: Record<string, unknown>): Platform {
  return { os: text(os), architecture: text(architecture), variant: text(variant) || null };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
