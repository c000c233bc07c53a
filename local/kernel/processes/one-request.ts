import { connect } from 'node:net';

/** How one new connection went: milliseconds until it was open and until it was answered, or undefined if it was not. */
export interface RequestResult {
  readonly connectMs?: number;
  readonly answerMs?: number;
}

/** Opens a new connection, asks once, waits for the answer and the close. Never rejects. */
export function oneRequest(host: string, port: number, timeoutMs: number): Promise<RequestResult> {
  return new Promise((resolve) => {
    const start = performance.now();
    let connectMs: number | undefined;
    let answered = false;
    const socket = connect({ host, port });
    const timer = setTimeout(() => socket.destroy(), timeoutMs);
    socket.on('connect', () => {
      connectMs = performance.now() - start;
      socket.write('GET / HTTP/1.1\r\nHost: pod\r\nConnection: close\r\n\r\n');
    });
    socket.on('data', () => {
      answered = true;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({
        ...(connectMs === undefined ? {} : { connectMs }),
        ...(answered ? { answerMs: performance.now() - start } : {}),
      });
    });
  });
}
