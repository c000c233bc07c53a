/** The headers of one packet that a trace keeps. */
export interface Packet {
  /** Number of the point, or of the file, that saw it. */
  readonly point: number;
  /** Seconds since the Unix epoch. */
  readonly at: number;
  readonly kind: 'SYN' | 'SYN-ACK' | 'RST';
  readonly from: string;
  readonly fromPort: number;
  readonly to: string;
  readonly toPort: number;
  /** Sequence number. */
  readonly sequence: number;
  /** Acknowledged number; 0 where nothing is acknowledged. */
  readonly acknowledged: number;
  /** Value of the TCP time stamp option. */
  readonly stamp: number | undefined;
}

const KINDS = { S: 'SYN', A: 'SYN-ACK', R: 'RST' } as const;

const LINE =
  /^(?<point>[0-7]) (?<at>\d{9,11}\.\d{6}) (?<kind>[SAR]) (?<from>[0-9a-f.:]{2,45}) (?<fromPort>\d{1,5}) (?<to>[0-9a-f.:]{2,45}) (?<toPort>\d{1,5}) (?<sequence>\d{1,10}) (?<acknowledged>\d{1,10}) (?<stamp>\d{1,10}|-)$/;

/** Reads a line of the section `trace-packets`; `undefined` where it is none. */
export function packetIn(line: string): Packet | undefined {
  const fields = LINE.exec(line)?.groups;
  if (fields === undefined) return undefined;
  const { kind = '', from = '', to = '', stamp = '-' } = fields;
  const number = (name: string) => Number(fields[name]);
  return {
    point: number('point'),
    at: number('at'),
    kind: KINDS[kind as keyof typeof KINDS],
    from,
    fromPort: number('fromPort'),
    to,
    toPort: number('toPort'),
    sequence: number('sequence'),
    acknowledged: number('acknowledged'),
    stamp: stamp === '-' ? undefined : Number(stamp),
  };
}

const WRAP = 2 ** 32;

/** The number that its connection begins with: kept across NAT, so the same at every point (RFC 9293, 3.4). */
export const connectionOf = ({ kind, sequence, acknowledged }: Packet): number =>
  kind === 'SYN' ? sequence : (acknowledged + WRAP - 1) % WRAP;
