import { escapeMarkdown } from '../markdown.ts';
import { asRaise } from '../plan/kinds.ts';
import type { Runbook } from '../ports.ts';
import type { IncidentHistory } from '../record/incident.ts';
import type { RaisePlan } from '../record/plan.ts';
import { standingChanges } from '../remediation/drift.ts';
import { nodeCount, show } from '../words.ts';
import { lastingMarkdown, lastingPatches } from './patches/lasting-patches.ts';
import { placed } from './way-onto-node.ts';

/**
 * What the thread says once a raise stands: which layers undo it, and the patches against that. The largest raise leads,
 * since kube-proxy has one configuration for all nodes.
 *
 * @returns nothing when no raise stands or every layer is covered
 */
export function lastingRunbook({ head, plans }: IncidentHistory): Runbook | undefined {
  // The newest plan stands in the head, whether or not its copy could be kept.
  const shown = head.plan === undefined ? plans : [...plans, head.plan];
  const newest = new Map(shown.flatMap(({ nodes }) => nodes).map((node) => [node.instanceId, node]));
  const raised = standingChanges(head).flatMap((instanceId) => {
    const raise = asRaise(newest.get(instanceId));
    return raise === undefined ? [] : [raise];
  });
  const [first] = raised.toSorted((a, b) => b.max.to - a.max.to);
  if (first === undefined) return undefined;
  const gaps = first.layers.filter(({ state }) => state === 'not-covered' || state === 'unknown');
  if (gaps.length === 0) return undefined;
  const node = head.nodes.find(({ instanceId }) => instanceId === first.instanceId);
  const title = 'Make it last';
  const markdown = [
    `# ${title}`,
    `The raise to ${show(first.max.to)} stands. What it does not survive by itself${gaps.some(({ state }) => state === 'unknown') ? ', or is not known to' : ''}:`,
    gaps.map(({ layer, how }) => `- ${layer}: ${escapeMarkdown(how)}`).join('\n'),
    ...otherNumbers(raised, first),
    'Each change below is a file or a command of yours: the product makes none of them.',
    lastingMarkdown(lastingPatches(first, node && placed(node, head))),
  ].join('\n\n');
  return { title, markdown: `${markdown}\n` };
}

/** Most nodes that are named with their own numbers. */
const NAMED = 5;

/** The raised nodes with other numbers than the leading one, and whether kube-proxy gives them the leading one's limit. */
function otherNumbers(raised: readonly RaisePlan[], first: RaisePlan): string[] {
  const others = raised.filter(
    ({ max, buckets }) => max.to !== first.max.to || buckets.to !== first.buckets.to,
  );
  if (others.length === 0) return [];
  const named = others
    .slice(0, NAMED)
    .map(
      ({ instanceId, max, buckets }) =>
        `- \`${instanceId}\`: limit ${show(max.to)}, buckets ${show(buckets.to)}`,
    );
  const rest = others.length > NAMED ? [`- and ${nodeCount(others.length - NAMED)} more`] : [];
  const shared =
    first.kubeProxy === undefined
      ? ''
      : ' kube-proxy has one setting for all nodes: with that of the patch it gives them the larger limit too.';
  return [
    `The numbers are those of \`${first.instanceId}\`. ${others.length === 1 ? 'Another node has its own' : 'Other nodes have their own'}:`,
    [...named, ...rest].join('\n'),
    `A file for ${others.length === 1 ? 'that node' : 'one of those nodes'} takes its numbers.${shared}`,
  ];
}
