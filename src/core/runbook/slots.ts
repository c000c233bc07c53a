import { bandwidthOf } from '../bandwidth.ts';
import type { Catalogue } from '../diagnosis/signature.ts';
import { escapeMarkdown, tableOf } from '../markdown.ts';
import { forecastClause } from '../plan/forecast.ts';
import { asRaise, changeNumbers, commandsOf, entriesOf, isReversible, settingsOf } from '../plan/kinds.ts';
import { layerMark } from '../plan/layer-mark.ts';
import { roomClause } from '../plan/room.ts';
import { type Figures, InterfaceName } from '../record/collection.ts';
import type { Diagnosis } from '../record/diagnosis.ts';
import type { IncidentNode } from '../record/incident.ts';
import type { NodePlan, RaisePlan } from '../record/plan.ts';
import { runningValue } from '../record/settings.ts';
import { percent, show } from '../words.ts';
import type { Buttons } from './buttons.ts';
import { evidenceTable, ruledOutTable } from './evidence-tables.ts';
import type { Slots } from './fill-text.ts';
import { handSettingSlots } from './hand-settings.ts';
import { lastingMarkdown, lastingPatches } from './patches/lasting-patches.ts';
import { ec2InstanceId, wayOntoNode } from './way-onto-node.ts';

/** What a runbook is filled from: one node's diagnosis, its numbers and, where a change is offered, its plan. */
export interface RunbookSubject {
  readonly node: string | undefined;
  readonly diagnosis: Diagnosis;
  readonly figures: Figures;
  readonly plan: NodePlan | undefined;
  /** Markdown that says so, once the node has what its plan would bring. */
  readonly made?: string | undefined;
  /** Whether the change was made once and did not help: then the runbook neither orders it nor argues for it. */
  readonly isDisproved?: boolean | undefined;
  /** What the node showed last, where that is later than what the verdict rests on: commands start from there. */
  readonly current?: Figures | undefined;
  /** Everything that was read of the node in this incident, oldest first; where absent, what the verdict rests on. */
  readonly readings?: readonly Figures[] | undefined;
  /** The raise that the whole group of the node is given, where that is another node's. */
  readonly groupTarget?: RaisePlan | undefined;
  /** Where the node belongs, as far as it is known. */
  readonly identity?: IncidentNode | undefined;
  /** The buttons that the card has for this node; where absent, those that a card with this plan has at first. */
  readonly buttons?: Buttons | undefined;
}

