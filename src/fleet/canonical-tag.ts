import { canonicalReference, parseReference } from '../registry/reference.ts';

/** Null for what an engine lists and is no reference by the grammar: it cannot be asked for. */
export function canonicalTag(name: string): string | null {
  try {
    const parsed = parseReference(name);
    return parsed.tag === null ? null : canonicalReference({ ...parsed, digest: null });
  } catch {
    return null;
  }
}
