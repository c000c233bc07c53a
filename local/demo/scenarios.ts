import type { OfferedScenario } from '../slack/guide.ts';

/** The ways a demo can go, by the name that `--scenario` takes, each with what to watch. */
export const DEMO_SCENARIOS = {
  'table-full': {
    title: 'Table full',
    watch:
      'Two of three nodes drop packets because their table is full: one click heals one, the next click the other.',
  },
  'canary-fails': {
    title: 'Canary fails',
    watch:
      'The first node is raised and full again: the rest stays untouched, and the card offers the way back.',
  },
  'look-alike': {
    title: 'Look-alike',
    watch:
      'The same alarm, and conntrack -S counts failures, but the table is nearly empty: no button for a change comes.',
  },
  mixed: {
    title: 'Mixed incident',
    watch:
      'One node’s table is full, on another one a server accepts too slowly: only the first one is changed.',
  },
  'lost-syn': {
    title: 'Lost SYN',
    watch:
      'Connections take a second longer and nothing on the nodes says why: “Trace SYNs” on the card finds the hop where the first SYN is lost, and the thread says what dropped it.',
  },
  fleet: {
    title: 'Before it hurts',
    watch:
      'Half a day of forty nodes in under a minute, swept all along: a quiet card comes first, then three alarms that make one incident, which one click after the other heals.',
  },
} as const satisfies Record<string, { readonly title: string; readonly watch: string }>;
export type DemoScenario = keyof typeof DEMO_SCENARIOS;

/** Whether a demo knows a scenario of this name. */
export const isDemoScenario = (name: string): name is DemoScenario => Object.hasOwn(DEMO_SCENARIOS, name);

/** A scenario as the menu of the page shows it. */
export const offered = (name: DemoScenario): OfferedScenario => ({ name, ...DEMO_SCENARIOS[name] });

/** What can be started, in the order of the menu: a kernel's nodes are sick in two ways only. */
export function scenariosOf({ kernel }: { readonly kernel: boolean }): readonly DemoScenario[] {
  return kernel ? ['table-full', 'lost-syn'] : (Object.keys(DEMO_SCENARIOS) as DemoScenario[]);
}
