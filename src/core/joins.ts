import type { AlarmWord, JoinedAlarm } from './record/joined/alarm.ts';

/** Which incident has a node, and the alarms that incidents have taken in beside their own. */
export interface IncidentJoins {
  /**
   * Takes a node for an incident, so that the alarms of others that have it find that one.
   * @param over the incident that it may be taken from; from nobody where it is left out
   * @returns the incident that has it instead; nothing where it is the incident's own now, or was before
   */
  claimNode(instanceId: string, incidentId: string, over?: string): Promise<string | undefined>;
  /** The same for a verdict in a cluster, which the incident that takes it gathers from then on. */
  claimTrouble(
    trouble: { readonly cluster: string; readonly verdict: string },
    incidentId: string,
    over?: string,
  ): Promise<string | undefined>;
  /** The incident that has a node, or had it last; nothing where none ever did. */
  holderOf(instanceId: string): Promise<string | undefined>;
  /** As {@link claimNode}, for the newest early warning of a node, which has it beside whoever has the node. */
  claimWarned(instanceId: string, incidentId: string, over?: string): Promise<string | undefined>;
  /** The newest early warning of a node; nothing where there was none. */
  warnedBy(instanceId: string): Promise<string | undefined>;
  /** Lists an alarm at the incident that is to take it in; twice is harmless. */
  list(leaderId: string, alarm: JoinedAlarm): Promise<void>;
  /** Takes an alarm off that list that did not get in, unless it is there for another incident by now. */
  unlist(leaderId: string, alarm: Pick<JoinedAlarm, 'arn' | 'incidentId'>): Promise<void>;
  /** Notes what a listed alarm said; whatever is older than what is known changes nothing, nor does an alarm that is not listed. */
  note(leaderId: string, arn: string, word: AlarmWord): Promise<void>;
  /** All alarms that are listed at an incident. */
  alarmsOf(leaderId: string): Promise<readonly JoinedAlarm[]>;
}
