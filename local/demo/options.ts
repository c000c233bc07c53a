import type { DemoNodes, DemoNodesOptions } from '../demo-nodes.ts';
import type { DemoFault } from './faults/faults.ts';
import type { DemoScenario } from './scenarios.ts';

/** What `npm run demo` was asked for. */
export interface DemoOptions {
  /** Nodes on this machine's own kernel instead of recorded ones. */
  readonly kernel: boolean;
  /** Clicks by itself and ends with a summary. */
  readonly auto: boolean;
  /** How it goes, `table-full` unless told; without `auto` the page's menu can begin another one. */
  readonly scenario?: DemoScenario;
  /** What goes wrong while it clicks by itself; nothing when left out. */
  readonly fault?: DemoFault | undefined;
  /** Port of the page; undefined takes the usual one, or any free one when that is taken. */
  readonly port: number | undefined;
  /** Other nodes than recorded or kernel ones. */
  readonly startNodes?: (given: DemoNodesOptions) => Promise<DemoNodes>;
  /** How long a second takes of whatever is only waited for, in milliseconds: outages, pauses, schedule; 1000 unless told. */
  readonly secondMs?: number;
  /** True when dist/ is fresh already. */
  readonly isBuilt?: boolean;
  /** Takes the lines instead of the terminal. */
  readonly write?: (line: string) => void;
}
