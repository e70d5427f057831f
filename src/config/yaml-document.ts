import { isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Node, YAMLMap } from 'yaml';
import { ConfigError } from './config-error.ts';
import type { ConfigProblem } from './config-error.ts';

/** Keys and indexes from the root to a value, as zod gives them. */
export type DataPath = readonly PropertyKey[];

/** A YAML file as plain data whose every value can be found again in the text. */
export interface YamlDocument {
  /**
   * Maps, lists and strings only: every scalar is the text that was written, so that the labels
   * `version: 1.10` and `on: true` stay what they look like. null for an empty file.
   */
  data: unknown;
  /**
   * Where the value at `path` is written, or its key. For what is not there, the place of the
   * nearest thing around it that is.
   */
  locate(path: DataPath, part?: 'key' | 'value'): { line: number; column: number };
}

/** Deeper than any file of ours; keeps hostile nesting from overflowing the stack. */
const MAX_DEPTH = 50;
/** Values after aliases are followed: ten times what the largest hosts file needs. */
const MAX_VALUES = 2_000_000;

/** A value with its place in the text and that of its children. */
interface Located {
  value: unknown;
  offset: number;
  children: Map<string, { keyOffset: number; item: Located }>;
  /** Values below it and itself, aliases followed. */
  size: number;
}

/**
 * Parses YAML (with `<<` merge keys) into data with places.
 * @throws ConfigError with every syntax error, or one that refuses an alias bomb
 */
export function parseYaml(text: string, file: string): YamlDocument {
  const lineCounter = new LineCounter();
  const place = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problemAt = (offset: number, message: string) => ({ file, ...place(offset), message });
  const document = parseDocument(text, {
    schema: 'failsafe',
    merge: true,
    prettyErrors: false,
    logLevel: 'error',
    lineCounter,
  });
  // Its only warnings are of tags and directives, which we would have to ignore: refuse them too.
  const complaints = [...document.errors, ...document.warnings];
  if (complaints.length > 0) {
    throw new ConfigError(
      complaints.map(({ pos, code, message }) =>
        problemAt(
          pos[0],
          code === 'MULTIPLE_DOCS' ? 'a second YAML document starts here' : message,
        ),
      ),
    );
  }
  const problems: ConfigProblem[] = [];
  const converter = new Converter((offset, message) => {
    problems.push(problemAt(offset, message));
  });
  const root = converter.convert(document.contents, 0);
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    data: document.contents === null ? null : root.value,
    locate: (path, part = 'value') => place(find(root, path, part)),
  };
}

function find(root: Located, path: DataPath, part: 'key' | 'value'): number {
  let here = root;
  let keyOffset = root.offset;
  for (const key of path) {
    const child = here.children.get(String(key));
    // Something that is missing is told at what it is missing from.
    if (child === undefined) return here.offset;
    here = child.item;
    keyOffset = child.keyOffset;
  }
  return part === 'key' ? keyOffset : here.offset;
}

/**
 * Turns yaml's nodes into data. The library's own `toJS` would do but for three things: it knows no
 * places, its alias bound refuses an anchor that many hosts share, and it looks through the whole
 * document for every merge.
 */
class Converter {
  /** Values by anchor name; undefined while the anchored value is still being read. */
  private readonly anchors = new Map<string, Located | undefined>();
  private values = 0;
  private readonly report: (offset: number, message: string) => void;

  constructor(report: (offset: number, message: string) => void) {
    this.report = report;
  }

  convert(node: unknown, depth: number): Located {
    if (!isNode(node)) return leaf('', 0);
    const offset = node.range?.[0] ?? 0;
    this.values++;
    if (isAlias(node)) return this.follow(node.source, offset);
    if (depth > MAX_DEPTH) {
      this.report(offset, `nested deeper than ${MAX_DEPTH} levels`);
      return leaf('', offset);
    }
    const anchor = node.anchor;
    if (anchor !== undefined) this.anchors.set(anchor, undefined);
    const located = this.convertPlain(node, offset, depth);
    if (anchor !== undefined) this.anchors.set(anchor, located);
    return located;
  }

  private convertPlain(node: Node, offset: number, depth: number): Located {
    if (isMap(node)) return this.convertMap(node, offset, depth);
    if (isSeq(node)) {
      const located: Located = { value: undefined, offset, children: new Map(), size: 1 };
      located.value = node.items.map((item, index) => {
        const child = this.convert(isPair(item) ? null : item, depth + 1);
        located.size += child.size;
        located.children.set(String(index), { keyOffset: child.offset, item: child });
        return child.value;
      });
      return located;
    }
    const text = isScalar(node) && typeof node.value === 'string' ? node.value : '';
    return leaf(text, offset);
  }

  private convertMap(map: YAMLMap, offset: number, depth: number): Located {
    const located: Located = { value: undefined, offset, children: new Map(), size: 1 };
    const merged: Located[] = [];
    for (const { key, value } of map.items) {
      const keyOffset = isNode(key) ? (key.range?.[0] ?? offset) : offset;
      if (!isScalar(key)) {
        this.report(keyOffset, 'a key must be a plain word');
        continue;
      }
      const item = this.convert(value, depth + 1);
      if (!isNode(value)) item.offset = keyOffset;
      located.size += item.size;
      if (isMergeKey(key.value)) merged.push(...this.mergeSources(item, keyOffset));
      else located.children.set(String(key.value), { keyOffset, item });
    }
    // A map's own keys win over merged ones, wherever the `<<` stands.
    for (const source of merged) {
      for (const [key, child] of source.children) {
        if (!located.children.has(key)) located.children.set(key, child);
      }
    }
    located.value = Object.fromEntries(
      [...located.children].map(([key, { item }]) => [key, item.value]),
    );
    return located;
  }

  private mergeSources(item: Located, keyOffset: number): Located[] {
    const sources = Array.isArray(item.value)
      ? [...item.children.values()].map((child) => child.item)
      : [item];
    if (sources.every(isLocatedMap)) return sources;
    this.report(keyOffset, '"<<" takes a map or a list of maps, such as *defaults');
    return [];
  }

  private follow(anchor: string, offset: number): Located {
    const target = this.anchors.get(anchor);
    if (target === undefined) {
      this.report(
        offset,
        this.anchors.has(anchor)
          ? `*${anchor} refers to itself`
          : `*${anchor} has no anchor &${anchor} before it`,
      );
      return leaf('', offset);
    }
    const exhausted = this.values > MAX_VALUES;
    this.values += target.size;
    if (this.values <= MAX_VALUES) return target;
    // From here on nothing is followed, or the work would grow with what the aliases stand for.
    if (!exhausted) this.report(offset, `aliases stand for more than ${MAX_VALUES} values`);
    return leaf('', offset);
  }
}

function leaf(value: string, offset: number): Located {
  return { value, offset, children: new Map(), size: 1 };
}

function isLocatedMap({ value }: Located): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMergeKey(key: unknown): boolean {
  return key === '<<' || (typeof key === 'symbol' && key.description === '<<');
}
