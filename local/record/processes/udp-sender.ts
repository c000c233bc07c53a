import { createSocket } from 'node:dgram';
import { endWithParent } from '../../kernel/processes/end-with-parent.ts';

// Runs in the client's network namespace: sends from one port for ever, as metrics and log senders do.
const [from = '', to = '', port, seconds] = process.argv.slice(2);
const EVERY_MS = 500;

endWithParent(Number(seconds));
const socket = createSocket('udp4');
socket.bind(40_053, from, () => {
  setInterval(() => socket.send('metric:1|c', Number(port), to), EVERY_MS);
  process.stdout.write('ready\n');
});
