import type { Incident } from '../../record/incident.ts';
import { isFiring } from '../../record/joined/alarm.ts';
import { counted, firstOf } from '../../words.ts';
import type { CardField } from '../model.ts';

/** Names of alarms that a line has room for. */
const NAMED = 4;

/** How many alarms an incident follows. */
export const alarmCount = ({ alarms = [] }: Pick<Incident, 'alarms'>): number => Math.max(1, alarms.length);

/** The alarms of an incident that others have joined: those that fire and those that are OK, never in one line. */
export function alarmFields({ alarms = [] }: Pick<Incident, 'alarms'>): readonly CardField[] {
  const line = (label: string, some: typeof alarms): readonly CardField[] =>
    some.length === 0
      ? []
      : [{ label, value: `${some.length} of ${counted(alarms.length, 'alarm')}: ${namesOf(some)}` }];
  return [
    ...line('Firing', alarms.filter(isFiring)),
    ...line(
      'OK again',
      alarms.filter((alarm) => !isFiring(alarm)),
    ),
  ];
}

const namesOf = (alarms: readonly { readonly name: string }[]): string =>
  firstOf(
    alarms.map(({ name }) => name),
    NAMED,
  ).join(', ');
