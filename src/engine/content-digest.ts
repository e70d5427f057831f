import { digestOf } from '../common/digest.ts';
import type { ImageConfig } from './engine.ts';

/** What makes an image the image that it is, in the words that all engines share. */
export interface ImageContent {
  os: string;
  architecture: string;
  createdAt: number | null;
  diffIds: string[];
  config: ImageConfig;
  history: { createdBy: string; createdAt: number | null; comment: string }[];
}

/**
 * One digest for one image, whichever store names it how. It covers what every engine tells alike:
 * neither the variant of the architecture nor the health check, which podman leaves out, and no
 * sizes, which differ by store. Whatever is empty counts as absent, since engines write null, [], {}
 * and "" for one another.
 */
export function contentDigest(content: ImageContent): string {
  const { healthcheck: _, ...config } = content.config;
  const canonical = JSON.stringify(withoutEmpty({ ...content, config }));
  return digestOf(canonical);
}

/** The value with sorted keys and without what is empty; list items stay, their place counts. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutEmpty(item) ?? null);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .map(([key, item]) => [key, withoutEmpty(item)] as const)
    .filter(([, item]) => !isEmpty(item))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
