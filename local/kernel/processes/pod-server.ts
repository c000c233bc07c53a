import { createServer } from 'node:http';
import { endWithParent } from './end-with-parent.ts';

// Runs in the pod's network namespace: a small web service. It leaves closing to its clients.
endWithParent(Number(process.argv[3]));
const server = createServer({ keepAliveTimeout: 60_000 }, (_request, response) => {
  response.writeHead(200, { 'content-length': 3 });
  response.end('ok\n');
});
server.listen({ host: '0.0.0.0', port: Number(process.argv[2]), backlog: 4096 }, () =>
  process.stdout.write('ready\n'),
);
