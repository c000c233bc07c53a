import { defineSignature } from '../../src/core/diagnosis/signature.ts';

/** Nothing else could be shown or ruled out: essential evidence is missing or contradicts itself. */
export default defineSignature({
  id: 'insufficient-evidence',
  title: 'Not enough evidence for a verdict',
  order: { stage: 'conclusion', position: 20 },
  conclude(snapshot, results) {
    const hasMatch = [...results.values()].some((result) => result.state === 'match');
    const missing = new Set(
      [...results.values()].flatMap((result) => (result.state === 'undetermined' ? result.missing : [])),
    );
    if (!snapshot.windowSeconds.known) missing.add(`a second sample (${snapshot.windowSeconds.why})`);
    return hasMatch
      ? { state: 'no-match', evidence: [] }
      : {
          state: 'match',
          impact: 'pressure',
          confidence: 'low',
          evidence: [],
          headline: headlineOf([...missing]),
          raise: { allowed: false, why: 'Nothing shows that the table is too small.' },
        };
  },
});

function headlineOf(missing: readonly string[]): string {
  if (missing.length === 0)
    return 'No verdict: something is wrong on the network path, but no known failure mode explains it.';
  const [first, second, ...rest] = missing;
  const list = [first, second].filter((item) => item !== undefined).join('; ');
  return `No verdict: missing ${list}${rest.length > 0 ? `; and ${rest.length} more` : ''}.`;
}
