/** One end of a packet as tcpdump prints it: address and port, which are captured. */
export const END = String.raw`([\w.:%-]{1,120})[.]([\w-]{1,40})`;

/** When it was seen: hours, minutes and seconds of a day, or seconds alone; all four are captured. */
export const STAMP = String.raw`(?:\d{4}-\d\d-\d\d )?(?:(\d\d):(\d\d):(\d\d\.\d{1,9})|(\d{1,10}\.\d{1,9}))`;

/** The seconds that a stamp says: of the day, or since whatever it counts from; nothing where there is none. */
export function secondsOf(
  hours: string | undefined,
  minutes: string | undefined,
  seconds: string | undefined,
  plain: string | undefined,
): number | undefined {
  if (plain !== undefined) return Number(plain);
  return seconds === undefined ? undefined : Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
}
