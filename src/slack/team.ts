/** Id of a workspace (`T…`) or of an enterprise, which has several (`E…`), as Slack writes them. */
export const SLACK_TEAM = /^[TE][A-Z0-9]{8,32}$/;

/** Where a click or a command comes from, by what Slack signed. */
export interface Origin {
  /** Workspace that Slack sends it for; empty where it names none, as it may for an app that a whole enterprise installed. */
  readonly team: string;
  /** Enterprise of that workspace. */
  readonly enterprise?: string;
  /** The person's own workspace or enterprise: in a channel that several companies share, another one than `team`. */
  readonly userTeam?: string;
}

/**
 * Why what comes from there is not taken: a channel can be shared with other companies, and an app can be installed in
 * several workspaces. A workspace is held against the request's and against the person's own. An enterprise is held
 * against the request's, and against the person's own where that is an enterprise: of a workspace nothing says which
 * enterprise it is of.
 *
 * @param pinned the one workspace or enterprise that is taken; undefined takes every one
 * @returns the refusal as a clause, or nothing
 */
export function findForeignTeam(
  pinned: string | undefined,
  { team, enterprise = '', userTeam }: Origin,
): string | undefined {
  if (pinned === undefined) return undefined;
  const isEnterprise = pinned.startsWith('E');
  const own = isEnterprise ? enterprise : team;
  const persons = isEnterprise && userTeam?.startsWith('E') !== true ? undefined : userTeam;
  const foreign = [own, persons].find((id) => id !== undefined && id !== pinned);
  if (foreign === undefined) return undefined;
  const kind = isEnterprise ? 'enterprise' : 'workspace';
  const origin = SLACK_TEAM.test(foreign) ? foreign : `no ${kind} that Slack named`;
  return `came from ${origin}, and this service takes clicks and commands of its own Slack ${kind} only (slackTeam in its configuration)`;
}
