import type { Json } from './operation.ts';

/** What JSON makes of a value, so that what is shown now is what will be read later. */
export function toJson(value: Json | undefined): Json {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as Json);
}
