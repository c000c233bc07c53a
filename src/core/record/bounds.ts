/**
 * Nodes of one incident, also once others have joined it: its head has to fit into one item of DynamoDB, which takes 400 KB, with a
 * change and a rollback of every node on record. Our choice.
 */
export const INCIDENT_NODES_MOST = 200;

/** Nodes that one command may name (Systems Manager API reference, SendCommand). */
export const COMMAND_NODES_MOST = 50;

/** Nodes that one click may change; those that need it too wait for the next one. Our choice. */
export const PLAN_NODES_MOST = 50;
