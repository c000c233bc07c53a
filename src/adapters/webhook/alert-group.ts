import * as z from 'zod';
import { alertIdentity } from '../../core/incident/alert-identity.ts';
import { ownTraces } from '../../core/incident/trace-link.ts';
import type { Alarm } from '../../core/record/alarm.ts';
import type { Place } from '../../core/record/place.ts';
import { counted } from '../../core/words.ts';
import { alertDimensions } from './alert-dimensions.ts';

const Labels = z.record(z.string(), z.string());
/** RFC 3339 with nanoseconds and any zone; the year 1 stands for "not yet". */
const Time = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'must be a time');

/** Alerts of a group that are read; a group with more says so in `truncatedAlerts` or is far too big to act upon. */
const ALERTS_MAX = 500;

/**
 * A group of alerts as Alertmanager sends it (Prometheus documentation, "Configuration", webhook_config, version "4"). Grafana sends
 * the same with more fields, among them `orgId` (Grafana documentation, "Configure webhook notifications").
 */
export const AlertGroup = z.looseObject({
  receiver: z.string(),
  status: z.enum(['firing', 'resolved']),
  groupKey: z.string().min(1),
  orgId: z.number().optional(),
  alerts: z
    .array(
      z.looseObject({
        status: z.enum(['firing', 'resolved']),
        labels: Labels.default({}),
        annotations: Labels.default({}),
        startsAt: Time,
        endsAt: Time,
      }),
    )
    .min(1)
    .max(ALERTS_MAX),
  groupLabels: Labels.default({}),
  commonLabels: Labels.default({}),
  commonAnnotations: Labels.default({}),
});
type AlertGroup = z.infer<typeof AlertGroup>;

/**
 * One alarm for one group, since a group is what its sender tells people of at once. It fires anew when another alert joins
 * it; a repeated notification of the same alerts is the same state change.
 */
export function alarmOfGroup(group: AlertGroup, home: Place): Alarm {
  const { alerts, commonLabels, commonAnnotations, groupLabels, groupKey, status, receiver } = group;
  const sender = group.orgId === undefined ? 'alertmanager' : 'grafana';
  const relevant = alerts.filter((alert) => alert.status === status);
  const told = relevant.length > 0 ? relevant : alerts;
  const name = commonLabels['alertname'] ?? groupLabels['alertname'] ?? told[0]?.labels['alertname'];
  const [first] = told;
  const reason = [commonAnnotations, first?.annotations ?? {}].flatMap(
    ({ summary, description }) => summary ?? description ?? [],
  )[0];
  const times = told.map(({ startsAt, endsAt }) => Date.parse(status === 'firing' ? startsAt : endsAt));
  return {
    ...alertIdentity(sender, home, `${group.orgId ?? ''} ${receiver} ${groupKey}`),
    name: (name || `Alerts of ${receiver}`).slice(0, 255),
    state: status === 'firing' ? 'ALARM' : 'OK',
    changedAt: new Date(Math.max(...times)).toISOString(),
    reason: (reason ?? '').slice(0, 1024),
    metric: `${counted(told.length, `${status} alert`)} of ${SENDERS[sender]}`,
    dimensions: alertDimensions(told.map(targeted)),
    ...ownTraces([commonAnnotations, ...told.map(({ annotations }) => annotations)]),
  };
}

const SENDERS = { alertmanager: 'Alertmanager', grafana: 'Grafana' } as const;

/** The target may be said in an annotation too, which does not change how alerts are grouped. */
function targeted({ labels, annotations }: AlertGroup['alerts'][number]): Readonly<Record<string, string>> {
  const target = annotations['medic_target'];
  return target === undefined ? labels : { ...labels, medic_target: target };
}
