import type { IncidentHead } from '../../record/incident.ts';
import type { NodeTrace } from '../../record/traced/found.ts';
import { takenAway } from '../../remediation/taken-away.ts';
import { withoutNode } from '../../words.ts';

/** What is said in the thread once the trace of this number is over; nothing while it runs. */
export function traceNote(head: IncidentHead, number: number): string | undefined {
  const trace = head.synTraces?.find((one) => one.number === number);
  if (trace?.endedAt === undefined) return undefined;
  const { seconds, port, nodes = [], actor, endedAt } = trace;
  const what = port === undefined ? 'every new connection' : `new connections to tcp ${port}`;
  const who = actor.name === '' ? actor.id : actor.name;
  const first = `Traced SYNs for ${seconds} s, ${what}, asked for by @${who}, ended ${endedAt.slice(0, 10)} ${endedAt.slice(11, 19)}Z:`;
  const isKept = nodes.some(({ outcome }) => outcome.kind === 'traced' && outcome.packets !== undefined);
  return [
    first,
    // A note has an end: what it does to the buttons comes first.
    ...(isTakenAwayBy(head, endedAt)
      ? [
          'More room in the table brings none of what was lost back: the change is not offered any more, until the nodes are read again.',
        ]
      : []),
    ...nodes.map(ofNode),
    ...(isKept
      ? [
          'The headers are kept as a file for Wireshark, for approvers: "Raw output of the nodes" in the menu of the card.',
        ]
      : []),
  ].join('\n');
}

const isTakenAwayBy = (head: IncidentHead, endedAt: string): boolean => takenAway(head)?.at === endedAt;

function ofNode(trace: NodeTrace): string {
  const bearing = trace.outcome.kind === 'traced' ? trace.outcome.bearing : undefined;
  const against = bearing === undefined ? '' : ` That speaks against ${bearing.verdict}: ${bearing.why}.`;
  return `• ${nodeTraceWords(trace)}${against}`;
}

/** What a trace showed on one node, or why it showed nothing, in whole sentences. */
export const nodeTraceWords = ({ instanceId, outcome }: NodeTrace): string =>
  outcome.kind === 'failed'
    ? `${instanceId}: not traced. ${withoutNode(instanceId, outcome.why)}`
    : `${instanceId}: ${outcome.sentences.join(' ')}`;
