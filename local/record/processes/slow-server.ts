import { createServer } from 'node:net';
import { endWithParent } from '../../kernel/processes/end-with-parent.ts';

// A service whose event loop is blocked most of the time, so that it accepts only now and then.
const [host = '', port, seconds] = process.argv.slice(2);
const BACKLOG = 5;
const BLOCKED_MS = 500;

endWithParent(Number(seconds));
const server = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n'));
});
server.listen({ host, port: Number(port), backlog: BACKLOG }, () => {
  process.stdout.write('ready\n');
  const asleep = new Int32Array(new SharedArrayBuffer(4));
  setInterval(() => Atomics.wait(asleep, 0, 0, BLOCKED_MS), 20);
});
