import { GraphQLError, Kind } from 'graphql';
import type {
  ASTNode,
  ASTVisitor,
  FragmentDefinitionNode,
  SelectionSetNode,
  ValidationContext,
  ValidationRule,
} from 'graphql';
import { LimitExceededError } from '../common/errors.ts';

/** Bounds on a document's shape. */
export interface ShapeLimits {
  maxDepth: number;
  maxAliases: number;
  maxRootFields: number;
}

/** Rules that keep documents within the bounds. Introspection is left to Apollo's own rule. */
export function shapeRules({ maxDepth, maxAliases, maxRootFields }: ShapeLimits): ValidationRule[] {
  return [
    (context) => ({
      OperationDefinition(operation) {
        const depth = depthOf(operation.selectionSet, fragmentsOf(context), new Set());
        if (depth > maxDepth) {
          refuse(
            context,
            operation,
            `the query is ${depth} fields deep; at most ${maxDepth} are allowed`,
          );
        }
      },
    }),
    (context) => ({
      OperationDefinition(operation) {
        const count = rootFields(operation.selectionSet, fragmentsOf(context), new Set());
        if (count > maxRootFields) {
          refuse(
            context,
            operation,
            `${count} fields at the root; at most ${maxRootFields} are allowed`,
          );
        }
      },
    }),
    (context): ASTVisitor => {
      let aliases = 0;
      return {
        Field(field) {
          if (field.alias && ++aliases === maxAliases + 1) {
            refuse(context, field, `more than ${maxAliases} aliases in one document`);
          }
        },
      };
    },
  ];
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

function refuse(context: ValidationContext, node: ASTNode, message: string): void {
  const originalError = new LimitExceededError(message);
  context.reportError(new GraphQLError(message, { nodes: node, originalError }));
}

function fragmentsOf(context: ValidationContext): Fragments {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of context.getDocument().definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments.set(definition.name.value, definition);
    }
  }
  return fragments;
}

/** Depth in fields; a fragment that contains itself is another rule's business and counts once. */
function depthOf(set: SelectionSetNode, fragments: Fragments, within: Set<string>): number {
  let deepest = 0;
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      if (selection.name.value.startsWith('__')) continue;
      const below = selection.selectionSet ? depthOf(selection.selectionSet, fragments, within) : 0;
      deepest = Math.max(deepest, 1 + below);
    } else {
      deepest = Math.max(
        deepest,
        inFragment(selection, fragments, within, (inner) => depthOf(inner, fragments, within)),
      );
    }
  }
  return deepest;
}

function rootFields(set: SelectionSetNode, fragments: Fragments, within: Set<string>): number {
  let count = 0;
  for (const selection of set.selections) {
    count +=
      selection.kind === Kind.FIELD
        ? 1
        : inFragment(selection, fragments, within, (inner) => rootFields(inner, fragments, within));
  }
  return count;
}

function inFragment(
  selection: Exclude<SelectionSetNode['selections'][number], { kind: Kind.FIELD }>,
  fragments: Fragments,
  within: Set<string>,
  measure: (set: SelectionSetNode) => number,
): number {
  if (selection.kind === Kind.INLINE_FRAGMENT) return measure(selection.selectionSet);
  const name = selection.name.value;
  const fragment = fragments.get(name);
  if (!fragment || within.has(name)) return 0;
  within.add(name);
  const result = measure(fragment.selectionSet);
  within.delete(name);
  return result;
}
