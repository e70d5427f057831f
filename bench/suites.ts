import { archiveSuite } from './archive/suite.ts';
import { operationsSuite } from './operations/suite.ts';
import type { Part } from './part.ts';
import { querySuite } from './query/suite.ts';
import { transferSuite } from './transfer/suite.ts';

/** What `npm run bench -- NAME` can run. */
export const SUITES: Readonly<Record<string, readonly Part[]>> = {
  query: querySuite,
  operations: operationsSuite,
  archive: archiveSuite,
  transfer: transferSuite,
};
