import { BadRequestError, type LocalServer, listenLocally, readBody } from './http-server.ts';

/** An instance as EC2 tells of it. */
export interface LocalInstance {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly privateDnsName: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Gbit/s that instance types may carry, lasting and in bursts (EC2 user guide, general purpose instances, network specifications). */
const BANDWIDTHS = { 'm5.xlarge': [1.25, 10], 'm5.2xlarge': [2.5, 10] } as const;

/**
 * EC2's DescribeInstances and DescribeInstanceTypes on this machine (EC2 API reference: query protocol, XML), for the real
 * `@aws-sdk/client-ec2`. Every instance runs, and whoever asks is told. Filters are a conjunction, as in the service; what is not
 * known here is refused in the service's form.
 */
export async function startEc2(instances: readonly LocalInstance[]): Promise<LocalServer> {
  return await listenLocally(async (request, response) => {
    const form = new URLSearchParams((await readBody(request)).toString('utf8'));
    const answer = (status: number, xml: string) =>
      response
        .writeHead(status, { 'content-type': 'text/xml;charset=UTF-8' })
        .end(`<?xml version="1.0" encoding="UTF-8"?>${xml}`);
    try {
      answer(200, answerTo(form, instances));
    } catch (error) {
      if (!(error instanceof BadRequestError)) throw error;
      const why = `<Code>InvalidRequest</Code><Message>${escaped(error.message)}</Message>`;
      answer(400, `<Response><Errors><Error>${why}</Error></Errors><RequestID>local</RequestID></Response>`);
    }
  });
}

function answerTo(form: URLSearchParams, instances: readonly LocalInstance[]): string {
  const action = form.get('Action');
  const filters = filtersOf(form);
  const written = (name: string, content: string) =>
    `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>local</requestId><${name}>${content}</${name}></${action}Response>`;
  if (action === 'DescribeInstances') {
    const found = instances.filter((one) => filters.every((filter) => isFound(one, filter)));
    return written('reservationSet', found.map(reservation).join(''));
  }
  if (action === 'DescribeInstanceTypes') return written('instanceTypeSet', typesFor(filters));
  throw new BadRequestError(`${action} is not served here.`);
}

function typesFor(filters: readonly Filter[]): string {
  const unknown = filters.find(({ name }) => name !== 'instance-type');
  if (unknown !== undefined) throw new BadRequestError(`The filter ${unknown.name} is not served here.`);
  return Object.entries(BANDWIDTHS)
    .filter(([type]) => filters.every(({ values }) => values.includes(type)))
    .map(
      ([type, [baseline, peak]]) =>
        `<item><instanceType>${type}</instanceType><networkInfo><defaultNetworkCardIndex>0</defaultNetworkCardIndex><networkCards><item><networkCardIndex>0</networkCardIndex><baselineBandwidthInGbps>${baseline}</baselineBandwidthInGbps><peakBandwidthInGbps>${peak}</peakBandwidthInGbps></item></networkCards></networkInfo></item>`,
    )
    .join('');
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
