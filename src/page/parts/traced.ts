import type { PageModel } from '../../core/page/model.ts';
import type { TracedNode } from '../../core/page/traced.ts';
import type { NodeTraced } from '../../core/record/traced/found.ts';
import { calledPod } from '../../core/trace/flows.ts';
import type { SynPath } from '../../core/trace/path.ts';
import { counted, keepUnits, show } from '../../core/words.ts';
import { combSentence, connectTimesChart } from '../charts/connect-times.ts';
import { synPathChart } from '../charts/syn-path.ts';
import { type Html, html } from '../html.ts';
import { table } from '../pieces.ts';
import { dateTime } from '../times.ts';

/** The path as the record keeps it, in the shape of the drawing. */
export const pathIn = ({ uplink, veth, pod, answered }: NonNullable<NodeTraced['path']>): SynPath => ({
  seen: { uplink, veth, pod },
  answered,
});

/** Where new connections are lost, as traces saw it: the way of first SYNs and how long connections took. */
export const traced = ({ traces }: Pick<PageModel, 'traces'>): readonly Html[] => traces.map(tracedNode);

function tracedNode({ instanceId, at, by, found, why }: TracedNode): Html {
  const head = html`<h3>${instanceId} <span class="what">traced at ${dateTime(at)}, ordered by ${by}</span></h3>`;
  if (found === undefined) return html`${head}<p>${keepUnits(why ?? 'nothing is known')}</p>`;
  const { sentences, path, connectTimes, counts, flows = [] } = found;
  return html`${head}<ul>${sentences.map((sentence) => html`<li>${keepUnits(sentence)}</li>`)}</ul>${
    path === undefined || path.uplink === 0 ? undefined : way(pathIn(path))
  }${counts === undefined || connectTimes.length === 0 ? undefined : times(connectTimes)}${flows.length === 0 ? undefined : rows(found, flows)}${
    counts === undefined
      ? html`<p class="what">No packet could be looked at on this node, so nothing is drawn.</p>`
      : undefined
  }`;
}

function way(path: SynPath): Html {
  const { seen, answered } = path;
  const steps = [
    ['client → NIC', seen.uplink],
    ['NIC → netfilter', seen.uplink],
    ['netfilter → veth', seen.veth],
    ['veth → pod', seen.pod],
    ['pod → listener', answered],
  ] as const;
  return html`<figure><figcaption>The way of first SYNs</figcaption><div class="wide">${synPathChart(path)}</div><div class="narrow">${synPathChart(path, { isTall: true })}</div><details class="numbers"><summary>The numbers</summary>${table(
    'First SYNs at each step',
    ['Step', 'Got there', 'Lost before'],
    steps.map(([step, count], index) => [
      step,
      show(count),
      show(Math.max(0, (steps[index - 1]?.[1] ?? count) - count)),
    ]),
    [1, 2],
  )}</details></figure>`;
}

function times(all: NodeTraced['connectTimes']): Html {
  return html`<figure><figcaption>How long connections took that waited</figcaption><p class="what">${combSentence(all)}</p><div class="wide">${connectTimesChart(all, { width: 860, height: 190 })}</div><div class="narrow">${connectTimesChart(all, { width: 340, height: 190 })}</div><details class="numbers"><summary>The numbers</summary>${table(
    'Connections by how long they took',
    ['Answered after', 'Connections'],
    all.map(({ label, count }) => [label, show(count)]),
    [1],
  )}</details></figure>`;
}

const PLACE_NAMES = { uplink: 'the uplink', veth: "the pod's interface", pod: 'inside the pod' } as const;

function rows({ counts, pods = [] }: NodeTraced, flows: NonNullable<NodeTraced['flows']>): Html {
  const all = counts?.troubled ?? 0;
  const caption = `The first ${show(flows.length)} of ${counted(Math.max(all, flows.length), 'connection')} that had trouble`;
  return html`<figure><figcaption>${caption}</figcaption><p class="what">Addresses are pseudonyms: two of them share the leading bits that the addresses share.</p>${table(
    'Connections that had trouble',
    ['From', 'To', 'Port', 'Pod', 'SYNs', 'Answered after', 'Lost', 'Last seen at'],
    flows.map(({ from, to, port, pod, attempts, answeredAfter, packet, last }) => [
      from,
      to,
      String(port),
      calledPod(pod, pods),
      show(attempts),
      answeredAfter === undefined ? 'no answer' : `${show(answeredAfter)} s`,
      packet === undefined ? 'nothing' : packet === 'SYN' ? 'first SYN' : 'its answer',
      last === undefined ? '' : PLACE_NAMES[last],
    ]),
    [2, 4],
  )}</figure>`;
}
