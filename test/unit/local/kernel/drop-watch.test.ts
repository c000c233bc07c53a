import { expect, it } from 'vitest';
import { sumColumn } from '../../../../local/kernel/drop-watch.ts';

const STAT = `entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart
00001000  00000000 00000247 00000000 0000004b 00000000 00000000 00000000 00000000 00000000 0000a1a9 00000024 00000000  00000000 00000000 00000000 00000000
00001000  00000000 00000277 00000000 0000004a 00000000 00000000 00000000 00000000 00000000 00009f27 0000002e 00000000  00000000 00000000 00000000 00000000
`;

it('sumColumn adds the hexadecimal rows of all CPUs by the column’s name', () => {
  expect(sumColumn(STAT, 'drop')).toBe(0xa1a9 + 0x9f27);
  expect(sumColumn(STAT, 'early_drop')).toBe(0x24 + 0x2e);
});

it('sumColumn refuses a column that this kernel does not have', () => {
  expect(() => sumColumn(STAT, 'deleted')).toThrow('no column deleted');
});
