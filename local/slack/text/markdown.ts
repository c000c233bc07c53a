import MarkdownIt from 'markdown-it';
import { Html } from '../../../src/page/html.ts';

const renderer = new MarkdownIt({ html: false, linkify: false });
renderer.validateLink = (url) => /^(https?:\/\/|mailto:)/i.test(url.trim());
renderer.renderer.rules['link_open'] = (tokens, index, options, _environment, self) => {
  tokens[index]?.attrSet('target', '_blank');
  tokens[index]?.attrSet('rel', 'noopener noreferrer');
  return self.renderToken(tokens, index, options);
};
// A message sits under the heading of the page: `# Title` in it must not become a second h1, and no level may be left out.
renderer.renderer.rules['heading_open'] = (tokens, index) => `<h${headingLevel(tokens[index]?.tag)}>`;
renderer.renderer.rules['heading_close'] = (tokens, index) => `</h${headingLevel(tokens[index]?.tag)}>\n`;

function headingLevel(tag = 'h1'): number {
  return Math.min(6, Number(tag.slice(1)) + 1);
}

/** Renders Slack's `markdown` block: CommonMark with tables; raw HTML stays text, links are http, https or mailto. */
export function markdown(text: string): Html {
  return new Html(renderer.render(text));
}
