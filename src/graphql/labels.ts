/** Labels as a list, sorted by key. */
export function labelList(
  labels: Readonly<Record<string, string>>,
): { key: string; value: string }[] {
  return Object.entries(labels)
    .map(([key, value]) => ({ key, value }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}
