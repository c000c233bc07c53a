import { createSocket } from 'node:dgram';
import { endWithParent } from '../../kernel/processes/end-with-parent.ts';

// Runs in the pod's network namespace: answers every datagram with itself, on each address that is given.
const [addresses = '', port, seconds] = process.argv.slice(2);

endWithParent(Number(seconds));
await Promise.all(
  addresses.split(',').map(
    (address) =>
      new Promise<void>((ready) => {
        const socket = createSocket('udp4');
        socket.on('message', (message, from) => socket.send(message, from.port, from.address));
        socket.bind(Number(port), address, ready);
      }),
  ),
);
process.stdout.write('ready\n');
