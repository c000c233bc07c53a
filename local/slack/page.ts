import { type Html, html } from '../../src/page/html.ts';
import { type Guide, renderGuide } from './guide.ts';
import { renderMessage } from './message-html.ts';
import { CHANNEL, PEOPLE, type Person } from './people.ts';
import type { Workspace } from './workspace.ts';

/** What the page says of itself. */
export interface PageLabels {
  /** What the nodes are, to be read after `Behind it:`; replayed ones are called so. */
  readonly nodes: string;
}

/** The whole page as one person sees it. */
export function renderPage(
  workspace: Workspace,
  viewer: Person,
  { labels, guide }: { readonly labels: PageLabels; readonly guide?: Guide | undefined },
): string {
  const messages = workspace
    .channelAs(viewer.id)
    .map((message) => renderMessage(message, workspace.threadAs(viewer.id, message.ts)));
  const page = html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>#${CHANNEL.name} · conntrack-medic, local workspace</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/page.css">
  <link rel="stylesheet" href="/blocks.css">
  <script src="/page.js" defer></script>
</head>
<body data-viewer="${viewer.id}">
  <aside aria-label="Workspace">
    <p class="workspace">Local workspace</p>
    <nav aria-label="Channels"><a href="/?as=${viewer.id}" aria-current="page"><span aria-hidden="true">#</span> ${CHANNEL.name}</a></nav>
    <nav class="people" aria-label="You are">
      <p>You are</p>
      ${PEOPLE.map((person) => renderPerson(person, viewer))}
    </nav>
  </aside>
  <main>
    <header class="channel">
      <h1><span aria-hidden="true">#</span> ${CHANNEL.name}</h1>
      <p>A local stand-in for Slack. Behind it: ${labels.nodes}.</p>
    </header>
    ${guide && renderGuide(guide.view())}
    <section class="messages" id="messages" role="log" aria-live="polite" aria-label="Messages" tabindex="0">${messages}</section>
    <p class="empty">No messages yet. The alarm fires in a moment.</p>
    <form class="composer" id="composer">
      <label class="words">Message #${CHANNEL.name}, such as what conntrack -S printed<textarea name="text" rows="2" maxlength="40000"></textarea></label>
      <label class="files">Files<input type="file" name="files" multiple></label>
      <button class="button">Send</button>
    </form>
    <p class="toast" id="toast" role="alert" hidden></p>
  </main>
</body>
</html>`;
  return page.text;
}

function renderPerson(person: Person, viewer: Person): Html {
  const current = person.id === viewer.id ? html` aria-current="true"` : undefined;
  return html`<a href="/?as=${person.id}"${current}>
    <span class="face ${person.username}" aria-hidden="true">${person.name.slice(0, 1)}</span>
    <span><b>${person.name}</b><small>${person.role}</small></span>
  </a>`;
}
