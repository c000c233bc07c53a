/**
 * A wait of the workflow gives nodes time to sample and to calm down; nodes of tests answer at once. So short, samples are
 * waited for as a second, and a node is read right after its change.
 */
export const WAIT_SECOND_MS = 334;

/** A second of Slack's limits: incidents of many tests speak in one channel, which in the field are hours apart. */
export const SLACK_SECOND_MS = 50;

/** How long what takes in a workflow that a test starts itself, in seconds. */
export const WORKFLOW_TIMES = {
  sampleSeconds: 1,
  pollSeconds: 1,
  settleSeconds: 1,
  decisionTimeoutSeconds: 600,
  decisionLifeSeconds: 300,
  dismissalHoldSeconds: 1800,
  driftSeconds: 1,
  joinRules: { windowSeconds: 900, ageSeconds: 43_200 },
} as const;
