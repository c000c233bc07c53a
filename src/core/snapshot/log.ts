import { type Capture, newest } from '../capture/capture.ts';
import { type LogStamp, parseKernelLog } from '../parse/kernel-log.ts';
import { parseKeyValues, wholeNumber } from '../parse/key-values.ts';
import { show } from '../words.ts';
import { type Fact, known, unknown } from './fact.ts';
import type { LogFacts, LogMessage } from './snapshot.ts';

/** How far back a kernel message counts as evidence, in seconds: three periods of a five-minute alarm. */
const LOG_WINDOW_SECONDS = 900;

/** Kernel stamps run on a clock that stops in suspend and drifts from uptime; this many seconds are forgiven. */
const CLOCK_SLACK_SECONDS = 5;

/** How far back an older message is told at all, in seconds: a day. Our choice. */
const PAST_SECONDS = 86_400;

/** Reads the kernel log and ages each message; those older than the window are history and kept apart. */
export function logFacts(capture: Capture): Fact<LogFacts> {
  const section = newest(capture, 'kernel-log');
  if (section === undefined) {
    const status = capture.sections.find(({ source }) => source === 'kernel-log')?.status ?? 'not collected';
    return unknown(`kernel log: ${status}`, 'dmesg');
  }
  const all = parseKernelLog(section.text).map((message) => {
    const ageSeconds = ageOf(message.stamp, capture);
    const windowSeconds = capture.clock.windowSeconds;
    // No slack here: an event that goes on logs again within seconds, so some of its lines fall well inside.
    const isDuringWindow =
      ageSeconds !== undefined && windowSeconds !== undefined && ageSeconds <= windowSeconds;
    return { kind: message.kind, netns: message.netns, ageSeconds, isDuringWindow };
  });
  const isYounger = (seconds: number) => (message: LogMessage) => (message.ageSeconds ?? 0) <= seconds;
  const isEvidence = isYounger(LOG_WINDOW_SECONDS + CLOCK_SLACK_SECONDS);
  const messages = all.filter(isEvidence);
  const earlier = all.filter((message) => !isEvidence(message) && isYounger(PAST_SECONDS)(message));
  const older = all.filter((message) => !isYounger(PAST_SECONDS)(message));
  return known(
    { messages, earlier, older, completeSeconds: completeSecondsOf(section.text, capture) },
    'dmesg',
  );
}

/** Uptime of the kernel's first lines, in seconds: a log that begins there holds all since boot. Our choice. */
const BOOT_SECONDS = 60;

/** How far back the collector says that its lines are complete; `undefined` where that is to the boot, or it does not say. */
function completeSecondsOf(text: string, { clock }: Capture): number | undefined {
  const seconds = wholeNumber(parseKeyValues(text).get('window_seconds'));
  if (seconds === undefined || clock.endUptimeSeconds === undefined) return undefined;
  return clock.endUptimeSeconds - seconds <= BOOT_SECONDS ? undefined : seconds;
}

/** What of the last 15 minutes the kernel log does not tell, as a gap; nothing where it tells all of them. */
export function logGaps(capture: Capture): readonly string[] {
  const log = logFacts(capture);
  const seconds = log.known ? log.value.completeSeconds : undefined;
  if (seconds === undefined || seconds >= LOG_WINDOW_SECONDS) return [];
  return [`kernel-log: reaches back ${show(seconds)} s only → earlier kernel messages unknown`];
}

function ageOf(stamp: LogStamp, { clock }: Capture): number | undefined {
  switch (stamp.clock) {
    case 'uptime':
      return clock.endUptimeSeconds === undefined
        ? undefined
        : Math.max(0, clock.endUptimeSeconds - stamp.seconds);
    case 'epoch':
      return clock.endEpochMs === undefined ? undefined : Math.max(0, (clock.endEpochMs - stamp.ms) / 1000);
    case 'ago':
      return stamp.seconds;
    case 'none':
      return undefined;
  }
}
