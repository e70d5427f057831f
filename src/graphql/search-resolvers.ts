import { BadUserInputError } from '../common/errors.ts';
import type { QueryResolvers } from './resolver-types.ts';

const MAX_RESULTS = 100;

export const searchQueries: Pick<QueryResolvers, 'searchImages'> = {
  searchImages: (_, { term, host, limit, official, minStars }, { fleet, signal }) => {
    if (term.trim() === '') throw new BadUserInputError('`term` is empty; expected a name');
    if (limit < 1 || limit > MAX_RESULTS) {
      throw new BadUserInputError(`\`limit\` is ${limit}; expected 1 to ${MAX_RESULTS}`);
    }
    if (minStars != null && minStars < 0) {
      throw new BadUserInputError(`\`minStars\` is ${minStars}; expected 0 or more`);
    }
    return fleet.host(host).engine.verbs.searchImages(term.trim(), {
      signal,
      limit,
      ...(official != null && { official }),
      ...(minStars != null && { minStars }),
    });
  },
};
