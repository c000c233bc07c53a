/** A listening socket. */
export interface Listener {
  readonly port: number;
  /** Finished connections that wait to be accepted (Recv-Q). */
  readonly waiting: number;
  /** Most that may wait (Send-Q): the smaller of the backlog and net.core.somaxconn. */
  readonly backlog: number;
}

/** Reads rows of `ss -ltn`, with or without its heading: `LISTEN 6 5 0.0.0.0:8080 0.0.0.0:*`. */
export function parseListeners(text: string): readonly Listener[] {
  return Array.from(
    text.matchAll(/^[ \t]*(?:tcp[ \t]+)?LISTEN[ \t]+(\d{1,9})[ \t]+(\d{1,9})[ \t]+\S{1,80}:(\d{1,5})\s/gm),
    ([, waiting, backlog, port]) => ({
      port: Number(port),
      waiting: Number(waiting),
      backlog: Number(backlog),
    }),
  );
}
