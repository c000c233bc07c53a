import { plainName } from './names.ts';

/**
 * The machine or pod that a log stream is of: what CloudWatch's agents, Fluent Bit of Container Insights and container logs
 * put around its name is left out. A stream that is called otherwise keeps its name: two streams are taken for two sources.
 */
export function hostOfStream(stream: string): string {
  const bare = plainName(stream).replace(/^(?:[\w-]{1,40}-)?kube\.var\.log\.containers\./, '');
  const [, node] = /^(.{1,200}?)-(?:application|dataplane|host)\.\S+$/.exec(bare) ?? [];
  const [, pod] = /^([a-z0-9][a-z0-9.-]{0,252})_[a-z0-9-]{1,63}_\S+$/.exec(bare) ?? [];
  const name = node ?? pod ?? bare.split('/').find((part) => part !== '') ?? bare;
  return name.replaceAll(/[^\w.@:-]+/g, '-').slice(0, 120);
}
