/** A generated runbook: the failure mode's text with every slot filled from this incident's evidence. */
export interface Runbook {
  /** Title of the failure mode. */
  readonly title: string;
  /** CommonMark with GFM tables; slot values are escaped for Markdown. */
  readonly markdown: string;
}
