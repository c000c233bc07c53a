import { expect, test } from 'vitest';
import { mrkdwn, plainText } from '../../../local/slack/text/mrkdwn.ts';

test.each([
  ['*bold* and _slanted_ and ~gone~', '<strong>bold</strong> and <em>slanted</em> and <s>gone</s>'],
  ['nf_conntrack_max and 2*3*4', 'nf_conntrack_max and 2*3*4'],
  ['*Drops*\n+4,812', '<strong>Drops</strong><br>+4,812'],
  ['`a*b*c`', '<code>a*b*c</code>'],
  ['*see `x_y_z` now*', '<strong>see <code>x_y_z</code> now</strong>'],
  ['```\n*x* &lt;y&gt;```', '<pre>*x* &lt;y&gt;</pre>'],
  ['131,072 -&gt; 262,144', '131,072 -&gt; 262,144'],
  ['&gt; quoted', '<blockquote>quoted</blockquote>'],
  [':white_check_mark: :no_such_emoji:', '✅ :no_such_emoji:'],
  ['<@U1|ana> in <#C1|ops>', '<span class="mention">@ana</span> in <span class="mention">#ops</span>'],
])('mrkdwn renders %j as Slack does', (text, expected) => {
  expect(mrkdwn(text).text).toBe(expected);
});

test('a link opens outside and only http, https and mailto become links', () => {
  expect(mrkdwn('<https://example.com/?a=1&amp;b=2|docs>').text).toBe(
    '<a href="https://example.com/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">docs</a>',
  );
  expect(mrkdwn('<javascript:alert(1)|docs>').text).toBe('docs');
});

test.each(['<img src=x onerror=alert(1)>', '*<script>*', '`<b>`', '"quoted" & \'single\''])(
  'no markup of the text %j reaches the page',
  (text) => {
    for (const rendered of [mrkdwn(text).text, plainText(text).text]) {
      expect(rendered.replaceAll(/<\/?(strong|code)>/g, '')).not.toMatch(/<|"/);
    }
  },
);

test('plain text shows no formatting, and emoji only where the app asks for them', () => {
  expect(plainText('*a* :warning:').text).toBe('*a* ⚠️');
  expect(plainText('&lt;a&gt; :warning:', false).text).toBe('&lt;a&gt; :warning:');
});
