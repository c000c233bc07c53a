import { BadRequestError, type LocalServer, listenLocally, readBody } from './http-server.ts';

/** An instance as EC2 tells of it. */
export interface LocalInstance {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly privateDnsName: string;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * EC2's DescribeInstances on this machine (EC2 API reference: query protocol, XML), for the real `@aws-sdk/client-ec2`. Every
 * instance runs, and whoever asks is told. Filters are a conjunction, as in the service; one that is not known here is refused.
 */
export async function startEc2(instances: readonly LocalInstance[]): Promise<LocalServer> {
  return await listenLocally(async (request, response) => {
    const body = await readBody(request);
    const form = new URLSearchParams(body.toString('utf8'));
    const action = form.get('Action');
    if (action !== 'DescribeInstances') throw new BadRequestError(`${action} is not served here.`);
    const filters = filtersOf(form);
    const found = instances.filter((one) => filters.every((filter) => isFound(one, filter)));
    response.writeHead(200, { 'content-type': 'text/xml;charset=UTF-8' });
    response.end(
      `<?xml version="1.0" encoding="UTF-8"?><DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>local</requestId><reservationSet>${found.map(reservation).join('')}</reservationSet></DescribeInstancesResponse>`,
    );
  });
}

interface Filter {
  readonly name: string;
  readonly values: readonly string[];
}

function filtersOf(form: URLSearchParams): readonly Filter[] {
  const filters: Filter[] = [];
  for (let n = 1; form.has(`Filter.${n}.Name`); n++) {
    const values: string[] = [];
    for (let m = 1; form.has(`Filter.${n}.Value.${m}`); m++)
      values.push(form.get(`Filter.${n}.Value.${m}`) ?? '');
    filters.push({ name: form.get(`Filter.${n}.Name`) ?? '', values });
  }
  return filters;
}

function isFound({ instanceId, tags, privateDnsName }: LocalInstance, { name, values }: Filter): boolean {
  if (name === 'instance-state-name') return values.includes('running');
  if (name === 'instance-id') return values.includes(instanceId);
  if (name === 'private-dns-name') return values.includes(privateDnsName);
  if (name === 'tag-key') return values.some((key) => Object.hasOwn(tags, key));
  if (name.startsWith('tag:')) return values.includes(tags[name.slice('tag:'.length)] ?? '');
  throw new BadRequestError(`The filter ${name} is not served here.`);
}

function reservation({ instanceId, instanceType, zone, privateDnsName, tags }: LocalInstance): string {
  const tagSet = Object.entries(tags)
    .map(([key, value]) => `<item><key>${escaped(key)}</key><value>${escaped(value)}</value></item>`)
    .join('');
  return `<item><instancesSet><item><instanceId>${instanceId}</instanceId><instanceState><code>16</code><name>running</name></instanceState><privateDnsName>${escaped(privateDnsName)}</privateDnsName><instanceType>${escaped(instanceType)}</instanceType><placement><availabilityZone>${escaped(zone)}</availabilityZone></placement><tagSet>${tagSet}</tagSet></item></instancesSet></item>`;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
