import { overAlertLine } from '../../monitoring/over-alert.ts';
import type { PasteLine } from '../../paste-line.ts';
import { headsFormally } from '../heading-forms.ts';
import { isHostLike, plainName } from '../names.ts';

/** How a message of Alertmanager or Grafana begins the alerts that fire, and those that are over. */
const FIRING = /^\W{0,6}(?:\[FIRING(?::\d{1,4})?(?:, RESOLVED:\d{1,4})?\]|(?:alerts?\s)?firing\W{0,4}$)/i;
const OVER = /^\W{0,6}(?:\[RESOLVED(?::\d{1,4})?\]|(?:alerts?\s)?resolved\W{0,4}$)/i;

/** What such a message says in one line of how full the table was. */
const SAYS_USE = /conntrack.{0,200}%|%.{0,200}conntrack/i;

/**
 * Follows the alerts in a chat's or a mail's text: a line below the heading of those that are over tells the past, and a
 * heading that names a machine in brackets is of that one.
 */
export function alertMessages(lines: readonly PasteLine[]): readonly PasteLine[] {
  if (!lines.some(({ text }) => FIRING.test(text) || OVER.test(text))) return lines;
  let isOver = false;
  let host: string | undefined;
  return lines.map((line) => {
    // A command, another host's heading and an alert with labels of its own end what a message says.
    if (line.command !== undefined || line.host !== undefined || headsFormally(line.text)) {
      isOver = false;
      host = undefined;
      return line;
    }
    const isHeading = FIRING.test(line.text) || OVER.test(line.text);
    if (isHeading) {
      isOver = OVER.test(line.text);
      host = hostIn(line.text);
    }
    const text = isOver && SAYS_USE.test(line.text) ? overAlertLine(line.text) : line.text;
    return text === line.text && host === undefined ? line : { ...line, text, host: line.host ?? host };
  });
}

/** The first machine among an alert's labels, which stand in brackets behind its name. */
function hostIn(heading: string): string | undefined {
  const labels = /\(([^()]{1,300})\)\s*$/.exec(heading)?.[1] ?? '';
  return labels
    .split(/[\s,]+/)
    .map(plainName)
    .find(isHostLike);
}
