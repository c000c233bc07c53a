import * as z from 'zod';
import { checkChart, checkTable, FIGURE_LIMITS } from './figures/limits.ts';
import { Text, Violations } from './violations.ts';

/**
 * Limits of Block Kit that Slack enforces by refusing the whole message (docs.slack.dev/reference/block-kit and
 * @slack/types). `messageChars` is ours: Slack answers `msg_blocks_too_long` near 13,200 characters of blocks
 * (slackapi/bolt-js issue 2509) and documents no number.
 */
export const LIMITS = {
  messageBlocks: 50,
  viewBlocks: 100,
  messageChars: 10_000,
  markdownChars: 12_000,
  headerChars: 150,
  sectionChars: 3000,
  fields: 10,
  fieldChars: 2000,
  contextElements: 10,
  actionsElements: 25,
  cardTitleChars: 150,
  cardBodyChars: 200,
  buttonChars: 75,
  valueChars: 2000,
  idChars: 255,
  menuOptions: 100,
  overflowOptions: 5,
  placeholderChars: 150,
  optionChars: 75,
  optionValueChars: 150,
  confirmTitleChars: 100,
  confirmTextChars: 300,
  confirmButtonChars: 30,
  viewTitleChars: 24,
  viewMetadataChars: 3000,
} as const;

/** Block types that a modal refuses although a message takes them (docs.slack.dev, "Available in surfaces"). */
const NOT_IN_VIEWS: ReadonlySet<string> = new Set([
  'markdown',
  'table',
  'data_table',
  'data_visualization',
  'carousel',
  'container',
]);
/** Block types that only a modal takes. */
const NOT_IN_MESSAGES: ReadonlySet<string> = new Set(['alert']);

const Block = z.looseObject({ type: z.string() });
type Block = z.infer<typeof Block>;

const Message = z.looseObject({
  text: z.string().optional(),
  blocks: z.array(Block).optional(),
  attachments: z.array(z.looseObject({ blocks: z.array(Block).optional() })).optional(),
});
const View = z.looseObject({
  type: z.literal('modal'),
  title: Text,
  close: Text.optional(),
  private_metadata: z.string().optional(),
  blocks: z.array(Block),
});

/** What Slack would refuse in a message, one sentence each; empty when it would take it. Total: any value is judged. */
export function findLimitViolations(message: unknown): string[] {
  const parsed = Message.safeParse(message);
  if (!parsed.success) return ['The message has no valid blocks or attachments.'];
  const { blocks = [], attachments = [] } = parsed.data;
  const all = [...blocks, ...attachments.flatMap((attachment) => attachment.blocks ?? [])];
  const found = new Violations();
  found.atMost('blocks of a message', all.length, LIMITS.messageBlocks);
  const markdown = all.filter(({ type }) => type === 'markdown');
  found.atMost(
    'characters in markdown blocks',
    lengthOf(markdown.map(({ text }) => text)),
    LIMITS.markdownChars,
  );
  const others = all.filter(({ type }) => type !== 'markdown');
  found.atMost(
    'characters in blocks',
    others.length === 0 ? 0 : JSON.stringify(others).length,
    LIMITS.messageChars,
  );
  found.atMost(
    'tables of a message',
    all.filter(({ type }) => type === 'table').length,
    FIGURE_LIMITS.tablesOfMessage,
  );
  const charts = all.filter(({ type }) => type === 'data_visualization');
  found.atMost('charts of a message', charts.length, FIGURE_LIMITS.chartsOfMessage);
  for (const block of all) {
    if (NOT_IN_MESSAGES.has(block.type)) found.add(`An ${block.type} block is not allowed in a message.`);
    else checkBlock(block, found);
  }
  return found.sentences;
}

/** What Slack would refuse in a modal view, one sentence each. */
export function findViewLimitViolations(view: unknown): string[] {
  const parsed = View.safeParse(view);
  if (!parsed.success) return ['The view is no modal with a title and blocks.'];
  const { title, close, blocks, private_metadata: metadata = '' } = parsed.data;
  const found = new Violations();
  found.text('title of a view', title, LIMITS.viewTitleChars, 'plain_text');
  if (close !== undefined) found.text('close of a view', close, LIMITS.viewTitleChars, 'plain_text');
  found.atMost('characters of private_metadata', metadata.length, LIMITS.viewMetadataChars);
  found.atMost('blocks of a view', blocks.length, LIMITS.viewBlocks);
  for (const block of blocks) {
    if (NOT_IN_VIEWS.has(block.type)) found.add(`A ${block.type} block is not allowed in a view.`);
    else checkBlock(block, found);
  }
  return found.sentences;
}

