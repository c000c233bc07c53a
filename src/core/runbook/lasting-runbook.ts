import { escapeMarkdown } from '../markdown.ts';
import type { Runbook } from '../notifier.ts';
import { asRaise } from '../plan/kinds.ts';
import type { IncidentHead, IncidentHistory } from '../record/incident.ts';
import type { RaisePlan } from '../record/plan.ts';
import { standingChanges } from '../remediation/drift.ts';
import { groupOfNode, targetOf } from '../remediation/node-group.ts';
import { firstOf, show } from '../words.ts';
import { lastingMarkdown, lastingPatches } from './patches/lasting-patches.ts';
import { placed } from './way-onto-node.ts';

/**
 * What the thread says once a raise stands: which layers undo it, and the patches against that. The largest raise leads: it
 * is the target of its whole group, and kube-proxy has one configuration for all nodes.
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
  const first = targetOf(raised);
  if (first === undefined) return undefined;
  const gaps = first.layers.filter(({ state }) => state === 'not-covered' || state === 'unknown');
  if (gaps.length === 0) return undefined;
  const node = head.nodes.find(({ instanceId }) => instanceId === first.instanceId);
  const title = 'Make it last';
  const markdown = [
    `# ${title}`,
    `The raise to ${show(first.max.to)} stands. What it does not survive by itself${gaps.some(({ state }) => state === 'unknown') ? ', or is not known to' : ''}:`,
    gaps.map(({ layer, how }) => `- ${layer}: ${escapeMarkdown(how)}`).join('\n'),
    ...otherNumbers(raised, first, head),
    'Each change below is a file or a command of yours: the product makes none of them.',
    lastingMarkdown(lastingPatches(first, node && placed(node, head))),
  ].join('\n\n');
  return { title, markdown: `${markdown}\n` };
}

/** Most nodes that are named with their own numbers. */
const NAMED = 5;

/**
 * Whose numbers the patches take, where raised nodes have different ones: those of the leading one's group get its numbers, for
 * they share a template; every other group, and each node whose group is not known, has its own.
 */
function otherNumbers(raised: readonly RaisePlan[], first: RaisePlan, { nodes }: IncidentHead): string[] {
  const groups = new Map(nodes.map((node) => [node.instanceId, groupOfNode(node)?.name]));
  const groupOf = ({ instanceId }: RaisePlan) => groups.get(instanceId) ?? instanceId;
  const byGroup = new Map<string, RaisePlan[]>();
  for (const raise of raised) byGroup.set(groupOf(raise), [...(byGroup.get(groupOf(raise)) ?? []), raise]);
  const own = groupOf(first);
  const isOther = ({ max, buckets }: RaisePlan) => max.to !== first.max.to || buckets.to !== first.buckets.to;
  const less = (byGroup.get(own) ?? []).filter(isOther).map(({ instanceId }) => `\`${instanceId}\``);
  const others = [...byGroup].flatMap(([name, raises]) => {
    const target = name === own ? undefined : targetOf(raises);
    return target === undefined || !isOther(target) ? [] : [{ name, target }];
  });
  if (less.length + others.length === 0) return [];
  const shared =
    first.kubeProxy === undefined
      ? ''
      : ' kube-proxy has one setting for all nodes: with that of the patch it gives them the larger limit too.';
  return [
    `The numbers are those of \`${first.instanceId}\`${less.length === 0 ? '.' : `, the largest of ${escapeMarkdown(own)}, which has one template for all its nodes; less was enough for ${firstOf(less, NAMED).join(', ')}.`}`,
    ...(others.length === 0
      ? []
      : [ownNumbers(others), `A file for one of those takes its numbers.${shared}`]),
  ];
}

/** The targets of other groups, each in a line. */
function ownNumbers(others: readonly { readonly name: string; readonly target: RaisePlan }[]): string {
  const named = others
    .slice(0, NAMED)
    .map(
      ({ name, target: { instanceId, max, buckets } }) =>
        `- ${name === instanceId ? `\`${instanceId}\`` : escapeMarkdown(name)}: limit ${show(max.to)}, buckets ${show(buckets.to)}`,
    );
  const rest = others.length > NAMED ? [`- and ${others.length - NAMED} more`] : [];
  return ['Others have their own:', '', ...named, ...rest].join('\n');
}
