import { escapeHtml, Html } from '../../../src/page/html.ts';
import { PEOPLE } from '../people.ts';
import { EMOJI } from './emoji.ts';

/** Spans whose inside is not formatted: fences, code, and Slack's `<…>` tokens. */
const SPAN = /```([\s\S]+?)```|`([^`\n]+)`|<([^<>\n]+)>/g;
/** Stands for a rendered span while the text around it is formatted; private-use characters, never in real text. */
const OPEN = '\uE000';
const CLOSE = '\uE001';

/** Turns Slack's mrkdwn into HTML by Slack's rules: its three escapes, `*bold*` at word edges, `<url|label>`, quotes. */
export function mrkdwn(text: string): Html {
  const spans: string[] = [];
  const held = text.replaceAll(SPAN, (_whole, fence?: string, code?: string, token?: string) => {
    spans.push(renderSpan(fence, code, token));
    return `${OPEN}${spans.length - 1}${CLOSE}`;
  });
  const formatted = held
    .split('\n')
    .map((line) => renderLine(line))
    .join('<br>')
    .replaceAll('</blockquote><br>', '</blockquote>');
  const whole = formatted.replaceAll(
    new RegExp(`${OPEN}(\\d+)${CLOSE}`, 'g'),
    (_held, index) => spans[Number(index)] ?? '',
  );
  return new Html(whole);
}

/** Plain text: nothing is formatted; emoji names only where the app did not say otherwise. */
export function plainText(text: string, withEmoji = true): Html {
  const escaped = escapeHtml(unescapeSlack(text));
  return new Html((withEmoji ? emoji(escaped) : escaped).replaceAll('\n', '<br>'));
}

function renderLine(line: string): string {
  const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
  if (quoted?.[1] !== undefined) return `<blockquote>${renderInline(quoted[1])}</blockquote>`;
  return renderInline(line);
}

function renderInline(text: string): string {
  const escaped = emoji(escapeHtml(unescapeSlack(text)));
  return wrap(wrap(wrap(escaped, '\\*', 'strong'), '_', 'em'), '~', 's');
}

/** A mark counts only at the edge of a word: `2*3*4` stays as it is. */
function wrap(text: string, mark: string, tag: string): string {
  const inside = `(?!\\s)((?:(?!${mark}).)+?)(?<!\\s)`;
  return text.replaceAll(
    new RegExp(`(?<![\\w*_~])${mark}${inside}${mark}(?![\\w*_~])`, 'g'),
    `<${tag}>$1</${tag}>`,
  );
}

function renderSpan(fence: string | undefined, code: string | undefined, token: string | undefined): string {
  if (fence !== undefined) return `<pre>${escapeHtml(unescapeSlack(fence.replace(/^\n/, '')))}</pre>`;
  if (code !== undefined) return `<code>${escapeHtml(unescapeSlack(code))}</code>`;
  return renderToken(token ?? '');
}

function renderToken(token: string): string {
  const [target = '', label] = token.split('|', 2);
  if (target.startsWith('@'))
    return `<span class="mention">@${escapeHtml(label ?? nameOf(target.slice(1)))}</span>`;
  if (target.startsWith('#')) return `<span class="mention">#${escapeHtml(label ?? target.slice(1))}</span>`;
  if (target.startsWith('!date^')) return renderDate(target, label ?? '');
  if (target.startsWith('!')) return escapeHtml(label ?? `@${target.slice(1)}`);
  const shown = escapeHtml(unescapeSlack(label ?? target));
  if (!/^(https?:\/\/|mailto:)/.test(target)) return shown;
  return `<a href="${escapeHtml(unescapeSlack(target))}" target="_blank" rel="noopener noreferrer">${shown}</a>`;
}

/** People show by their names, as in Slack. */
const nameOf = (id: string): string => PEOPLE.find((person) => person.id === id)?.name ?? id;

/** A date of Slack's in the time zone of this machine; in a format that the page does not know it is what the app fell back on. */
function renderDate(token: string, fallback: string): string {
  const [, seconds = '', format = ''] = token.split('^');
  const at = new Date(Number(seconds) * 1000);
  const shown = format.replaceAll(/\{(\w+)\}/g, (whole, name: string) => DATE_FORMATS[name]?.(at) ?? whole);
  const isKnown = !Number.isNaN(at.getTime()) && !shown.includes('{');
  if (!isKnown) return escapeHtml(unescapeSlack(fallback));
  return `<time datetime="${at.toISOString()}" title="${escapeHtml(unescapeSlack(fallback))}">${escapeHtml(shown)}</time>`;
}

const timeIn = (options: Intl.DateTimeFormatOptions) => (at: Date) => at.toLocaleTimeString('en-GB', options);

/** Slack's formats, as far as the app uses them (docs.slack.dev, date formatting). */
const DATE_FORMATS: Readonly<Record<string, (at: Date) => string>> = {
  time: timeIn({ hour: '2-digit', minute: '2-digit' }),
  time_secs: timeIn({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
  date_short_pretty: (at) => {
    const days = Math.round((startOfDay(new Date()) - startOfDay(at)) / 86_400_000);
    const near: Readonly<Record<number, string>> = { 0: 'Today', 1: 'Yesterday', [-1]: 'Tomorrow' };
    return near[days] ?? at.toLocaleDateString('en-US', { month: 'short', day: 'numeric', year: 'numeric' });
  },
};

const startOfDay = (at: Date): number => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();

function unescapeSlack(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** Known emoji become their character; an unknown name stays visible as it was written. */
function emoji(text: string): string {
  return text.replaceAll(/:([a-z0-9_+-]+):/g, (whole, name: string) => EMOJI[name] ?? whole);
}
