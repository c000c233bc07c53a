import type { ConnectionStates } from '../../core/page/network.ts';
import type { PodSocketTable, SocketCount } from '../../core/page/pod-sockets.ts';
import { counted, show } from '../../core/words.ts';
import { type Html, html } from '../html.ts';
import { table } from '../pieces.ts';

const NOT_COUNTED = '–';

/** Sockets inside pods of each node that tells of them, with what the tables leave out; nothing where none does. */
export function podSockets(nodes: readonly ConnectionStates[]): readonly Html[] {
  const told = nodes.flatMap(({ pods, ...node }) => (pods === undefined ? [] : [{ ...node, pods }]));
  if (told.length === 0) return [];
  const unread = Math.max(...told.map(({ pods }) => pods.unread));
  return [
    ...told.map(({ instanceId, after, pods }) => podTable(instanceId, pods, after !== undefined)),
    html`<p class="what">Sockets inside each pod’s own network namespace, by its number where the node did not tell the pod’s name. States are counted in the eight namespaces with most sockets, where ten or more are in use: ${NOT_COUNTED} was not counted, ≥ is of the first 5,000 sockets of a family.${unread === 0 ? '' : ` ${counted(unread, 'namespace or process', 'namespaces or processes')} could not be read.`}</p>`,
  ];
}

function podTable(instanceId: string, { columns, rows }: PodSocketTable, isTwice: boolean): Html {
  return table(
    `Sockets of pods by state on ${instanceId}${isTwice ? ', before → newest reading' : ''}`,
    ['Pod', ...columns],
    rows.map(({ called, cells }) => [
      called,
      ...cells.map(({ before, after }) =>
        isTwice && (before ?? after) !== undefined ? `${shown(before)} → ${shown(after)}` : shown(before),
      ),
    ]),
    columns.map((_, index) => index + 1),
  );
}

const shown = (count: SocketCount | undefined): string =>
  count === undefined ? NOT_COUNTED : `${count.isLeast ? '≥ ' : ''}${show(count.count)}`;
