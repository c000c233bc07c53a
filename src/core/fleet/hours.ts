/** What a deployment decides of its warnings. */
export interface WarningHours {
  /** A node is warned of once its table is likely to be full within so many hours. */
  readonly warnUnder: number;
  /** The warning ends once it is not likely to be full within so many. */
  readonly releaseAbove: number;
}

/**
 * Netdata's numbers for disks (src/health/health.d/disks.conf): a working day to act in, and a wide gap up to the release, so
 * that a warning does not come and go with each change of the slope.
 */
export const WARNING_HOURS: WarningHours = { warnUnder: 8, releaseAbove: 48 };
