import { createServer } from 'node:http';

/** As much of the Kubernetes API as kube-proxy asks for before it sets the limit: its own node. Prints its port. */
const metadata = { name: 'node', resourceVersion: '1' };
const addresses = [{ type: 'InternalIP', address: '127.0.0.1' }];
const node = { apiVersion: 'v1', kind: 'Node', metadata, status: { addresses } };
const list = { apiVersion: 'v1', kind: 'NodeList', metadata: { resourceVersion: '1' }, items: [node] };
const annotations = { 'k8s.io/initial-events-end': 'true' };
const end = { apiVersion: 'v1', kind: 'Node', metadata: { resourceVersion: '1', annotations } };

const server = createServer(({ url = '/' }, response) => {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  response.writeHead(pathname.startsWith('/api/v1/nodes') ? 200 : 404, {
    'content-type': 'application/json',
  });
  if (!searchParams.has('watch'))
    return response.end(JSON.stringify(pathname.endsWith('/node') ? node : list));
  // A watch begins with what there is and stays open.
  response.write(`${JSON.stringify({ type: 'ADDED', object: node })}\n`);
  response.write(`${JSON.stringify({ type: 'BOOKMARK', object: end })}\n`);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
