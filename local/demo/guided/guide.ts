import type { IncidentHead, IncidentState } from '../../../src/core/record/incident.ts';
import type { DemoNodes } from '../../demo-nodes.ts';
import type { Guide, GuideView } from '../../slack/guide.ts';
import { type DemoScenario, isDemoScenario, offered } from '../scenarios.ts';

/** What happens next in each state, and what the person may do. */
const NEXT: Readonly<Record<IncidentState, string>> = {
  collecting: 'Evidence is being collected on the nodes, read-only. The card follows by itself.',
  diagnosed: 'The evidence is in. The card follows by itself.',
  'awaiting-approval':
    'Press a button of the card: one node first, or all. Ana may approve; as Ben you see a refusal.',
  'applying-canary': 'The first node is being changed, and is looked at again before any other one.',
  'applied-one': 'One node is changed and verified. Press the card’s button for the rest, or roll back.',
  'applying-rest': 'The other nodes follow, and the first failure stops the rest.',
  verifying: 'A second collection shows whether the change has helped.',
  resolved: 'It is done, and verified.',
  'partially-applied': 'It has stopped: the card says what was changed, and why the rest was not.',
  'rolling-back': 'What was changed is being put back.',
  'rolled-back': 'Limits and files are as before. Start again, or take another scenario.',
  'no-fix-offered':
    'No change comes, on purpose: none would help here. Open the runbook on the card; then start again, or take another scenario.',
  dismissed: 'The incident is closed. Start again, or take another scenario.',
  expired: 'Nobody has decided in time. Start again, or take another scenario.',
  joined: 'Its alarm and its nodes are followed on the card of another incident.',
  failed: 'It has stopped, and the card says why. What was changed can be rolled back there.',
};

/** States in which something was changed, so that it matters whether the load goes on. */
const CHANGED: ReadonlySet<IncidentState> = new Set([
  'applied-one',
  'resolved',
  'partially-applied',
  'failed',
]);

const LOAD = {
  on: 'The load goes on until you end it; while it is on, a rollback is refused.',
  ending: 'The load is being ended.',
  ended: 'The load has ended, so a rollback is allowed now.',
} as const;

/** Leads through one run of a demo: says on its page what comes next, ends the load, and is told what to begin instead. */
export class DemoGuide implements Guide {
  /** Fulfilled with the scenario that is to begin instead of this run. */
  readonly chosen: Promise<DemoScenario>;
  #choose: (scenario: DemoScenario) => void = () => {};
  readonly #scenario: DemoScenario;
  readonly #scenarios: readonly DemoScenario[];
  readonly #nodes: Pick<DemoNodes, 'stopLoad'>;
  readonly #listeners = new Set<() => void>();
  #state: IncidentState | undefined;
  #load: keyof typeof LOAD = 'on';
  #seen: readonly string[] = [];
  #isOver = false;
  #before = 'The alarm fires, and the incident opens in a moment.';
  #link: GuideView['link'];

  /** @param scenarios - what can be started, in the order of the menu */
  constructor(
    scenario: DemoScenario,
    scenarios: readonly DemoScenario[],
    nodes: Pick<DemoNodes, 'stopLoad'> = {},
  ) {
    this.#scenario = scenario;
    this.#scenarios = scenarios;
    this.#nodes = nodes;
    this.chosen = new Promise((resolve) => {
      this.#choose = resolve;
    });
  }

  view(): GuideView {
    return {
      scenario: offered(this.#scenario),
      next: this.#next(),
      ...(this.#link !== undefined && { link: this.#link }),
      seen: this.#seen,
      canEndLoad: this.#tellsOfLoad && this.#load === 'on',
      scenarios: this.#scenarios.map(offered),
    };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Follows the incident. */
  follow({ state }: IncidentHead): void {
    if (state === this.#state) return;
    this.#state = state;
    // What the nodes showed holds for the state that they were asked in.
    this.#seen = [];
    this.#tell();
  }

  /** Says what happens before the alarm, and where else to look. */
  announce(before: string, link: GuideView['link']): void {
    this.#before = before;
    this.#link = link;
    this.#tell();
  }

  /** Puts what the nodes themselves showed beside what comes next. */
  show(lines: readonly string[]): void {
    this.#seen = lines;
    this.#tell();
  }

  async endLoad(): Promise<string | undefined> {
    const { stopLoad } = this.#nodes;
    if (stopLoad === undefined) return 'These nodes have no load that could be ended.';
    if (this.#load !== 'on') return LOAD[this.#load];
    this.#load = 'ending';
    this.#tell();
    try {
      this.show(await stopLoad());
      this.#load = 'ended';
      return undefined;
    } catch (error) {
      this.#load = 'on';
      return `The load could not be ended: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      this.#tell();
    }
  }

  start(scenario: string): string | undefined {
    if (!isDemoScenario(scenario) || !this.#scenarios.includes(scenario))
      return 'This demo knows no such scenario.';
    if (this.#isOver) return 'It begins anew already.';
    this.#isOver = true;
    this.#tell();
    this.#choose(scenario);
    return undefined;
  }

  get #tellsOfLoad(): boolean {
    return this.#nodes.stopLoad !== undefined && this.#state !== undefined && CHANGED.has(this.#state);
  }

  #next(): string {
    if (this.#isOver)
      return 'It begins anew in some seconds, on a fresh channel; this page follows by itself.';
    if (this.#state === undefined) return this.#before;
    const next = NEXT[this.#state];
    return this.#tellsOfLoad ? `${next} ${LOAD[this.#load]}` : next;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
