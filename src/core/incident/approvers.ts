/** Approvers that a sentence has room for. */
const NAMED = 5;

/**
 * Refuses whoever is not an approver, and names those who are: at night nobody knows whom to wake.
 *
 * @param user - Slack user id of who asked
 * @param approvers - Slack user ids that may
 * @param undone - what was not done, as `nothing was changed`
 * @returns nothing where the person is one
 */
export function refuseStranger(
  user: string,
  approvers: readonly string[],
  undone: string,
): string | undefined {
  if (approvers.includes(user)) return undefined;
  if (approvers.length === 0)
    return `Nobody may approve yet, so ${undone}: MEDIC_APPROVERS is empty. Put Slack user ids there.`;
  return `You (${user}) are not an approver, so ${undone}. Ask ${namesOf(approvers)}, or have your id added to MEDIC_APPROVERS.`;
}

/** `<@U1>, <@U2> or <@U3>`: mentions, which Slack shows as names. */
function namesOf(approvers: readonly string[]): string {
  const shown = approvers.slice(0, NAMED).map((id) => `<@${id}>`);
  const others = approvers.length - shown.length;
  if (others > 0) shown.push(`${others} more`);
  const last = shown.pop() ?? '';
  return shown.length === 0 ? last : `${shown.join(', ')} or ${last}`;
}
