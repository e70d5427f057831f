import type { Part } from '../part.ts';
import { manyOperations } from './many-operations.ts';
import { overhead } from './overhead.ts';
import { pull } from './pull.ts';
import { storedPages } from './stored-pages.ts';
import { watchers } from './watchers.ts';

/** How fast and how small durable operations are. */
export const operationsSuite: readonly Part[] = [
  overhead,
  manyOperations,
  storedPages,
  pull,
  watchers,
];
