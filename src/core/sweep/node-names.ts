import type { SweptNode } from './found.ts';

const INSTANCE = /(?:^|\/)(i-[0-9a-f]{8,17})$/;
const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/** What labels that somebody else set call a machine; each is the text of one label. */
export interface NamedMachine {
  /** Its id, provider id, or a name of the host. */
  readonly names: readonly string[];
  /** Where it is scraped: a name or an address, mostly with a port. */
  readonly scrapedAt?: string | undefined;
}

/**
 * Finds the nodes of the fleet behind what labels call them: instance ids, provider ids (`aws:///eu-central-1a/i-…`), host names and
 * addresses. A name that two nodes have is none.
 *
 * @returns what finds a node's id; nothing where no label names a node of the fleet, or two of them name different ones, or where
 * the machine is scraped at an address that is not the node's own: a pod has its own table of connections
 */
export function nodeNames(nodes: readonly SweptNode[]): (machine: NamedMachine) => string | undefined {
  const byName = new Map<string, string | null>();
  const bare = new Map<string, string | null>();
  const addresses = new Map<string, ReadonlySet<string>>();
  const put = (into: Map<string, string | null>, name: string, instanceId: string): void => {
    const holder = into.get(name);
    into.set(name, holder === undefined || holder === instanceId ? instanceId : null);
  };
  for (const { instanceId, hostNames = [], addresses: own = [] } of nodes) {
    put(byName, instanceId, instanceId);
    for (const name of [...hostNames, ...own]) put(byName, name, instanceId);
    // Where only the first label of a name is known, the rest of it says nothing.
    const isShort = hostNames.every((name) => !name.includes('.'));
    for (const name of hostNames) put(isShort ? bare : byName, firstLabel(name), instanceId);
    if (own.length > 0) addresses.set(instanceId, new Set(own));
  }
  const find = (text: string): string | undefined => {
    const name = text.toLowerCase();
    const id = INSTANCE.exec(name)?.[1] ?? name;
    const exact = byName.get(id);
    return (exact === undefined ? bare.get(firstLabel(id)) : exact) ?? undefined;
  };
  return ({ names, scrapedAt }) => {
    const host = scrapedAt === undefined ? undefined : hostOf(scrapedAt);
    const found = new Set(
      [...names, ...(host === undefined ? [] : [host])].flatMap((name) => find(name) ?? []),
    );
    const [instanceId, ...others] = found;
    if (instanceId === undefined || others.length > 0) return undefined;
    const own = addresses.get(instanceId);
    const isElsewhere =
      host !== undefined && isAddress(host) && own !== undefined && !own.has(host) && !LOOPBACK.test(host);
    return isElsewhere ? undefined : instanceId;
  };
}

const firstLabel = (name: string): string => (isAddress(name) ? name : (name.split('.')[0] ?? name));

const isAddress = (host: string): boolean => /^\d{1,3}(\.\d{1,3}){3}$/.test(host) || host.includes(':');

/** The host of `10.0.1.23:9100`, `[fd00::17]:9100` or `ip-10-0-1-23.ec2.internal`. */
function hostOf(text: string): string {
  const [, inBrackets] = /^\[([^\]]+)\](?::\d+)?$/.exec(text) ?? [];
  return inBrackets ?? text.replace(/^([^:]*):\d{1,5}$/, '$1');
}
