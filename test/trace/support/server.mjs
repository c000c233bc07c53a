// Accepts connections inside the pod. Arguments: length of the listen queue, milliseconds before it says anything.
import { createServer } from 'node:net';

const [backlog, delay] = process.argv.slice(2).map(Number);
// It stays open until it has said it, even where the client has closed its end.
const server = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => {});
  socket.resume();
  setTimeout(() => socket.end('x'), delay);
});
server.listen({ port: 8080, host: '0.0.0.0', backlog }, () => process.stdout.write('ready\n'));
process.stdin.on('end', () => process.exit(0)).resume();
