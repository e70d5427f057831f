import { BadUserInputError } from '../common/errors.ts';

/** The types that `node(id)` can find. */
export const NODE_TYPES = ['Host', 'Image', 'HostImage', 'Layer', 'Tag', 'Operation'] as const;
export type NodeType = (typeof NODE_TYPES)[number];

/** The Relay global ID of an object: opaque to clients, stable over restarts. */
export function toGlobalId(type: NodeType, key: string): string {
  return Buffer.from(`${type}:${key}`).toString('base64url');
}

/** The type and key in a global ID; BadUserInputError where it is none. */
export function fromGlobalId(id: string): { type: NodeType; key: string } {
  const text = Buffer.from(id, 'base64url').toString();
  const colon = text.indexOf(':');
  const type = NODE_TYPES.find((name) => name === text.slice(0, colon));
  if (type === undefined || toGlobalId(type, text.slice(colon + 1)) !== id) {
    throw new BadUserInputError(
      `"${id.slice(0, 80)}" is not a global ID; expected the \`id\` of an object from an earlier answer`,
    );
  }
  return { type, key: text.slice(colon + 1) };
}
