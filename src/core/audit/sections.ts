import { changeNumbers } from '../plan/kinds.ts';
import type { NodeCollection } from '../record/collection.ts';
import type { Actor, Remediation } from '../record/incident.ts';
import type { NodeTrace } from '../record/traced/found.ts';
import { counted, measured, show } from '../words.ts';
import type { Audit } from './audit.ts';

/** A piece of an audit: plain text, which whoever draws it escapes. */
export type AuditPart =
  | { readonly kind: 'heading' | 'item' | 'sentence'; readonly text: string }
  | {
      readonly kind: 'table';
      readonly head: readonly string[];
      readonly rows: readonly (readonly string[])[];
    };

/** A chapter of an audit; none is without parts. */
export interface AuditSection {
  readonly title: AuditTitle;
  readonly parts: readonly AuditPart[];
}

/** The chapters, in the order in which they are read. */
export type AuditTitle = keyof typeof CHAPTERS;

const CHAPTERS = {
  'What started it': inputsOf,
  'What happened': timelineOf,
  'What was read': samplesOf,
  'What the rules found': ({ collections }: Audit) => collections.flatMap(findingsOf),
  'What was planned': plansOf,
  'Who decided': decisionsOf,
  'Where SYNs were traced': tracesOf,
  'Which verdicts were called wrong': doubtsOf,
  'What was sent to nodes and what came of it': ({ remediations }: Audit) => remediations.flatMap(commandOf),
  'What later looks found': driftOf,
  'What is kept on the node group': keptOf,
} as const;

/** Everything that an audit tells people, chapter by chapter. */
export function auditSections(audit: Audit): readonly AuditSection[] {
  return Object.entries(CHAPTERS).flatMap(([title, partsOf]) => {
    const parts = partsOf(audit);
    return parts.length === 0 ? [] : [{ title: title as AuditTitle, parts }];
  });
}

const heading = (text: string): AuditPart => ({ kind: 'heading', text });
const item = (text: string): AuditPart => ({ kind: 'item', text });
const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): AuditPart => ({
  kind: 'table',
  head,
  rows,
});

function inputsOf({ alarm, openedAt, seen, alarmOkAt, nodes, nodeGaps }: Audit): AuditPart[] {
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
    ...nodeGaps.map(item),
  ];
}

function timelineOf({ transitions }: Audit): AuditPart[] {
  const rows = transitions.map(({ at, to, actor, why = '' }) => [at, to, whoIs(actor), why]);
  return [tableOf(['When', 'State', 'By', 'Why'], rows)];
}

function samplesOf({ collections }: Audit): AuditPart[] {
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

/** Each is a reading that the rules may get wrong: with its raw text it makes a recorded case. */
function doubtsOf({ doubts = [], collections }: Audit): AuditPart[] {
  if (doubts.length === 0) return [];
  const rows = doubts.flatMap(({ at, actor, readings }) =>
    readings.map(({ instanceId, collection, verdict }) => {
      const reading = collections.find(
        (one) => one.instanceId === instanceId && one.collection === collection,
      );
      const raw =
        reading?.evidence === undefined
          ? 'not kept'
          : `${reading.evidence} (SHA-256 ${reading.evidenceHash ?? 'not recorded'})`;
      return [at, whoIs(actor), instanceId, `${collection}`, verdict, raw];
    }),
  );
  return [
    {
      kind: 'sentence',
      text: 'To keep one as a case, save its raw text as capture.txt beside a case.json that says what was true, under test/fixtures/captures.',
    },
    tableOf(['When', 'Who', 'Node', 'Collection', 'Verdict', 'Raw text'], rows),
  ];
}

/** Who had it looked for, what each node showed, what that did to its verdict, and which files it left. */
function tracesOf({ synTraces = [] }: Audit): AuditPart[] {
  return synTraces.flatMap(({ number, at, actor, seconds, port, endedAt, nodes = [] }) => [
    heading(
      `Trace ${number}, ordered by ${whoIs(actor)} at ${at}, ${seconds} s, ${port === undefined ? 'every port' : `tcp ${port}`}, ${endedAt === undefined ? 'not over' : `ended ${endedAt}`}`,
    ),
    ...(nodes.length === 0
      ? []
      : [tableOf(['Node', 'Command', 'Found', 'Against the verdict', 'Files'], nodes.map(traceRow))]),
  ]);
}

function traceRow({ instanceId, command, output, outcome }: NodeTrace): string[] {
  const sent = command === undefined ? '' : `${command.id}, document ${command.documentHash}`;
  const traced = outcome.kind === 'traced' ? outcome : undefined;
  const files = [output, traced?.flowTable, traced?.packets].flatMap((file) =>
    file === undefined ? [] : [`${file.address} (SHA-256 ${file.hash})`],
  );
  const bearing = traced?.bearing;
  return [
    instanceId,
    sent,
    outcome.kind === 'failed' ? outcome.why : outcome.sentences.join(' '),
    bearing === undefined ? '' : `${bearing.verdict}: ${bearing.why} (${bearing.kind})`,
    files.join(', '),
  ];
}

function findingsOf({ collection, instanceId, outcome }: NodeCollection): AuditPart[] {
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
    heading(`Collection ${collection}, ${instanceId}`),
    ...(rows.length === 0
      ? []
      : [tableOf(['Mode', 'State', 'Fact', 'Seen', 'Held against', 'Source'], rows)]),
    ...(absent === '' ? [] : [{ kind: 'sentence' as const, text: `Ruled out: ${absent}.` }]),
    ...outcome.diagnosis.gaps.map(item),
  ];
}

function plansOf({ plans }: Audit): AuditPart[] {
  return plans.flatMap(({ digest, collection, nodes }) => [
    heading(`Plan ${digest} on collection ${collection}`),
    ...nodes.map((node) => item(`${node.instanceId}: ${changeNumbers(node)}`)),
  ]);
}

function decisionsOf({ decisions }: Audit): AuditPart[] {
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

function commandOf(step: Remediation): AuditPart[] {
  const { kind, instanceId, decision, claimedAt, commandId, documentHash, finishedAt, verification } = step;
  const change = (what: string, values: { before: number; after: number } | undefined) =>
    values === undefined ? [] : [[what, `${show(values.before)} → ${show(values.after)}`]];
  return [
    heading(`${kind} on ${instanceId}`),
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

function driftOf({ drift = [] }: Audit): AuditPart[] {
  if (drift.length === 0) return [];
  const rows = drift.flatMap(({ at, collection, nodes }) =>
    nodes.map(({ instanceId, state, by = '', why }) => [at, `${collection}`, instanceId, state, by, why]),
  );
  return [tableOf(['When', 'Collection', 'Node', 'State', 'Moved by', 'Found'], rows)];
}

function keptOf({ association }: Audit): AuditPart[] {
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
