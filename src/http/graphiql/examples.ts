/** The files that show what dockgraph is for; a tab for each of all would be too many. */
const FILES = import.meta.glob<string>('../../../examples/0[1-8]-*.graphql', {
  eager: true,
  query: '?raw',
  import: 'default',
});

/** The first of `examples/`, in the order of their file names: the first tabs of a new visitor. */
export const EXAMPLES: readonly string[] = Object.keys(FILES)
  .sort()
  .map((file) => FILES[file] ?? '');
