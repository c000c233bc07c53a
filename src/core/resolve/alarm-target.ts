import * as z from 'zod';
import type { Alarm } from '../record/alarm.ts';
import { IncidentNode } from '../record/incident.ts';
import { INSTANCE_ID, LOAD_BALANCER, type NodeSelector, TARGET_GROUP } from './node-selector.ts';

/** Tag of an alarm that says which nodes it is about. */
export const TARGET_TAG = 'medic:target';

const WAYS = ['instanceIds', 'tag', 'autoScalingGroup', 'cluster', 'targetGroup'] as const;

/** Which nodes an alarm is about, said by the operator in one of five ways; it counts more than anything the alarm says. */
export const AlarmTarget = z
  .strictObject({
    /** Name or ARN of the alarm. */
    alarm: z.string().min(1),
    instanceIds: z.array(z.string().regex(INSTANCE_ID, 'must be instance ids')).min(1).max(1000).optional(),
    /** Tag that the instances carry. */
    tag: z.strictObject({ key: z.string().min(1).max(128), value: z.string().max(256) }).optional(),
    autoScalingGroup: z.string().min(1).max(255).optional(),
    /** Name of the Kubernetes cluster. */
    cluster: z.string().min(1).max(100).optional(),
    /** `targetgroup/NAME/ID`, the last part of its ARN. */
    targetGroup: z.string().regex(TARGET_GROUP, 'must be targetgroup/NAME/ID').optional(),
    /** The group that these nodes are of, where their tags do not say. */
    group: IncidentNode.pick({
      cluster: true,
      nodeGroup: true,
      nodePool: true,
      autoScalingGroup: true,
    }).optional(),
  })
  .refine((target) => WAYS.filter((way) => target[way] !== undefined).length === 1, {
    message: `must have exactly one of ${WAYS.join(', ')}`,
  });
export type AlarmTarget = z.infer<typeof AlarmTarget>;

/** What the operator said about an alarm, by its name or ARN. */
export const targetOf = (
  targets: readonly AlarmTarget[],
  { name, arn }: Pick<Alarm, 'name' | 'arn'>,
): AlarmTarget | undefined => targets.find(({ alarm }) => alarm === name || alarm === arn);

/** What the operator's word for an alarm stands for; nothing when nothing was said. */
export function configuredSelectors(
  targets: readonly AlarmTarget[],
  alarm: Pick<Alarm, 'name' | 'arn'>,
): readonly NodeSelector[] | undefined {
  const target = targetOf(targets, alarm);
  if (target === undefined) return undefined;
  const { instanceIds = [], tag, autoScalingGroup, cluster, targetGroup } = target;
  return [
    ...instanceIds.map((instanceId): NodeSelector => ({ kind: 'instance', instanceId })),
    ...(tag === undefined ? [] : [{ kind: 'tag', ...tag } as const]),
    ...(autoScalingGroup === undefined
      ? []
      : [{ kind: 'auto-scaling-group', name: autoScalingGroup } as const]),
    ...(cluster === undefined ? [] : [{ kind: 'cluster', name: cluster } as const]),
    ...(targetGroup === undefined ? [] : [{ kind: 'target-group', id: targetGroup } as const]),
  ];
}

/**
 * Reads the value of {@link TARGET_TAG}: words separated by spaces, each an instance id, `asg:NAME`, `cluster:NAME`,
 * `tag:KEY=VALUE`, `targetgroup/NAME/ID`, `app/NAME/ID` or `net/NAME/ID`. Tag values of AWS hold no commas.
 * @returns the first word that is none of these, when there is one
 */
export function readTargetTag(
  value: string,
): { readonly selectors: readonly NodeSelector[] } | { readonly unreadable: string } {
  const words = value.split(/\s+/).filter((word) => word !== '');
  const read = words.map((word) => ({ word, selector: selectorOfWord(word) }));
  const bad = read.find(({ selector }) => selector === undefined);
  if (bad !== undefined || words.length === 0) return { unreadable: bad?.word ?? '' };
  return { selectors: read.flatMap(({ selector }) => selector ?? []) };
}

function selectorOfWord(word: string): NodeSelector | undefined {
  if (INSTANCE_ID.test(word)) return { kind: 'instance', instanceId: word };
  if (TARGET_GROUP.test(word)) return { kind: 'target-group', id: word };
  if (LOAD_BALANCER.test(word)) return { kind: 'load-balancer', id: word };
  const [, kind, rest = ''] = /^(asg|cluster|tag):(.+)$/.exec(word) ?? [];
  if (kind === 'asg') return { kind: 'auto-scaling-group', name: rest };
  if (kind === 'cluster') return { kind: 'cluster', name: rest };
  const [, key, value] = /^([^=]+)=(.*)$/.exec(rest) ?? [];
  return kind === 'tag' && key !== undefined && value !== undefined ? { kind: 'tag', key, value } : undefined;
}
