import { escapeMarkdown, tableOf } from '../markdown.ts';
import { changeNumbers } from '../plan/kinds.ts';
import type { NodeCollection } from '../record/collection.ts';
import type { Actor, Remediation } from '../record/incident.ts';
import { counted, measured, show } from '../words.ts';
import type { Audit } from './audit.ts';

/** An audit as a CommonMark document with GFM tables, for a ticket or a review. All foreign text in it is escaped. */
export function auditMarkdown(audit: Audit): string {
  const { incident, state, revision, digest } = audit;
  const sections = [
    `# Audit of ${incident}`,
    `State ${state}, revision ${revision} of the record. SHA-256 of everything below as JSON: \`${digest}\``,
    section('What started it', inputsOf(audit)),
    section('What happened', timelineOf(audit)),
    section('What was read', samplesOf(audit)),
    section('What the rules found', audit.collections.flatMap(findingsOf)),
    section('What was planned', plansOf(audit)),
    section('Who decided', decisionsOf(audit)),
    section('What was sent to nodes and what came of it', audit.remediations.flatMap(commandOf)),
    section('What later looks found', driftOf(audit)),
    section('What is kept on the node group', keptOf(audit)),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function section(title: string, parts: readonly string[]): string {
  return parts.length === 0 ? '' : [`## ${title}`, ...parts].join('\n\n');
}

function inputsOf({ alarm, openedAt, seen, alarmOkAt, nodes, nodeGaps }: Audit): string[] {
  const dimensions = alarm.dimensions.map(({ name, value }) => `${name}=${value}`).join(', ');
  return [
    tableOf(
      ['Input', 'Value'],
      [
        ['Alarm', alarm.arn],
        ['Watches', alarm.metric],
        ['Dimensions', dimensions],
        ['State change', `${alarm.state} at ${alarm.changedAt}`],
        ['Reason given', alarm.reason],
        ['Opened', openedAt],
        ['Fired', `${counted(seen.count, 'time')}, last at ${seen.lastAt}`],
        ...(alarmOkAt === undefined ? [] : [['Back to OK', alarmOkAt]]),
        ['Nodes', nodes.map(({ instanceId }) => instanceId).join(', ')],
      ],
    ),
    ...nodeGaps.map((gap) => `- ${escapeMarkdown(gap)}`),
  ];
}

function timelineOf({ transitions }: Audit): string[] {
  const rows = transitions.map(({ at, to, actor, why = '' }) => [at, to, whoIs(actor), why]);
  return [tableOf(['When', 'State', 'By', 'Why'], rows)];
}

function samplesOf({ collections }: Audit): string[] {
  if (collections.length === 0) return [];
  const rows = collections.map((one) => [
    `${one.collection}`,
    one.instanceId,
    one.collectedAt,
    one.command === undefined
      ? ''
      : `${one.command.id}, document ${one.command.documentHash}${one.askedBy === undefined ? '' : `, asked by ${one.askedBy}`}`,
    one.evidence === undefined ? '' : `${one.evidence} (SHA-256 ${one.evidenceHash ?? 'not recorded'})`,
    outcomeOf(one),
  ]);
  return [tableOf(['Collection', 'Node', 'Sent', 'Command', 'Raw text', 'Outcome'], rows)];
}

function outcomeOf({ outcome }: NodeCollection): string {
  if (outcome.kind === 'failed') return outcome.why;
  const { diagnosis, figures, halfApplied, halfAppliedUnread } = outcome;
  const use =
    figures.count === undefined || figures.max === undefined
      ? ''
      : `; ${show(figures.count)} of ${counted(figures.max, 'entry')}`;
  const half = halfApplied
    ? '; half-applied'
    : halfAppliedUnread === true
      ? '; half-applied or not: not read'
      : '';
  return `${diagnosis.verdict} (${diagnosis.confidence})${use}${half}`;
}

function findingsOf({ collection, instanceId, outcome }: NodeCollection): string[] {
  if (outcome.kind === 'failed') return [];
  const rows = outcome.diagnosis.findings.flatMap(({ mode, state, because, missing = [] }) =>
    state === 'absent'
      ? []
      : [
          ...because.map(({ fact, value, unit, threshold, source }) => [
            mode,
            state,
            fact,
            measured({ value, unit }),
            threshold,
            source,
          ]),
          ...missing.map((source) => [mode, state, 'not readable', '', '', source]),
        ],
  );
  const absent = outcome.diagnosis.findings
    // A conclusion from all other modes has no fact that speaks against it.
    .filter(({ state, because }) => state === 'absent' && because.length > 0)
    .map(({ mode }) => mode)
    .join(', ');
  return [
    `### Collection ${collection}, ${instanceId}`,
    ...(rows.length === 0
      ? []
      : [tableOf(['Mode', 'State', 'Fact', 'Seen', 'Held against', 'Source'], rows)]),
    ...(absent === '' ? [] : [`Ruled out: ${absent}.`]),
    ...outcome.diagnosis.gaps.map((gap) => `- ${escapeMarkdown(gap)}`),
  ];
}

function plansOf({ plans }: Audit): string[] {
  return plans.flatMap(({ digest, collection, nodes }) => [
    `### Plan \`${digest}\` on collection ${collection}`,
    ...nodes.map((node) => `- ${node.instanceId}: ${escapeMarkdown(changeNumbers(node))}`),
  ]);
}

function decisionsOf({ decisions }: Audit): string[] {
  if (decisions.length === 0) return [];
  const rows = decisions.map(({ number, kind, actor, at, planDigest = '', slack }) => [
    `${number}`,
    kind,
    whoIs(actor),
    at,
    planDigest,
    slack === undefined ? '' : `${slack.team} ${slack.channel} ${slack.message}`,
  ]);
  return [tableOf(['Number', 'Decision', 'By', 'When', 'Plan', 'Slack message'], rows)];
}

function commandOf(step: Remediation): string[] {
  const { kind, instanceId, decision, claimedAt, commandId, documentHash, finishedAt, verification } = step;
  const change = (what: string, values: { before: number; after: number } | undefined) =>
    values === undefined ? [] : [[what, `${show(values.before)} → ${show(values.after)}`]];
  return [
    `### ${kind} on ${instanceId}`,
    tableOf(
      ['Fact', 'Value'],
      [
        ['Ordered by decision', `${decision}`],
        ['Claimed', claimedAt],
        ['Command', commandId ?? 'none is known'],
        ['Document SHA-256', documentHash ?? 'none is known'],
        ['Finished', finishedAt ?? 'not known'],
        ['Outcome', `${step.outcome ?? 'not known'}${step.differs === true ? ', not as planned' : ''}`],
        ...change('nf_conntrack_max', step.max),
        ...change('nf_conntrack_buckets', step.buckets),
        ...(step.values ?? []).flatMap(({ key, ...values }) => change(key, values)),
        ...(step.deleted === undefined ? [] : [['Entries deleted', show(step.deleted)]]),
        ...(step.detail === undefined ? [] : [['Said', step.detail]]),
        ...(step.warnings ?? []).map((warning) => ['Warning', warning]),
        ...(verification === undefined
          ? []
          : [
              [
                `Verification by collection ${verification.collection}`,
                `${verification.passed ? 'passed' : 'failed'}: ${verification.why}`,
              ],
            ]),
      ],
    ),
  ];
}

function driftOf({ drift = [] }: Audit): string[] {
  if (drift.length === 0) return [];
  const rows = drift.flatMap(({ at, collection, nodes }) =>
    nodes.map(({ instanceId, state, by = '', why }) => [at, `${collection}`, instanceId, state, by, why]),
  );
  return [tableOf(['When', 'Collection', 'Node', 'State', 'Moved by', 'Found'], rows)];
}

function keptOf({ association }: Audit): string[] {
  if (association === undefined) return [];
  const { decision, group, tags, max, buckets, claimedAt, state, associationId, documentHash } = association;
  return [
    tableOf(
      ['Fact', 'Value'],
      [
        ['Ordered by decision', `${decision}`],
        ['Group', group],
        ['Tags', tags.map(({ key, value }) => `${key}=${value}`).join(', ')],
        ['At least', `nf_conntrack_max ${show(max)}, nf_conntrack_buckets ${show(buckets)}`],
        ['Claimed', claimedAt],
        ['State', `${state}, ${association.changedAt ?? claimedAt}`],
        ['Association', associationId ?? 'none is known'],
        ['Document', `SHA-256 ${documentHash ?? 'not known'}, version ${association.documentVersion ?? '-'}`],
        ...(association.detail === undefined ? [] : [['Said', association.detail]]),
      ],
    ),
  ];
}

function whoIs(actor: Actor): string {
  return actor.kind === 'slack-user' ? `${actor.name} (${actor.id})` : `the ${actor.kind}`;
}
