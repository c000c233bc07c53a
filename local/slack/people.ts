/** Somebody who looks at the page. */
export interface Person {
  /** Slack user id. */
  readonly id: string;
  readonly username: string;
  readonly name: string;
  /** What the demo wants a reader to know of them. */
  readonly role: string;
}

/** On the approver list of the demo. */
export const APPROVER: Person = { id: 'U0LOCALANA', username: 'ana', name: 'Ana Silva', role: 'approver' };
/** In the same channel, not on the list. */
export const STRANGER: Person = {
  id: 'U0LOCALBEN',
  username: 'ben',
  name: 'Ben Okafor',
  role: 'not an approver',
};
export const PEOPLE: readonly Person[] = [APPROVER, STRANGER];

export const TEAM = { id: 'T0LOCAL001', domain: 'local-workspace' } as const;
export const CHANNEL = { id: 'C0LOCAL001', name: 'node-incidents' } as const;
/** The app as it appears in messages and payloads. */
export const APP = {
  id: 'A0LOCAL001',
  botId: 'B0LOCAL001',
  userId: 'U0LOCALBOT',
  name: 'conntrack-medic',
} as const;
