import { END, STAMP, secondsOf } from './captured-line.ts';

/** One TCP packet that opens, answers or refuses a connection. */
export interface Packet {
  readonly seconds: number | undefined;
  readonly from: string;
  readonly to: string;
  readonly kind: 'syn' | 'syn-ack' | 'reset' | 'other';
  readonly sequence: string | undefined;
  /** Interface and direction, where `-i any` printed them. */
  readonly place: string | undefined;
}

/** tcpdump: time, interface and direction of `-i any`, ends and flags. */
const TCPDUMP = new RegExp(
  String.raw`^\s*(?:${STAMP}\s+)?(?:([\w.@-]{1,16})\s+(In|Out|M|B|P)\s+)?(?:IP6?\s+)?(?:\(.{0,200}\)\s+)?${END} > ${END}: (?:Flags \[([A-Z.]{1,8}|none)\]|([SFRPUEW.]{1,4}) \d)(?:.{0,60}?seq (\d{1,10}))?`,
);

/** tshark: number, seconds, ends, then ports and flags. */
const TSHARK =
  /^\s*\d{1,9}\s+(?:\d{4}-\d\d-\d\d )?(?:(\d\d):(\d\d):(\d\d\.\d{1,9})|(\d{1,10}\.\d{1,9}))\s+(\S{1,60})\s+(?:→|->)\s+(\S{1,60})\s+TCP\s+\d{1,6}\s+(?:\[TCP [\w -]{3,40}\]\s?,?\s?){0,3}(\d{1,5})\s+(?:→|->|>)\s+(\d{1,5})\s+\[([A-Z, ]{3,30})\](?:.{0,40}?Seq=(\d{1,10}))?/;

/** The TCP packet of a line; `whole` is the line with the one that `-v` puts below it. */
export function packetOf(whole: string, line: string | undefined): Packet | undefined {
  if (line === undefined || !/ > |→|->/.test(whole)) return undefined;
  const dumped = TCPDUMP.exec(whole);
  if (dumped !== null) {
    const [, hours, minutes, seconds, plain, device, way, from, fromPort, to, toPort, flags, old, sequence] =
      dumped;
    return {
      seconds: secondsOf(hours, minutes, seconds, plain),
      from: `${from}:${fromPort}`,
      to: `${to}:${toPort}`,
      kind: kindOf(flags ?? old ?? '', whole),
      sequence,
      place: device === undefined ? undefined : `${device} ${way}`,
    };
  }
  const [all, hours, minutes, seconds, plain, from, to, fromPort, toPort, flags = '', sequence] =
    TSHARK.exec(whole) ?? [];
  if (all === undefined) return undefined;
  return {
    seconds: secondsOf(hours, minutes, seconds, plain),
    from: `${from}:${fromPort}`,
    to: `${to}:${toPort}`,
    kind: flags.includes('RST')
      ? 'reset'
      : flags.includes('SYN')
        ? flags.includes('ACK')
          ? 'syn-ack'
          : 'syn'
        : 'other',
    sequence,
    place: undefined,
  };
}

function kindOf(flags: string, text: string): Packet['kind'] {
  if (flags.includes('R')) return 'reset';
  if (!flags.includes('S')) return 'other';
  return flags.includes('.') || / ack \d/.test(text) ? 'syn-ack' : 'syn';
}
