import type { ServerResponse } from 'node:http';
import { renderGuide } from './guide.ts';
import { renderMessage, renderView } from './message-html.ts';
import type { Person } from './people.ts';
import type { Site } from './site.ts';
import type { Change, Workspace } from './workspace.ts';

/** Who looks at the page, and in which tab of the browser. */
interface Onlooker {
  readonly viewer: Person;
  readonly tab: string;
}

/** Tells an open page of every change, from what there is now on, until it goes away or the workspace closes. */
export function streamEvents(
  response: ServerResponse,
  onlooker: Onlooker,
  { workspace, options, streams }: Site,
): void {
  streams.add(response);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const tell = (name: string, data: object) =>
    response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  const ends = [
    workspace.subscribe((change) => {
      const event = eventFor(change, onlooker, workspace);
      if (event !== undefined) tell(event.name, event.data);
    }),
  ];
  // What came between the page and this line would be missed.
  for (const message of workspace.channelAs(onlooker.viewer.id)) {
    const event = eventFor({ kind: 'message', message }, onlooker, workspace);
    if (event !== undefined) tell(event.name, event.data);
  }
  const { guide } = options;
  if (guide !== undefined) {
    const show = () => tell('guide', { html: renderGuide(guide.view()).text });
    show();
    ends.push(guide.subscribe(show));
  }
  response.on('close', () => {
    streams.delete(response);
    for (const end of ends) end();
  });
}

function eventFor(change: Change, { viewer, tab }: Onlooker, workspace: Workspace) {
  if (change.kind === 'view') {
    if (change.userId !== viewer.id || (change.tab !== undefined && change.tab !== tab)) return undefined;
    return { name: 'modal', data: { id: change.viewId, html: renderView(change.viewId, change.view).text } };
  }
  const { message } = change;
  if (message.onlyFor !== undefined && message.onlyFor !== viewer.id) return undefined;
  const root = message.threadTs === undefined ? message : (workspace.message(message.threadTs) ?? message);
  const html = renderMessage(root, workspace.threadAs(viewer.id, root.ts)).text;
  return { name: 'message', data: { id: `m${root.ts}`, html } };
}
