import { describe, expect, test } from 'vitest';
import { parseBusiestPairs, parseStateCounts } from '../../../../src/core/parse/entries/lists.ts';
import { parseListeners } from '../../../../src/core/parse/listeners.ts';

describe('a row is read from one line', () => {
  test('of states', () => {
    expect(parseStateCounts('\n\n  12 tcp SYN_SENT UNREPLIED \r\n\n  3 udp -\n')?.rows).toHaveLength(2);
    expect(parseStateCounts('  12\n  tcp\n  SYN_SENT\n')).toBeUndefined();
  });

  test('of busiest pairs', () => {
    const row = '  298 src=10.10.0.2 dst=10.10.0.1 dport=30080';
    expect(parseBusiestPairs(`\n${row}\n\n${row}\n`)).toHaveLength(2);
    expect(parseBusiestPairs(row.replaceAll(/ +/g, '\n'))).toEqual([]);
  });

  test('of listening sockets', () => {
    const row = 'tcp LISTEN 6 5 0.0.0.0:8080 0.0.0.0:*';
    expect(parseListeners(`\n${row}\n\n  ${row}\n`)).toHaveLength(2);
    expect(parseListeners(row.replaceAll(' ', '\n'))).toEqual([]);
  });
});