function checkBlock(block: Block, found: Violations): void {
  if (block['block_id'] !== undefined) found.string('block_id', block['block_id'], LIMITS.idChars);
  switch (block.type) {
    case 'header':
      found.text('header', block['text'], LIMITS.headerChars, 'plain_text');
      break;
    case 'section':
      checkSection(block, found);
      break;
    case 'context':
      for (const element of found.list('elements of a context', block['elements'], LIMITS.contextElements)) {
        found.text('context element', element, LIMITS.sectionChars);
      }
      break;
    case 'actions': {
      const elements = found.list('elements of an actions block', block['elements'], LIMITS.actionsElements);
      for (const element of elements) checkElement(element, found);
      const ids = elements.map((element) => Interactive.safeParse(element).data?.action_id);
      if (new Set(ids).size !== ids.length)
        found.add('Two elements of an actions block have the same action_id.');
      break;
    }
    case 'markdown':
      found.string('text of a markdown block', block['text'], LIMITS.markdownChars);
      break;
    case 'divider':
      break;
    case 'table':
      checkTable(block, found);
      break;
    case 'data_visualization':
      checkChart(block, found);
      break;
    case 'card':
      checkCard(block, found);
      break;
    case 'alert':
      found.text('text of an alert', block['text'], LIMITS.sectionChars);
      break;
    default:
      found.add(`The block type ${block.type} is not known here.`);
  }
}

function checkCard(block: Block, found: Violations): void {
  const { title, subtitle, body, hero_image: image, actions } = block;
  if ([image, title, body, actions].every((part) => part === undefined))
    found.add('A card has neither an image, a title, a body nor actions.');
  if (title !== undefined) found.text('title of a card', title, LIMITS.cardTitleChars);
  if (subtitle !== undefined) found.text('subtitle of a card', subtitle, LIMITS.cardTitleChars);
  if (body !== undefined) found.text('body of a card', body, LIMITS.cardBodyChars);
  if (actions === undefined) return;
  for (const element of found.list('actions of a card', actions, LIMITS.actionsElements))
    checkElement(element, found);
}

function checkSection(block: Block, found: Violations): void {
  if (block['text'] === undefined && block['fields'] === undefined)
    found.add('A section has neither text nor fields.');
  if (block['text'] !== undefined) found.text('section text', block['text'], LIMITS.sectionChars);
  if (block['fields'] !== undefined) {
    for (const field of found.list('fields of a section', block['fields'], LIMITS.fields)) {
      found.text('section field', field, LIMITS.fieldChars);
    }
  }
  if (block['accessory'] !== undefined) checkElement(block['accessory'], found);
}

const Interactive = z.looseObject({
  type: z.enum(['button', 'overflow', 'static_select']),
  action_id: z.string(),
});

function checkElement(element: unknown, found: Violations): void {
  const parsed = Interactive.safeParse(element);
  if (!parsed.success) {
    found.add('An interactive element is no button or menu with an action_id.');
    return;
  }
  const { type, action_id: id, confirm } = parsed.data;
  found.string('action_id', id, LIMITS.idChars);
  if (type === 'button') checkButton(parsed.data, found);
  else if (type === 'overflow') checkOptions(parsed.data['options'], LIMITS.overflowOptions, found);
  else checkMenu(parsed.data, found);
  checkConfirm(confirm, found);
}

function checkButton({ text, value }: Readonly<Record<string, unknown>>, found: Violations): void {
  found.text('button label', text, LIMITS.buttonChars, 'plain_text');
  if (value !== undefined) found.string('button value', value, LIMITS.valueChars);
}

function checkMenu({ placeholder, options }: Readonly<Record<string, unknown>>, found: Violations): void {
  found.text('placeholder of a menu', placeholder, LIMITS.placeholderChars, 'plain_text');
  checkOptions(options, LIMITS.menuOptions, found);
}

function checkOptions(options: unknown, most: number, found: Violations): void {
  for (const option of found.list('options of a menu', options, most)) {
    const { text, value } = z.looseObject({}).safeParse(option).data ?? {};
    found.text('option of a menu', text, LIMITS.optionChars, 'plain_text');
    found.string('value of an option', value, LIMITS.optionValueChars);
  }
}

function checkConfirm(confirm: unknown, found: Violations): void {
  if (confirm === undefined) return;
  const dialog = z.looseObject({}).safeParse(confirm);
  if (!dialog.success) {
    found.add('A confirm is no object.');
    return;
  }
  found.text('confirm title', dialog.data['title'], LIMITS.confirmTitleChars, 'plain_text');
  found.text('confirm text', dialog.data['text'], LIMITS.confirmTextChars);
  found.text('confirm button', dialog.data['confirm'], LIMITS.confirmButtonChars, 'plain_text');
  found.text('confirm deny', dialog.data['deny'], LIMITS.confirmButtonChars, 'plain_text');
}

function lengthOf(texts: readonly unknown[]): number {
  return texts.reduce<number>((sum, text) => sum + (typeof text === 'string' ? text.length : 0), 0);
}
