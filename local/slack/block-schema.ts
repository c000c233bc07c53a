import * as z from 'zod';

/** A text object. */
export const Text = z.object({
  type: z.enum(['plain_text', 'mrkdwn']),
  text: z.string(),
  emoji: z.boolean().optional(),
});
export type Text = z.infer<typeof Text>;

const Confirm = z.object({
  title: Text,
  text: Text,
  confirm: Text,
  deny: Text,
  style: z.enum(['primary', 'danger']).optional(),
});
export type Confirm = z.infer<typeof Confirm>;

const Button = z.object({
  type: z.literal('button'),
  action_id: z.string(),
  text: Text,
  value: z.string().optional(),
  url: z.string().optional(),
  style: z.enum(['primary', 'danger']).optional(),
  confirm: Confirm.optional(),
});
export type Button = z.infer<typeof Button>;

const Option = z.object({ text: Text, value: z.string(), description: Text.optional() });
const Overflow = z.object({
  type: z.literal('overflow'),
  action_id: z.string(),
  options: z.array(Option).min(1).max(5),
  confirm: Confirm.optional(),
});
export type Overflow = z.infer<typeof Overflow>;

const StaticSelect = z.object({
  type: z.literal('static_select'),
  action_id: z.string(),
  placeholder: Text,
  options: z.array(Option).min(1).max(100),
  confirm: Confirm.optional(),
});
export type StaticSelect = z.infer<typeof StaticSelect>;

/** Elements that a person can click. */
export const Interactive = z.discriminatedUnion('type', [Button, Overflow, StaticSelect]);
export type Interactive = z.infer<typeof Interactive>;

const block = { block_id: z.string().default('') };

/** The blocks that the page knows how to draw; any other type is drawn as a loud note. */
export const KnownBlock = z.discriminatedUnion('type', [
  z.object({ type: z.literal('header'), text: Text, ...block }),
  z.object({
    type: z.literal('section'),
    text: Text.optional(),
    fields: z.array(Text).optional(),
    accessory: z.unknown().optional(),
    expand: z.boolean().default(false),
    ...block,
  }),
  z.object({ type: z.literal('context'), elements: z.array(z.unknown()), ...block }),
  z.object({ type: z.literal('divider'), ...block }),
  z.object({ type: z.literal('actions'), elements: z.array(z.unknown()), ...block }),
  z.object({ type: z.literal('markdown'), text: z.string(), ...block }),
  z.object({
    type: z.literal('table'),
    rows: z.array(z.array(z.looseObject({ type: z.string(), text: z.string() }))),
    column_settings: z
      .array(z.looseObject({ align: z.enum(['left', 'center', 'right']).optional() }))
      .default([]),
    ...block,
  }),
  z.object({
    type: z.literal('data_visualization'),
    title: z.string(),
    chart: z.object({
      type: z.literal('bar'),
      series: z.array(
        z.object({ name: z.string(), data: z.array(z.object({ label: z.string(), value: z.number() })) }),
      ),
      axis_config: z.looseObject({ categories: z.array(z.string()) }),
    }),
    ...block,
  }),
]);
export type KnownBlock = z.infer<typeof KnownBlock>;

/** Any block as the app sent it. */
export const Block = z.looseObject({ type: z.string(), block_id: z.string().optional() });
export type Block = z.infer<typeof Block>;

/** A secondary attachment: a colour bar with blocks. */
export const Attachment = z.looseObject({
  color: z.string().optional(),
  fallback: z.string().optional(),
  text: z.string().optional(),
  blocks: z.array(Block).default([]),
});
export type Attachment = z.infer<typeof Attachment>;

/** A modal. */
export const View = z.looseObject({
  type: z.literal('modal'),
  title: Text,
  close: Text.optional(),
  blocks: z.array(Block),
  callback_id: z.string().optional(),
  private_metadata: z.string().optional(),
});
export type View = z.infer<typeof View>;
