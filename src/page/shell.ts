import { createHash } from 'node:crypto';
import { Html, html } from './html.ts';
import { STYLE } from './style.ts';

/** What a page consists of. */
interface Shell {
  readonly title: string;
  readonly body: Html;
  /** Its one script, if it has one. */
  readonly script?: string;
}

/** A page as one file: nothing is fetched from anywhere, and its one style and its one script are named by their hashes. */
export function shell({ title, body, script }: Shell): Html {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${hashOf(STYLE)}'`,
    ...(script === undefined ? [] : [`script-src 'sha256-${hashOf(script)}'`]),
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Html(STYLE)}</style>
</head>
<body>
${body}${
  script === undefined
    ? undefined
    : html`
<script>${new Html(script)}</script>`
}
</body>
</html>
`;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
