import { type Capture, isRead, sectionOf } from '../capture/capture.ts';
import { parseKeyValues, wholeNumber } from '../parse/key-values.ts';
import { type Fact, known, unknown } from './fact.ts';
import { type Identity, UNKNOWN_LENGTH } from './snapshot.ts';

/** Shortest and longest window between samples in seconds that deltas are formed over; above it 32-bit counters may wrap unseen. */
const WINDOW_SECONDS = { least: 1, most: 120 } as const;

/** Reads who answered: boot, namespace, kernel, cores. */
export function identityOf(capture: Capture): Identity {
  const text = capture.sections
    .filter((section) => (section.source === 'identity' || section.source === 'host') && isRead(section))
    .map((section) => section.text.replaceAll(/ (?=\w+=)/g, '\n'))
    .join('\n');
  const values = parseKeyValues(text);
  const fact = (key: string, name: string): Fact<string> => {
    const value = values.get(key) ?? '';
    return /^[\x21-\x7e]{1,100}$/.test(value)
      ? known(value, 'identity')
      : unknown(`${name} not read`, 'identity');
  };
  const initial = values.get('initial_netns');
  const cores = wholeNumber(values.get('cores') ?? values.get('nproc'));
  const running = secondsSince(sectionOf(capture, 'identity')?.uptimeSeconds, values.get('pid1_started'));
  return {
    bootId: fact('boot_id', 'boot id'),
    netns: fact('netns', 'network namespace'),
    isInitialNetns:
      initial === 'yes' || initial === 'no'
        ? known(initial === 'yes', 'identity')
        : unknown('network namespace of the collector not read', 'identity'),
    kernel: values.has('uname') ? fact('uname', 'kernel version') : fact('kernel', 'kernel version'),
    platform: platformOf(values.get('platform')),
    cores: cores === undefined ? unknown('core count not read', 'identity') : known(cores, 'identity'),
    runningSeconds:
      running === undefined ? unknown('start of PID 1 not read', 'identity') : known(running, 'identity'),
  };
}

function platformOf(text = ''): Fact<string> {
  return /^[a-z0-9._-]{1,40}(?: [\x21-\x7e]{1,40})?$/.test(text)
    ? known(text, 'identity')
    : unknown('operating system not read', 'identity');
}

/**
 * Seconds between the start of a process and the moment a section was read, both on the clock that starts at boot.
 * @param uptime - of the section
 * @param started - as the collector prints it: `1234.56`
 * @returns undefined when either was not read or the process would begin after the reading
 */
export function secondsSince(uptime: number | undefined, started: string | undefined): number | undefined {
  if (uptime === undefined || started === undefined || !/^\d{1,10}\.\d{2}$/.test(started)) return undefined;
  const seconds = uptime - Number(started);
  return seconds < -1 ? undefined : Math.max(0, seconds);
}

/** The window's length, or why the samples can't be compared. */
export function windowOf(capture: Capture): Fact<number> {
  const source = 'sampling';
  const identity = capture.sections.filter((section) => section.source === 'identity' && isRead(section));
  const distinct = (key: string) => new Set(identity.flatMap(({ text }) => valuesIn(text, key)));
  if (distinct('boot_id').size > 1) return unknown('the node rebooted between the samples', source);
  if (distinct('netns').size > 1) return unknown('the samples are of two network namespaces', source);
  const { windowSeconds: seconds, isOrdered } = capture.clock;
  if (seconds === undefined && isOrdered === true) return known(UNKNOWN_LENGTH, source);
  if (seconds === undefined)
    return unknown(
      capture.complete ? 'only one sample' : 'only one sample, as the output ends before its closing section',
      source,
    );
  if (seconds < 0) return unknown('the node rebooted between the samples', source);
  if (seconds < WINDOW_SECONDS.least || seconds > WINDOW_SECONDS.most) {
    return unknown(
      `samples ${seconds.toFixed(0)} s apart, not ${WINDOW_SECONDS.least} to ${WINDOW_SECONDS.most} s`,
      source,
    );
  }
  return known(seconds, source);
}

function valuesIn(text: string, key: string): string[] {
  return Array.from(text.matchAll(new RegExp(`^${key}=(\\S+)$`, 'gm')), ([, value = '']) => value);
}
