/** A table as it is printed and kept; every row has as many cells as there are columns. */
export interface Table {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

/** One line of the specification with what came out. */
export interface Verdict {
  target: string;
  measured: string;
  met: boolean;
}

/** What a part found. */
export interface Section {
  verdicts: readonly Verdict[];
  tables: readonly Table[];
  /** How it was measured and what the figures do not say. */
  notes: readonly string[];
}

/** What a part is run with. */
export interface PartContext {
  /** Small sizes: shows that it runs, not how fast it is. */
  quick: boolean;
  /** Aborts on Ctrl-C; whatever was started is to be stopped then. */
  signal: AbortSignal;
  /** Tells a person what is being done. */
  say: (line: string) => void;
}

/** A part of a suite that can be run by itself. */
export interface Part {
  name: string;
  title: string;
  run: (context: PartContext) => Promise<Section>;
}
