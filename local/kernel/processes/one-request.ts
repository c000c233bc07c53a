import { connect } from 'node:net';

/** How one new connection went: milliseconds until it was open and until it was answered, or undefined if it was not. */
export interface RequestResult {
  readonly connectMs?: number;
  readonly answerMs?: number;
}

/**
 * Opens a new connection, asks once, and closes after the answer or after holding the connection open for a while.
 * Never rejects.
 */
export function oneRequest(
  host: string,
  port: number,
  timeoutMs: number,
  holdMs = 0,
): Promise<RequestResult> {
  return new Promise((resolve) => {
    const start = performance.now();
    let connectMs: number | undefined;
    let answerMs: number | undefined;
    const socket = connect({ host, port });
    let timer = setTimeout(() => socket.destroy(), timeoutMs);
    socket.on('connect', () => {
      connectMs = performance.now() - start;
      socket.write('GET / HTTP/1.1\r\nHost: pod\r\n\r\n');
    });
    socket.on('data', () => {
      answerMs = performance.now() - start;
      clearTimeout(timer);
      timer = setTimeout(() => socket.end(), holdMs);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({
        ...(connectMs === undefined ? {} : { connectMs }),
        ...(answerMs === undefined ? {} : { answerMs }),
      });
    });
  });
}
