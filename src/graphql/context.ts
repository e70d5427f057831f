import type { RequestInfo } from './api.ts';

/** What every resolver gets. */
export interface GraphqlContext extends RequestInfo {}
