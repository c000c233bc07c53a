import type { Catalogue } from '../diagnosis/signature.ts';
import { escapeMarkdown } from '../markdown.ts';
import type { Runbook } from '../notifier.ts';
import { asRaise, stepName } from '../plan/kinds.ts';
import type { NodeCollection } from '../record/collection.ts';
import type { Incident, IncidentHead, IncidentNode } from '../record/incident.ts';
import type { NodePlan, RaisePlan } from '../record/plan.ts';
import { groupOfNode, targetOf } from '../remediation/node-group.ts';
import { nodeOrder } from '../remediation/node-order.ts';
import { readingsOf } from '../remediation/readings.ts';
import { nodeStates } from '../remediation/steps.ts';
import { counted, withoutNode } from '../words.ts';
import { buttonsOf } from './buttons.ts';
import { disproofOf, isMade, madeParagraph } from './change-made.ts';
import { closedPlatformAdvice } from './closed-platforms.ts';
import { type RunbookTexts, renderNodeRunbook } from './render-runbook.ts';
import { shortRunbook } from './short-runbook.ts';
import type { RunbookSubject } from './slots.ts';
import { placed } from './way-onto-node.ts';

/**
 * The runbook of what the incident is about: that of the canary's verdict, or of the first node that could be read, as it
 * was when the change was approved. What was read since stands in it under a heading of its own.
 */
export function renderRunbook(incident: Incident, catalogue: Catalogue, texts: RunbookTexts): Runbook {
  const [first, ...others] = renderRunbooks(incident, catalogue, texts);
  if (others.length === 0) return first;
  const titles = others.map(({ title }) => `- ${title}`).join('\n');
  return {
    title: first.title,
    markdown: `${first.markdown}\n## Other verdicts of this incident\n\nTheir runbooks are in the thread:\n\n${titles}\n`,
  };
}

/** The runbook of each verdict of an incident, the one that the card leads with first; each with its worst node's numbers. */
export function renderRunbooks(
  incident: Incident,
  catalogue: Catalogue,
  texts: RunbookTexts,
): readonly [Runbook, ...Runbook[]] {
  const { head } = incident;
  const advice = closedPlatformAdvice(head.nodeGaps);
  const [first, ...others] = subjectsOf(incident, catalogue).map((subjects) =>
    withNodes(renderNodeRunbook(subjects[0], catalogue, texts), subjects, incident),
  );
  if (first === undefined) {
    const title = 'No evidence from any node';
    const next = advice ?? 'No node returned evidence, so there is nothing to explain yet. Collect again.';
    return [{ title, markdown: `# ${title}\n\n${next}\n` }];
  }
  if (advice === undefined) return [first, ...others];
  return [{ ...first, markdown: `${first.markdown}\n${advice}\n` }, ...others];
}

/** Where the whole of a runbook is that stands in the thread cut short. */
const WHOLE = 'under "Show runbook" on the card, and on the page of the incident';

/** The runbook of each verdict as the thread gets it: what is needed now, and where the rest is. */
export function threadRunbooks(
  incident: Incident,
  catalogue: Catalogue,
  texts: RunbookTexts,
): readonly Runbook[] {
  return renderRunbooks(incident, catalogue, texts).map((runbook) => shortRunbook(runbook, WHOLE));
}

/** A node with what its verdict rests on and what was read of it since. */
interface NodeSubject extends RunbookSubject {
  readonly node: string;
  readonly since: readonly NodeCollection[];
}

/** The nodes that gave evidence by their verdict, in the order of the card. */
function subjectsOf(
  incident: Incident,
  catalogue: Catalogue,
): readonly (readonly [NodeSubject, ...NodeSubject[]])[] {
  const { head } = incident;
  const identities = new Map(head.nodes.map((node) => [node.instanceId, placed(node, head)]));
  const compare = nodeOrder(head, catalogue);
  const byVerdict = new Map<string, [NodeSubject, ...NodeSubject[]]>();
  const againstOf = (plan: NodePlan | undefined) =>
    catalogue.flatMap(({ id, remediation }) => (remediation?.kind === plan?.kind ? [id] : []));
  const [buttonsFor, states] = [buttonsOf(head), nodeStates(head)];
  const nodes = [...readingsOf(incident)]
    .flatMap(([node, { basis, before, since }]) => {
      const { outcome } = basis;
      if (outcome.kind === 'failed') return [];
      const { diagnosis, figures, plan } = outcome;
      const buttons = buttonsFor(node);
      const state = states.get(node);
      const judged = {
        state,
        isMade: isMade({ plan, buttons }, since, state),
        disproof: buttons.change
          ? undefined
          : disproofOf(plan, state, againstOf(plan), since, head.drift ?? []),
      };
      return [{ node, outcome, diagnosis, figures, plan, before, since, buttons, ...judged }];
    })
    .toSorted((a, b) =>
      compare({ instanceId: a.node, basis: a.outcome }, { instanceId: b.node, basis: b.outcome }),
    );
  for (const one of nodes) {
    const { node, diagnosis, figures, plan, before, since, buttons } = one;
    const seen = figuresOf(since);
    const current = seen.at(-1) ?? figures;
    const readings = [...figuresOf(before), figures, ...seen];
    const subject = { node, diagnosis, figures, current, readings, plan, buttons, since };
    const known = byVerdict.get(diagnosis.verdict);
    if (known !== undefined) known.push(subject);
    // Its runbook is about this one.
    else {
      const identity = identities.get(node);
      const made = madeParagraph(one, nodes);
      const isDisproved = one.disproof !== undefined;
      const groupTarget = targetFor(identity, nodes, identities);
      byVerdict.set(diagnosis.verdict, [{ ...subject, identity, made, isDisproved, groupTarget }]);
    }
  }
  return [...byVerdict.values()];
}

