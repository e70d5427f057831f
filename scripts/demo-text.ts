/** Underlined, after an empty line. */
export function heading(text: string): void {
  console.log(`\n${text}\n${'─'.repeat(text.length)}`);
}

/** In columns that are as wide as their widest cell. */
export function table(head: string[], rows: (string | number)[][]): void {
  const lines = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  for (const line of lines) {
    console.log(
      line
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    );
  }
}

/** In docker's decimal units. */
export function bytes(count: number | null): string {
  if (count === null) return 'not known';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const unit = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  return `${Number((count / 1000 ** unit).toPrecision(4))} ${units[unit]}`;
}
