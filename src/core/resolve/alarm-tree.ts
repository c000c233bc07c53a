import { type Alarm, isCloudWatchAlarm } from '../record/alarm.ts';
import { counted } from '../words.ts';
import { ALARMS_MAX, DEPTH_MAX, newlyWatched } from './alarm-rule.ts';
import { type AlarmTarget, configuredSelectors, readTargetTag, TARGET_TAG } from './alarm-target.ts';
import { failureOf } from './gap-words.ts';
import { selectorOfLogGroup, selectorOfMetric, selectorsOfEvent } from './metric-selectors.ts';
import type { AlarmLookups, DescribedAlarm } from './node-lookups.ts';
import type { NodeSelector } from './node-selector.ts';

/** A selector with the account whose metric named it, where that is not the alarm's own. */
export type AccountSelector = NodeSelector & { readonly account?: string };

/** What an alarm stands for, and one sentence for each thing that could not be found out. */
export interface Selection {
  readonly selectors: readonly AccountSelector[];
  readonly gaps: readonly string[];
}

/**
 * Finds out what an alarm stands for: the operator's mapping, else the alarm's tag, else what its metrics name, and for a
 * composite alarm the same of each alarm that it watches. Children that fire count before those that do not.
 */
export async function selectorsOfAlarm(
  alarms: AlarmLookups | undefined,
  alarm: Alarm,
  targets: readonly AlarmTarget[],
): Promise<Selection> {
  const configured = configuredSelectors(targets, alarm);
  if (configured !== undefined) return { selectors: configured, gaps: [] };
  if (!isCloudWatchAlarm(alarm)) return orUnmapped(alarm, selectionOfAlert(alarm));
  if (alarms === undefined) return orUnmapped(alarm, { selectors: selectorsOfEvent(alarm), gaps: [] });
  return orUnmapped(alarm, await new AlarmTree(alarms, targets).selectionOf(alarm));
}

class AlarmTree {
  private readonly alarms: AlarmLookups;
  private readonly targets: readonly AlarmTarget[];
  private readonly visited = new Set<string>();
  private readonly gaps: string[] = [];

  constructor(alarms: AlarmLookups, targets: readonly AlarmTarget[]) {
    this.alarms = alarms;
    this.targets = targets;
  }

  async selectionOf(alarm: Alarm): Promise<Selection> {
    this.visited.add(alarm.name);
    const tagged = await this.tagged(alarm);
    if (tagged !== undefined) return { selectors: tagged, gaps: this.gaps };
    const answer = await this.describe([alarm.name]);
    const [described] = answer ?? [];
    if (described !== undefined) return { selectors: await this.selectorsOf(described, 0), gaps: this.gaps };
    const selectors = selectorsOfEvent(alarm);
    if (selectors.length === 0 && answer !== undefined) this.nameMissing([alarm.name], answer);
    return { selectors, gaps: this.gaps };
  }

  private async selectorsOf(alarm: DescribedAlarm, depth: number): Promise<readonly AccountSelector[]> {
    if (alarm.rule !== undefined) return await this.selectorsOfChildren(alarm.name, alarm.rule, depth);
    if (alarm.logGroups !== undefined) return this.selectorsOfLogs(alarm.name, alarm.logGroups);
    if (alarm.unknownKind !== undefined) {
      this.gaps.push(
        `The alarm ${alarm.name} is of a kind that this version does not know (${alarm.unknownKind}), so what it watches was not looked at.`,
      );
      return [];
    }
    return alarm.metrics.flatMap(({ dimensions, account }) => {
      const selector = selectorOfMetric(dimensions);
      if (selector === undefined) return [];
      return [account === undefined ? selector : { ...selector, account }];
    });
  }

  /** The clusters whose logs an alarm queries; its results name nodes only in words of the query's own. */
  private selectorsOfLogs(name: string, logGroups: readonly string[]): readonly AccountSelector[] {
    const selectors = logGroups.flatMap((logGroup) => selectorOfLogGroup(logGroup) ?? []);
    if (selectors.length === 0)
      this.gaps.push(`The alarm ${name} watches logs, and none of its log groups is that of a cluster.`);
    return selectors;
  }

