import type { PasteLine } from '../paste-line.ts';
import { belowOf } from './above.ts';
import { type Heading, type HeadingForm, headingIn, RESULT, WORD_STYLE } from './heading-forms.ts';
import { HostNames } from './names.ts';
import { haveSameReadings, type Readings } from './readings.ts';

interface Candidate extends HeadingForm {
  readonly at: number;
}

/** Styles of headings that people write between what they paste, as they write sentences. */
const SPOKEN_STYLES: ReadonlySet<string> = new Set(['sentence', 'alone', 'machine', WORD_STYLE]);

/** Headings longer than this are sentences. */
const LONGEST = 140;

/**
 * Finds the headings that name hosts. Those of the outermost style count: what stands inside a host's block, however it is
 * headed, is of that host.
 *
 * @param known names that a loop in the text lists
 */
export function hostHeadings(
  lines: readonly PasteLine[],
  known: HostNames,
  readings: Readings,
): ReadonlyMap<number, Heading> {
  const candidates = lines.flatMap(({ text, command, host }, at) =>
    command === undefined &&
    host === undefined &&
    (text.length <= LONGEST || RESULT.test(text) || text.includes('"InstanceId"')) &&
    text.trim() !== ''
      ? headingIn(text, known).map((one) => ({ ...one, at }))
      : [],
  );
  const strong = candidates.filter(({ isStrong }) => isStrong);
  const styles = [...new Set(strong.map(({ style }) => style))];
  const outermost = styles.find((style) => hostsOf(strong.filter((one) => one.style === style)) >= 2);
  const chosen =
    outermost !== undefined
      ? strong.filter(({ style }) => style === outermost)
      : hostsOf(strong) >= 2
        ? strong
        : weakOnes(candidates, lines, readings);
  const isRule = (at: number) => /^-{8,}\s*$/.test(lines[at]?.text ?? '');
  return new Map(
    chosen.map((one) => {
      const isFormal = !SPOKEN_STYLES.has(one.style) || (isRule(one.at - 1) && isRule(one.at + 1));
      return [one.at, { ...one, isFormal }];
    }),
  );
}

/** How many different hosts headings name. */
function hostsOf(candidates: readonly Candidate[]): number {
  const names = new HostNames();
  for (const { name } of candidates) names.of(name);
  return names.count;
}

/** Any words may be names where the same is read below two of them, and nothing else below a third. */
function weakOnes(
  candidates: readonly Candidate[],
  lines: readonly PasteLine[],
  readings: Readings,
): readonly Candidate[] {
  for (const style of new Set(candidates.map((one) => one.style))) {
    const those = candidates.filter(
      (one) =>
        one.style === style &&
        (!/^(?:word|like )/.test(style) || belowOf(lines, one.at, readings)?.isDirect === true),
    );
    if (hostsOf(those) < 2) continue;
    const blocks = those.map(({ at, name }, index) => ({
      name,
      read: readings.namedWithin(at + 1, those[index + 1]?.at ?? lines.length),
    }));
    if (haveSameReadings(blocks)) return those;
  }
  return [];
}
