import { isWarning } from '../../src/core/incident/warning-alarm.ts';
import { counted, nodeCount, show } from '../../src/core/words.ts';
import type { LocalService } from '../demo/service.ts';
import type { DemoNodes, HealingEvidence } from '../demo-nodes.ts';
import { APPROVER } from '../slack/people.ts';

/** A warning counts as one that came before it hurt from so many minutes on: time in which a person can react. */
const AHEAD_MINUTES = 30;

/** Whether a warning came before it hurt and the alarms made one incident, by the cards and their records. */
export async function storyOf(
  { slack, store, alarmArn }: Pick<LocalService, 'slack' | 'store' | 'alarmArn'>,
  { moreAlarms = [] }: Pick<DemoNodes, 'moreAlarms'>,
): Promise<HealingEvidence> {
  const ids = slack.workspace
    .channelAs(APPROVER.id)
    .flatMap(({ metadata }) => metadata?.event_payload['incident'] ?? [])
    .map(String);
  const heads = (await Promise.all([...new Set(ids)].map((id) => store.head(id)))).flatMap(
    (head) => head ?? [],
  );
  const ofAlarms = heads.filter(({ alarm }) => !isWarning(alarm));
  const [leader] = ofAlarms.filter(({ alarm }) => alarm.arn === alarmArn);
  const joined = leader === undefined ? [] : await store.joins.alarmsOf(leader.id);
  const alarms = moreAlarms.length + 1;
  const warned = heads.filter(({ alarm }) => isWarning(alarm));
  const minutesBefore = Math.max(
    0,
    ...warned.map(({ alarm }) =>
      leader === undefined
        ? 0
        : Math.round((Date.parse(leader.seen.lastAt) - Date.parse(alarm.changedAt)) / 60_000),
    ),
  );
  const checks = [
    [
      minutesBefore >= AHEAD_MINUTES,
      `a quiet card warned ${show(minutesBefore)} min before the first alarm of ${nodeCount(warned[0]?.nodes.length ?? 0)}`,
    ],
    [
      leader?.warned?.becameThis === true,
      `the card of the warning became incident ${leader?.id ?? ''} when the alarm came`,
    ],
    [
      ofAlarms.length === 1 && new Set(joined.map(({ arn }) => arn)).size >= alarms - 1,
      `${counted(alarms, 'alarm')}, ${counted(ofAlarms.length, 'card')}`,
    ],
  ] as const;
  return {
    healed: checks.every(([holds]) => holds),
    lines: checks.map(([holds, line]) => `${holds ? '✓' : '✗'} ${line}`),
  };
}