  private async selectorsOfChildren(name: string, rule: string, depth: number): Promise<AccountSelector[]> {
    if (depth >= DEPTH_MAX) {
      this.gaps.push(
        `The composite alarm ${name} is nested more than ${DEPTH_MAX} deep; what is below was not followed.`,
      );
      return [];
    }
    const { followed, left } = newlyWatched(rule, this.visited);
    if (left > 0)
      this.gaps.push(
        `${counted(left, 'alarm')} below ${name} not followed: there are more than ${ALARMS_MAX}.`,
      );
    const children = followed.length === 0 ? [] : await this.described(followed);
    const firing = children.filter(({ isFiring }) => isFiring);
    const selectors: AccountSelector[] = [];
    for (const child of firing.length > 0 ? firing : children) {
      const said = configuredSelectors(this.targets, child) ?? (await this.tagged(child));
      selectors.push(...(said ?? (await this.selectorsOf(child, depth + 1))));
    }
    return selectors;
  }

  private async described(names: readonly string[]): Promise<readonly DescribedAlarm[]> {
    const answer = await this.describe(names);
    if (answer !== undefined) this.nameMissing(names, answer);
    return answer ?? [];
  }

  private nameMissing(names: readonly string[], described: readonly DescribedAlarm[]): void {
    const found = new Set(described.map(({ name }) => name));
    const missing = names.filter((name) => !found.has(name));
    if (missing.length > 0)
      this.gaps.push(
        `CloudWatch describes no alarm ${missing.join(', ').slice(0, 200)}: it was deleted, or it is of a kind that this version does not know.`,
      );
  }

  /** @returns nothing where CloudWatch could not be asked, which is a gap already */
  private async describe(names: readonly string[]): Promise<readonly DescribedAlarm[] | undefined> {
    try {
      return await this.alarms.describe(names);
    } catch (error) {
      this.gaps.push(failureOf(`Alarm ${names.join(', ').slice(0, 200)}`, error));
      return undefined;
    }
  }

  private async tagged({
    arn,
    name,
  }: Pick<Alarm, 'arn' | 'name'>): Promise<readonly NodeSelector[] | undefined> {
    try {
      const value = await this.alarms.tag(arn, TARGET_TAG);
      if (value === undefined) return undefined;
      const read = readTargetTag(value);
      if ('selectors' in read) return read.selectors;
      this.gaps.push(unreadableTarget(`tag ${TARGET_TAG} of ${name}`, read.unreadable));
    } catch (error) {
      this.gaps.push(failureOf(`The tags of alarm ${name}`, error));
    }
    return undefined;
  }
}

/** An alert of another system carries everything it says about nodes with it: its target, else its labels. */
function selectionOfAlert(alarm: Alarm): Selection {
  const said = alarm.dimensions.filter(({ name }) => name === TARGET_TAG);
  const read = said.map(({ value }) => readTargetTag(value));
  const selectors = read.flatMap((one) => ('selectors' in one ? one.selectors : []));
  const gaps = read.flatMap((one) =>
    'unreadable' in one ? [unreadableTarget(`target of ${alarm.name}`, one.unreadable)] : [],
  );
  return { selectors: selectors.length > 0 ? selectors : selectorsOfEvent(alarm), gaps };
}

function unreadableTarget(what: string, word: string): string {
  return `The ${what} was ignored: “${word.slice(0, 80)}” is no instance id, asg:NAME, cluster:NAME, tag:KEY=VALUE, targetgroup/NAME/ID, app/NAME/ID or net/NAME/ID.`;
}

function orUnmapped({ name }: Alarm, { selectors, gaps }: Selection): Selection {
  if (selectors.length > 0) return { selectors, gaps };
  const unmapped = `The alarm ${name} names nothing that stands for nodes; give it the tag ${TARGET_TAG} (such as cluster:NAME, asg:NAME or tag:KEY=VALUE) or an entry in alarmTargets of the configuration.`;
  return { selectors, gaps: [...gaps, unmapped] };
}
