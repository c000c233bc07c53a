import type { IncidentJoins } from '../../core/joins.ts';
import { type AlarmWord, type JoinedAlarm, withWord } from '../../core/record/joined/alarm.ts';
import { RECORD_VERSION } from '../../core/record/stored.ts';
import { RecordBusyError } from '../errors.ts';
import { ABSENT, type DynamoDocuments } from './documents.ts';
import {
  ALARMS,
  AlarmItem,
  alarmKey,
  NodeIncidentItem,
  nodeIncidentKey,
  nodeWarningKey,
  troubleKey,
} from './items.ts';

/** How often a write is tried when others keep being first. */
const ATTEMPTS = 12;
/** An item that nobody has any use for goes some time after this: longer than an incident may be joined. */
const KEEP_SECONDS = 14 * 86_400;

/** Which incident has a node, and which alarms an incident has taken in beside its own; conditional writes only. */
export class DynamoJoins implements IncidentJoins {
  readonly #documents: DynamoDocuments;

  constructor(documents: DynamoDocuments) {
    this.#documents = documents;
  }

  async claimNode(instanceId: string, incidentId: string, over?: string): Promise<string | undefined> {
    return await this.#claim(nodeIncidentKey(instanceId), incidentId, over);
  }

  async claimTrouble(
    { cluster, verdict }: { readonly cluster: string; readonly verdict: string },
    incidentId: string,
    over?: string,
  ): Promise<string | undefined> {
    return await this.#claim(troubleKey(cluster, verdict), incidentId, over);
  }

  async claimWarned(instanceId: string, incidentId: string, over?: string): Promise<string | undefined> {
    return await this.#claim(nodeWarningKey(instanceId), incidentId, over);
  }

  async holderOf(instanceId: string): Promise<string | undefined> {
    return await this.#incidentAt(nodeIncidentKey(instanceId));
  }

  async warnedBy(instanceId: string): Promise<string | undefined> {
    return await this.#incidentAt(nodeWarningKey(instanceId));
  }

  async #incidentAt(key: Pick<NodeIncidentItem, 'pk' | 'sk'>): Promise<string | undefined> {
    return (await this.#documents.get(key, NodeIncidentItem))?.incidentId;
  }

  async #claim(
    key: Pick<NodeIncidentItem, 'pk' | 'sk'>,
    incidentId: string,
    over: string | undefined,
  ): Promise<string | undefined> {
    const item: NodeIncidentItem = {
      ...key,
      version: RECORD_VERSION,
      incidentId,
      deleteAt: Math.ceil(Date.now() / 1000) + KEEP_SECONDS,
    };
    const condition =
      over === undefined
        ? ABSENT
        : { expression: 'attribute_not_exists(pk) OR incidentId = :over', values: { ':over': over } };
    if (await this.#documents.put(item, condition)) return undefined;
    const holder = await this.#incidentAt(key);
    if (holder === undefined)
      throw new RecordBusyError(`Which incident has ${key.pk} is not known at this moment; try again.`);
    return holder === incidentId ? undefined : holder;
  }

  async list(leaderId: string, alarm: JoinedAlarm): Promise<void> {
    await this.#change(leaderId, alarm.arn, (known) =>
      known === undefined
        ? alarm
        : withWord(withWord({ ...known, incidentId: alarm.incidentId }, { firedAt: alarm.firedAt }), {
            okAt: alarm.okAt ?? '',
          }),
    );
  }

  async unlist(
    leaderId: string,
    { arn, incidentId }: Pick<JoinedAlarm, 'arn' | 'incidentId'>,
  ): Promise<void> {
    await this.#documents.delete(alarmKey(leaderId, arn), {
      expression: 'incidentId = :id',
      values: { ':id': incidentId },
    });
  }

  async note(leaderId: string, arn: string, word: AlarmWord): Promise<void> {
    await this.#change(leaderId, arn, (known) => known && withWord(known, word));
  }

  async alarmsOf(leaderId: string): Promise<readonly JoinedAlarm[]> {
    return (await this.#documents.query(leaderId, ALARMS, AlarmItem)).map(({ alarm }) => alarm);
  }

  async #change(
    leaderId: string,
    arn: string,
    change: (known: JoinedAlarm | undefined) => JoinedAlarm | undefined,
  ): Promise<void> {
    const key = alarmKey(leaderId, arn);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const item = await this.#documents.get(key, AlarmItem);
      const alarm = change(item?.alarm);
      if (alarm === undefined || alarm === item?.alarm) return;
      const next: AlarmItem = {
        ...key,
        version: RECORD_VERSION,
        incidentId: alarm.incidentId,
        words: (item?.words ?? 0) + 1,
        alarm,
      };
      const isSeen = { expression: 'words = :seen', values: { ':seen': item?.words ?? 0 } };
      if (await this.#documents.put(next, item === undefined ? ABSENT : isSeen)) return;
    }
    throw new RecordBusyError(
      `What the alarm ${arn} said at ${leaderId} is being changed by others again and again; try again.`,
    );
  }
}
