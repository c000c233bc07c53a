/**
 * A wait of the workflow gives nodes time to sample and to calm down; nodes of tests answer at once. So short, samples are
 * waited for as a second, and a node is read right after its change.
 */
export const WAIT_SECOND_MS = 334;

/** A second of Slack's limits: incidents of many tests speak in one channel, which in the field are hours apart. */
export const SLACK_SECOND_MS = 50;
