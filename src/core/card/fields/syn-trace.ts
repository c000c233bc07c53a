import { runningTrace } from '../../incident/syn-trace/order.ts';
import { nodeTraceWords } from '../../incident/syn-trace/words.ts';
import type { IncidentHead } from '../../record/incident.ts';
import type { NodeTrace } from '../../record/traced/found.ts';
import type { SynTrace } from '../../record/traced/order.ts';
import { newestTrace } from '../../remediation/taken-away.ts';
import { firstOf, nodeCount, utcTime, withoutNode } from '../../words.ts';
import { personName } from '../context.ts';
import type { CardField } from '../model.ts';

/** That SYNs are being traced, or what the newest trace found, in as few words; nothing before one was ordered. */
export function tracedAtAGlance(head: IncidentHead, now: number): readonly CardField[] {
  const running = runningTrace(head);
  if (running !== undefined) {
    const { instanceIds, seconds, actor } = running;
    const where = instanceIds.length === 1 ? (instanceIds[0] ?? '') : nodeCount(instanceIds.length);
    const by = actor.kind === 'slack-user' ? `, asked for by ${personName(actor)}` : '';
    return [{ label: 'SYN trace', value: `tracing ${where} for ${seconds} s${by}` }];
  }
  const trace = newestTrace(head);
  const told = mostTelling(trace?.nodes ?? []);
  if (trace === undefined || told === undefined) return [];
  const where = (trace.nodes?.length ?? 0) > 1 ? `${told.instanceId}: ` : '';
  return [{ label: 'SYN trace', value: `${utcTime(overAt(trace), now)} ${where}${briefly(told)}` }];
}

/** When it was over: the time that what is said of its verdict names, too. */
const overAt = ({ at, endedAt = at }: SynTrace): string => endedAt;

/** The node of a trace that says most: whose verdict it speaks against, otherwise where most connections had trouble. */
function mostTelling(nodes: readonly NodeTrace[]): NodeTrace | undefined {
  const says = ({ outcome }: NodeTrace): number =>
    outcome.kind === 'failed'
      ? -1
      : outcome.bearing === undefined
        ? (outcome.counts?.troubled ?? 0)
        : Infinity;
  return nodes.toSorted((a, b) => (says(a) === says(b) ? 0 : says(b) - says(a)))[0];
}

const briefly = ({ instanceId, outcome }: NodeTrace): string =>
  outcome.kind === 'failed'
    ? `not made: ${withoutNode(instanceId, outcome.why)}`
    : (outcome.sentences[0] ?? 'nothing was seen');

/** Nodes of one trace that are told in whole sentences. */
const NODES_TOLD = 3;

/** The same in whole sentences, a node each. */
export function tracedSentences(head: IncidentHead, now: number): readonly string[] {
  const trace = newestTrace(head);
  if (trace === undefined) return [];
  const { nodes = [], seconds } = trace;
  const told = firstOf(nodes.map(nodeTraceWords), NODES_TOLD);
  return [`Traced for ${seconds} s, ${utcTime(overAt(trace), now)}`, ...told];
}
