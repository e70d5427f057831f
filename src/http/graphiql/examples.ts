const FILES = import.meta.glob<string>('../../../examples/*.graphql', {
  eager: true,
  query: '?raw',
  import: 'default',
});

/** The queries of `examples/`, in the order of their file names: the first tabs of a new visitor. */
export const EXAMPLES: readonly string[] = Object.keys(FILES)
  .sort()
  .map((file) => FILES[file] ?? '');
