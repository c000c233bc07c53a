import { simulate } from './node.ts';
import { SCENARIOS } from './scenarios.ts';
import { nodeDays, type Score, scoresOf } from './score.ts';

/** What every rule did on all nodes of one scenario. */
export interface ScenarioResult {
  readonly scenario: string;
  readonly nodeDays: number;
  /** By the rule's id. */
  readonly scores: ReadonlyMap<string, Score>;
}

/** Seeds of one run: no two runs share a node. */
export interface Seeds {
  readonly first: number;
  /** Nodes of each scenario. */
  readonly nodes: number;
}

/** Seeds with which the rule was built. */
export const BUILT_WITH = 1_000_000;
/** Seeds that nobody looked at while it was: chosen anew when the rule was last changed. */
export const HELD_OUT = 700_000_000;

/** The run whose numbers a test makes anew, to see that the page is of this rule and these scenarios. */
export const SHORT: Seeds = { first: 500_000_000, nodes: 1 };

/** Runs every scenario; says which one it begins. */
export function runScenarios(
  { first, nodes }: Seeds,
  begins: (scenario: string) => void = () => {},
): readonly ScenarioResult[] {
  return SCENARIOS.map((scenario, index) => {
    begins(scenario.id);
    const made = Array.from({ length: nodes }, (_, node) =>
      simulate(scenario, first + index * 10_000 + node),
    );
    return {
      scenario: scenario.id,
      nodeDays: made.reduce((sum, node) => sum + nodeDays(node), 0),
      scores: made.map(scoresOf).reduce(merged),
    };
  });
}

/** Results of all scenarios as one. */
export const totalOf = (results: readonly ScenarioResult[]): ScenarioResult => ({
  scenario: 'all',
  nodeDays: results.reduce((sum, result) => sum + result.nodeDays, 0),
  scores: results.map(({ scores }) => scores).reduce(merged),
});

function merged(
  all: ReadonlyMap<string, Score>,
  more: ReadonlyMap<string, Score>,
): ReadonlyMap<string, Score> {
  return new Map(
    [...all].map(([id, one]) => {
      const other = more.get(id) ?? one;
      return [
        id,
        {
          fills: one.fills + other.fills,
          foreseeable: one.foreseeable + other.foreseeable,
          foreseen: one.foreseen + other.foreseen,
          guessed: one.guessed + other.guessed,
          warnings: one.warnings + other.warnings,
          falseWarnings: one.falseWarnings + other.falseWarnings,
          leads: [...one.leads, ...other.leads],
        },
      ];
    }),
  );
}
