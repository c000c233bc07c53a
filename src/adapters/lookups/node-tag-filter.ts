import type { NodeTag } from '../../core/node-tags.ts';

/** What DescribeInstanceInformation finds the carriers of a tag by; DescribeInstances takes the same under other names. */
export const nodeTagFilter = ({ key, values }: NodeTag): { Key: string; Values: string[] } =>
  values === 'any' ? { Key: 'tag-key', Values: [key] } : { Key: `tag:${key}`, Values: [...values] };
