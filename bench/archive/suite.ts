import type { Part } from '../part.ts';
import { archiveStream } from './archive-stream.ts';

/** How fast image archives are read, proven and rewritten. */
export const archiveSuite: readonly Part[] = [archiveStream];
