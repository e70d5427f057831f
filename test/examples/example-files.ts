import { globSync } from 'node:fs';
import { Kind, OperationTypeNode, parse, visit } from 'graphql';
import { read, ROOT } from '../support/documents.ts';

/** Every `examples/*.graphql`, by its path from the project's folder. */
export const EXAMPLE_FILES: readonly string[] = globSync('examples/*.graphql', {
  cwd: ROOT,
}).toSorted();

/** Fields at the root that only real engines or registries can answer, or that are about what engines did. */
const OF_ENGINES = ['operation', 'operations', 'searchImages', 'registry', 'transferPlan'];

/** What kind of operation a document is, and whether fake engines have an answer to it. */
export function kindOf(text: string): { type: OperationTypeNode; runsOverFakes: boolean } {
  const [definition] = parse(text).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`no operation: ${text}`);
  const fields = new Set<string>();
  visit(definition, {
    Field: ({ name }) => {
      fields.add(name.value);
      return false;
    },
  });
  const isChange = definition.operation === OperationTypeNode.MUTATION;
  const isOfEngines = OF_ENGINES.some((field) => fields.has(field));
  return { type: definition.operation, runsOverFakes: !isChange && !isOfEngines };
}

/** A line of a document for a shell, with the example that it sends. */
export interface CurlLine {
  /** As it can be pasted into a shell. */
  line: string;
  /** Path of the `.graphql` file; null where it sends none. */
  file: string | null;
}

/** The lines of examples/README.md that call curl, or make what one sends, in their order. */
export function curlLines(): CurlLine[] {
  return read('examples/README.md')
    .split('\n')
    .filter((line) => /^(?:curl|jq|tar) /.test(line))
    .map((line) => ({ line, file: /examples\/\S+\.graphql/.exec(line)?.[0] ?? null }));
}
