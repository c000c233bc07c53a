import { isLive } from '../record/association.ts';
import type { IncidentHead } from '../record/incident.ts';
import { isClosed } from '../record/transitions.ts';
import { standingChanges } from '../remediation/drift.ts';
import { isVerified, nodeStates } from '../remediation/steps.ts';
import { counted, firstOf } from '../words.ts';
import { buttonsOf } from './buttons.ts';

/** Most nodes that a note names. */
const NAMED = 5;

/**
 * What the end of an incident makes untrue of the runbook that was posted while its card had buttons.
 *
 * @returns nothing where no button was ever offered, or where one still is
 */
export function noteOfEnd(head: IncidentHead): string | undefined {
  const wasOffered = head.transitions.some(({ to }) => to === 'awaiting-approval');
  const buttons = buttonsOf(head);
  const isOffered = head.nodes.some(({ instanceId }) => buttons(instanceId).change);
  if (!wasOffered || isOffered || !isClosed(head.state)) return undefined;
  return 'This incident has ended, so the button of which the runbook above speaks is gone from the card. "Show runbook" on the card shows it as it stands now.';
}

/**
 * What a rollback after the end makes untrue in the thread: how to make the raise last, and that it is kept.
 *
 * @returns nothing where no raise was taken back, or nothing was said of one
 */
export function noteOfRollback(head: IncidentHead): string | undefined {
  const { association, transitions } = head;
  const hadEnded = transitions.some(({ from }) => from !== undefined && isClosed(from));
  const undone = [...nodeStates(head)].flatMap(([instanceId, state]) =>
    state.undone?.changes.some((step) => step.kind === 'raise-max' && isVerified(step)) === true
      ? [instanceId]
      : [],
  );
  if (!hadEnded || undone.length === 0) return undefined;
  const standing = standingChanges(head).length;
  const lasting =
    standing === 0
      ? 'No raise stands any more, so "Make it last" above no longer applies: take back what was made from it, or new nodes and restarts bring the raised limit back.'
      : `"Make it last" above no longer applies to ${firstOf(undone, NAMED).join(', ')}: the raise was rolled back there. It still applies to ${counted(standing, 'other node')}.`;
  const kept =
    association === undefined || isLive(association)
      ? []
      : [`The raise is not kept on ${association.group} any more either.`];
  return [lasting, ...kept].join(' ');
}

/**
 * What an alarm that joined makes untrue of the card that people have seen: it has nodes that the card did not name.
 *
 * @returns nothing where every node was looked at
 */
export function noteOfNewNodes({ unread = [] }: Pick<IncidentHead, 'unread'>): string | undefined {
  if (unread.length === 0) return undefined;
  const nodes = firstOf(unread, NAMED).join(', ');
  return `Another alarm has joined and brought ${counted(unread.length, 'more node')}: ${nodes}. They are being read; the buttons of before are gone, and come back with a plan that names them.`;
}