/** The raise of another node that a node's whole group is given; nothing where it is this node's own. */
function targetFor(
  identity: IncidentNode | undefined,
  nodes: readonly { readonly node: string; readonly plan: NodePlan | undefined }[],
  identities: ReadonlyMap<string, IncidentNode>,
): RaisePlan | undefined {
  const group = identity && groupOfNode(identity)?.name;
  if (group === undefined) return undefined;
  const raises = nodes.flatMap(({ node, plan }) => {
    const other = identities.get(node);
    const raise = asRaise(plan);
    return raise === undefined || other === undefined || groupOfNode(other)?.name !== group ? [] : [raise];
  });
  const target = targetOf(raises);
  return target?.instanceId === identity?.instanceId ? undefined : target;
}

const figuresOf = (collections: readonly NodeCollection[]) =>
  collections.flatMap(({ outcome }) => (outcome.kind === 'diagnosed' ? [outcome.figures] : []));

/** Says before the first section whose runbook it is, where an incident has several nodes, and after the steps what was read since. */
function withNodes(
  { title, markdown }: Runbook,
  subjects: readonly [NodeSubject, ...NodeSubject[]],
  { head, collections }: Incident,
): Runbook {
  const [{ node }, ...others] = subjects;
  const where =
    collections.length < 2
      ? []
      : [
          others.length === 0
            ? `This is about \`${node}\`, one of ${counted(collections.length, 'node')} that were asked.`
            : `This is about ${subjects.length} of ${counted(collections.length, 'node')} that were asked; the numbers are those of \`${node}\`.`,
        ];
  const since = sinceThen(subjects, head);
  const told = inserted(markdown, /^## /m, where);
  return { title, markdown: inserted(told, /^## Meaning$/m, since) };
}

/** Puts paragraphs before the first place that a pattern finds, or at the end. */
function inserted(markdown: string, place: RegExp, paragraphs: readonly string[]): string {
  if (paragraphs.length === 0) return markdown;
  const at = markdown.search(place);
  const [before, after] = at < 0 ? [markdown, ''] : [markdown.slice(0, at), markdown.slice(at)];
  return [before.trimEnd(), ...paragraphs, after].join('\n\n');
}

/**
 * What was concluded from a reading that a change was held against, by node and collection: the card says the same of it,
 * and a verdict that the reading would have alone is not another judgement beside that.
 */
function judgements(
  remediations: IncidentHead['remediations'],
  drift: NonNullable<IncidentHead['drift']>,
): ReadonlyMap<string, string> {
  const verified = remediations.flatMap(({ instanceId, verification }): [string, string][] => {
    if (verification === undefined) return [];
    const { passed, why, collection } = verification;
    const said = withoutNode(instanceId, why);
    return [[`${instanceId} ${collection}`, `${passed ? 'verified' : 'verification failed'}: ${said}`]];
  });
  const looked = drift.flatMap(({ collection, nodes }) =>
    nodes.map(({ instanceId, why }): [string, string] => [`${instanceId} ${collection}`, why]),
  );
  return new Map([...verified, ...looked]);
}

/** Most lines of it; the newest tell how it stands. */
const SINCE_SHOWN = 12;

/** What a reading with the words of the first one shows. */
const AS_BEFORE = 'It shows what it showed at first.';

/** What was ordered on the nodes and what they showed after it, oldest first. */
function sinceThen(subjects: readonly NodeSubject[], { remediations, drift = [] }: IncidentHead): string[] {
  const nodes = new Set(subjects.map(({ node }) => node));
  const steps = remediations.flatMap((step): [string, string][] => {
    const { instanceId, kind, claimedAt, outcome = 'no answer came back', detail } = step;
    if (!nodes.has(instanceId)) return [];
    return [[claimedAt, `${instanceId}: ${stepName(kind)}: ${withoutNode(instanceId, detail ?? outcome)}`]];
  });
  const judged = judgements(remediations, drift);
  const readings = subjects.flatMap(({ node, since, diagnosis }) =>
    since.map(({ collectedAt, collection, outcome }): [string, string] => {
      const own = outcome.kind === 'failed' ? outcome.why : outcome.diagnosis.headline;
      const said = judged.get(`${node} ${collection}`) ?? (own === diagnosis.headline ? AS_BEFORE : own);
      return [collectedAt, `${node}: ${withoutNode(node, said)}`];
    }),
  );
  if (steps.length === 0 && readings.length === 0) return [];
  const lines = [...steps, ...readings]
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([at, what]) => `- ${dateTime(at)}: ${escapeMarkdown(what)}`);
  return ['## Since then', lines.slice(-SINCE_SHOWN).join('\n')];
}

const dateTime = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`;
