import {
  type BundleLayout,
  type BundleRow,
  LAYOUTS,
  LOGDOG,
  LOGDOG_MARK,
  MUST_GATHER,
  MUST_GATHER_MARK,
} from './layouts.ts';

/** Where a file of a bundle belongs. */
export interface Place {
  /** What of the path stands above the layout's own root: one root, one node, or one cluster. */
  readonly root: string;
  readonly layout: BundleLayout;
  readonly row: BundleRow;
  /** The command that printed it, as it may have been typed. */
  readonly command: string | undefined;
  /** What the row's own part of the path names: an interface, a namespace; empty where it names none. */
  readonly arg: string;
}

const PATTERNS = LAYOUTS.flatMap((layout) =>
  layout.rows.map((row) => ({
    layout,
    row,
    pattern: new RegExp(`^(?:(?<root>.*)/)?(?:${row.file})$`),
  })),
);

/** What a path has to hold where a layout's own names are too common. */
const MARKS: ReadonlyMap<BundleLayout, RegExp> = new Map([
  [LOGDOG, LOGDOG_MARK],
  [MUST_GATHER, MUST_GATHER_MARK],
]);

/**
 * The place of a file in the layouts that are known.
 *
 * @param path with forward slashes, the name of the archive or the folder in front
 * @returns `undefined` for what no layout names
 */
export function placeOf(path: string): Place | undefined {
  for (const { layout, row, pattern } of PATTERNS) {
    const match = pattern.exec(path);
    if (match === null) continue;
    if (MARKS.get(layout)?.test(path) === false) continue;
    const { root = '', arg = '' } = match.groups ?? {};
    return { root, layout, row, command: row.command?.replace('$1', () => arg), arg };
  }
  return undefined;
}

/** Endings of text that people save what a tool printed in; names without one count as well. */
const TEXT_NAME =
  /^[^.]{1,80}$|\.(?:txt|log|out|dmesg|text|prom|metrics|csv|tsv|json|xml|yaml|yml|conf|time|\d{1,4}|current|before|after)$/i;

/** Notes about a case, which are no evidence whatever they say, and what belongs to tools that lie about. */
const NOT_EVIDENCE =
  /(?:^|[-_.])(?:readme|notes?|truth|answers?|expected|solution|meta|case|licen[cs]e|changelog)(?:[-_.]|$)|^package(?:-lock)?\.json$/i;

/** Whether a file that no layout names may hold what a tool printed; a hidden file or one in a hidden folder never does. */
export function isLoose(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return !/(?:^|\/)\.[^/]/.test(path) && TEXT_NAME.test(name) && !NOT_EVIDENCE.test(name);
}
