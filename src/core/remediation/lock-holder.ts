/** Who holds a node's lock: one decision of one incident, so that another decision of the same incident waits too. */
export const lockHolder = (incidentId: string, decision: number): string => `${incidentId}#${decision}`;
