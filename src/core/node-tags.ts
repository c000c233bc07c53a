import * as z from 'zod';
import { jsonOrNothing } from './json.ts';

/** A tag by which the service may reach a node: a key with the values that count, or with any. */
export const NodeTag = z.strictObject({
  key: z.string().min(1).max(128),
  values: z.union([z.literal('any'), z.array(z.string().min(1).max(256)).min(1).max(20)], {
    error: 'must be "any" or a list of 1 to 20 values',
  }),
});
export type NodeTag = z.infer<typeof NodeTag>;

/**
 * The tags by which nodes are reached: a node that carries one of them can be sent commands, every other one is refused by
 * IAM. Each becomes one statement of two roles, whose policies have room for ten.
 */
export const NodeTags = z
  .array(NodeTag)
  .min(1)
  .max(10)
  .refine((tags) => new Set(tags.map(({ key }) => key)).size === tags.length, {
    message: 'must hold each key once, with all its values',
  });
export type NodeTags = readonly NodeTag[];

/** Whether one tag of a node is one that counts. */
export const isNodeTag = (tags: NodeTags, key: string, value: string): boolean =>
  tags.some((tag) => tag.key === key && (tag.values === 'any' || tag.values.includes(value)));

/** Whether a node with these tags can be sent a command. */
export const carriesNodeTag = (carried: Readonly<Record<string, string>>, tags: NodeTags): boolean =>
  Object.entries(carried).some(([key, value]) => isNodeTag(tags, key, value));

/** The tags for a sentence: `eks:cluster-name=shop`, `eks:cluster-name=shop or web, or karpenter.sh/nodepool with any value`. */
export function nodeTagsPhrase(tags: NodeTags): string {
  const phrases = tags.map(({ key, values }) =>
    values === 'any' ? `${key} with any value` : `${key}=${values.join(' or ')}`,
  );
  return phrases.join(', or ');
}

/** The tags as the text of a variable or an output: `KEY=VALUE` for one with one value, as JSON otherwise. */
export function nodeTagsText(tags: NodeTags): string {
  const [pair, ...others] = tags.flatMap(({ key, values }) =>
    values === 'any' ? [] : values.map((value) => `${key}=${value}`),
  );
  const isAll = others.length === 0 && tags.length === 1;
  const isReadBack = isAll && pair !== undefined && isDeepEqual(readNodeTags(pair), tags);
  return isReadBack ? pair : JSON.stringify(tags);
}

/** Reads what {@link nodeTagsText} wrote; nothing when it is no such text. */
export function readNodeTags(text: string): NodeTags | undefined {
  const [, key, value] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  const isPair = key !== undefined && value !== undefined && !text.startsWith('[');
  return NodeTags.safeParse(isPair ? [{ key, values: [value] }] : jsonOrNothing(text)).data;
}

const isDeepEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