/** Every slot a runbook text may use, with this node's value or `undefined`; `fillText` says how they are written. */
export function slotsOf(subject: RunbookSubject, catalogue: Catalogue): Slots {
  const {
    node,
    diagnosis,
    figures,
    current = figures,
    readings,
    plan,
    made,
    identity,
    buttons,
    groupTarget,
  } = subject;
  const argued = subject.isDisproved === true ? undefined : plan;
  const { max, highest: count = figures.count } = figures;
  const raise = asRaise(plan);
  const entries = plan === undefined ? undefined : entriesOf(plan);
  const judge = catalogue.find(({ judgesBandwidth }) => judgesBandwidth === true)?.id;
  const judged = diagnosis.findings.find(({ mode }) => mode === judge);
  const bandwidth = bandwidthOf(figures.traffic, identity?.bandwidth, judged);
  const hasButton = buttons?.change ?? plan !== undefined;
  const number = (value: number | undefined) => (value === undefined ? undefined : show(value));
  const digits = (value: number | undefined) => (value === undefined ? undefined : String(value));
  return new Map<string, string | undefined>([
    ['node', node !== undefined && /^[\w.-]{1,64}$/.test(node) ? node : undefined],
    ['headline', said(diagnosis.headline)],
    ['confidence', diagnosis.confidence],
    ['losing', diagnosis.impact === 'drops' ? '' : undefined],
    ['unsure', diagnosis.confidence === 'low' ? '' : undefined],
    ['shaped-interface', shapedInterface(diagnosis)],
    ['count', number(count)],
    ['max', number(max)],
    ['max.digits', digits(max)],
    ['use', count === undefined || max === undefined || max === 0 ? undefined : percent(count / max)],
    ['window', figures.windowSeconds?.toFixed(0)],
    ['drops', number(figures.fullDrops)],
    ['early-drops', number(figures.earlyDrops)],
    ['buckets', number(figures.buckets)],
    ['kernel', figures.kernel === undefined ? undefined : escapeMarkdown(figures.kernel)],
    ['offer', escapeMarkdown(diagnosis.offer.why)],
    ['offer-reason', said(diagnosis.offer.why)],
    ['button', hasButton ? '' : undefined],
    ['rollback-button', (buttons?.rollback ?? (plan && isReversible(plan.kind))) === true ? '' : undefined],
    ...handSettingSlots({
      current,
      all: readings ?? [figures],
      planned: new Set(plan === undefined ? [] : settingsOf(plan).map(({ key }) => key)),
    }),
    ...placeSlots(node, figures),
    ['plan', plan === undefined ? undefined : ''],
    ['argued', argued === undefined ? undefined : ''],
    ['by-hand', hasButton ? 'By hand instead' : 'By hand'],
    ['unsaid-change', hasButton || plan === undefined ? '' : ` (${escapeMarkdown(changeNumbers(plan))})`],
    ['way', wayOntoNode(node, identity)],
    ['entries-port', entries === undefined ? undefined : String(entries.port)],
    ['plan.max', number(raise?.max.to)],
    ['plan.max.digits', digits(raise?.max.to)],
    ['plan.buckets', number(raise?.buckets.to)],
    ['plan.buckets.digits', digits(raise?.buckets.to)],
    ['crowding-states', crowdingStates(plan)],
    ['plan.change', plan === undefined ? undefined : escapeMarkdown(changeNumbers(plan))],
    [
      'plan.commands',
      plan === undefined || made !== undefined || isPassed(plan, current) ? undefined : commandsOf(plan),
    ],
    ['plan.room', raise === undefined ? undefined : escapeMarkdown(roomClause(raise))],
    ['plan.arithmetic', argued === undefined ? undefined : arithmeticList(argued)],
    [
      'plan.lasting',
      raise === undefined || argued === undefined
        ? undefined
        : [
            ...(groupTarget === undefined
              ? []
              : [
                  `For the whole group the numbers are those of \`${groupTarget.instanceId}\`, the largest of it: one template makes all its nodes.`,
                ]),
            lastingMarkdown(lastingPatches(groupTarget ?? raise, identity).slice(0, 2)),
          ].join('\n\n'),
    ],
    ['plan.layers', argued && layersOf(argued, hasButton || made !== undefined)],
    ['bandwidth', bandwidth && escapeMarkdown(bandwidth.numbers)],
    ['evidence', evidenceTable(diagnosis)],
    ['ruled-out', ruledOutTable(diagnosis, catalogue, bandwidth)],
    [
      'gaps',
      diagnosis.gaps.length === 0
        ? undefined
        : diagnosis.gaps.map((gap) => `- ${escapeMarkdown(gap)}`).join('\n'),
    ],
  ]);
}

/** A sentence for a runbook; nothing where there is none, as of a node of which nothing was read. */
const said = (sentence: string) => (sentence === '' ? undefined : escapeMarkdown(sentence));

/** The TCP states that long timeouts were seen to fill a table with, by the timeout of each. */
const STATES: Readonly<Partial<Record<string, string>>> = {
  'net.netfilter.nf_conntrack_tcp_timeout_close_wait': 'CLOSE_WAIT',
  'net.netfilter.nf_conntrack_tcp_timeout_time_wait': 'TIME_WAIT',
  'net.netfilter.nf_conntrack_tcp_timeout_established': 'ESTABLISHED',
};

