import type { AlarmLookups, LookupsAt, NodeLookups } from '../../core/resolve/node-lookups.ts';

/**
 * The same lookups for one alarm: each question about alarms is asked once, however many want its answer. The nodes behind an alarm
 * and the shape of its latencies are found side by side, and both begin with what it watches.
 */
export function describedOnce(lookupsAt: LookupsAt): LookupsAt {
  const kept = new Map<NodeLookups, NodeLookups>();
  return (place) => {
    const lookups = lookupsAt(place);
    const { aws } = lookups;
    if (aws === undefined) return lookups;
    const known = kept.get(lookups) ?? { ...lookups, aws: { ...aws, alarms: askedOnce(aws.alarms) } };
    kept.set(lookups, known);
    return known;
  };
}

function askedOnce(alarms: AlarmLookups): AlarmLookups {
  const answers = new Map<string, ReturnType<AlarmLookups['describe']>>();
  return {
    describe: (names) => {
      const key = JSON.stringify(names);
      const answer = answers.get(key) ?? alarms.describe(names);
      answers.set(key, answer);
      return answer;
    },
    tag: (arn, key) => alarms.tag(arn, key),
  };
}
