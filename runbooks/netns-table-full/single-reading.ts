import {
  evidence,
  type SingleReadingRule,
  type SingleReadingRules,
} from '../../src/core/diagnosis/signature.ts';
import { matchOfReading } from '../../src/core/diagnosis/single-reading/rules.ts';
import { tableStateOf } from '../../src/core/snapshot/table-state.ts';
import { counted } from '../../src/core/words.ts';

/** The kernel named the namespace whose table was full; a line about the node's own table names none (6.18: __nf_conntrack_alloc). */
const netnsTableFull: SingleReadingRule = ({ snapshot }) => {
  const { foreignLines } = tableStateOf(snapshot);
  const netns = foreignLines.at(-1)?.netns;
  if (netns === undefined) return undefined;
  return matchOfReading(
    `The connection-tracking table of network namespace ${netns} was full, not the node’s own: the kernel logged it ${counted(foreignLines.length, 'time')}; how long ago, the text does not tell.`,
    [evidence('"table full" lines of another namespace', foreignLines.length, 'kernel messages', 0, 'dmesg')],
    'The count in that namespace was not read. The limit is shared, so confirm there first; the runbook shows how.',
  );
};

/** The newest "table full" line that names another namespace. */
export const singleReading: SingleReadingRules = { asRead: netnsTableFull };