/** The states whose timeouts the plan shortens, for a loop of the shell; without such a plan those that it may be about. */
function crowdingStates(plan: NodePlan | undefined): string {
  const states = (plan === undefined ? [] : settingsOf(plan)).flatMap(({ key }) => STATES[key] ?? []);
  return states.length === 0 ? 'CLOSE_WAIT ESTABLISHED' : states.join(' ');
}

/** The interface whose shaper drops packets, where its name can stand in a command. */
function shapedInterface({ findings }: Diagnosis): string | undefined {
  const [, device] =
    findings
      .flatMap(({ because }) => because)
      .map(({ fact }) => /^dropped by [a-z_]+ on (\S+)$/.exec(fact))
      .find((found) => found !== null) ?? [];
  return InterfaceName.safeParse(device).data;
}

/** The steps to the numbers, and what follows from them: a raise's steps end with what it costs. */
function arithmeticList(plan: NodePlan): string {
  const raise = asRaise(plan);
  const lines = raise === undefined ? plan.arithmetic : [...plan.arithmetic, outcomeOf(raise)];
  return lines.map((line) => `- ${escapeMarkdown(line)}`).join('\n');
}

/** How long chains get when a raised table is full, and where it ends up. */
function outcomeOf({ chainWhenFull, forecast, max }: RaisePlan): string {
  const chains = `chains of ${show(chainWhenFull)} when it is full`;
  return forecast === undefined ? chains : `${chains}, ${forecastClause(forecast, max.to)}`;
}

/** Only our scripts write the files that the layers speak of, so by hand the change is one of the running kernel. */
function layersOf(plan: NodePlan, isOurs: boolean): string {
  const byHand = 'Made by hand with `sysctl -w` it is lost at a reboot: that writes no file.';
  const rows = plan.layers.map((one) => [one.layer, layerMark(one), one.how]);
  return isOurs ? `${tableOf(['Layer', 'Survives', 'How'], rows)}\n\n${byHand}` : byHand;
}

/** Whether a setting of the node is further by now than the plan would bring it: then its commands would take it back. */
function isPassed(plan: NodePlan, current: Figures): boolean {
  return settingsOf(plan).some(({ key, from, to }) => {
    const now = runningValue(current, key);
    return now !== undefined && (to > from ? now > to : now < to);
  });
}

/** What commands are about: the node, its interfaces, ports; each was held to a pattern, so it can stand in a shell line. */
function placeSlots(
  node: string | undefined,
  figures: Figures,
): readonly (readonly [string, string | undefined])[] {
  const { interfaces, ports = [], translatedPort, fullNetns } = figures;
  const instance = ec2InstanceId(node);
  const udp = ports.find(({ protocol }) => protocol === 'udp')?.port;
  return [
    ['node-name', instance === undefined ? undefined : nodeNameOf(instance)],
    ['interfaces', interfaces?.join(' ') ?? ALL_INTERFACES],
    ['interface', interfaces?.[0] ?? DEFAULT_INTERFACE],
    ['netns', fullNetns],
    ['udp-port', udp === undefined ? undefined : String(udp)],
    ['translated-protocol', translatedPort?.protocol],
    ['translated-port', translatedPort === undefined ? undefined : String(translatedPort.port)],
  ];
}

/** Names the Kubernetes node of an instance, whose provider id ends in it (cloud-provider-aws, `aws:///zone/id`). */
const nodeNameOf = (instance: string) =>
  `$(kubectl get nodes --no-headers -o custom-columns=name:.metadata.name,id:.spec.providerID | grep '/${instance}$' | cut -d ' ' -f 1)`;

/** Lists the interfaces that are devices, where their names were not read. */
const ALL_INTERFACES = '$(ls -d /sys/class/net/*/device | cut -d / -f 5)';

/** The interface of the default route, where no name was read. */
const DEFAULT_INTERFACE = "$(ip -o -4 route show default | sed 's/.* dev //; s/ .*//; q')";
