import { describe } from 'vitest';
import { tells } from '../../support/told-numbers.ts';

describe('what a cloud’s address translation refused', () => {
  tells([
    [
      'a table with its label beside',
      `Pods in the private subnets see connect timeouts to api.stripe.com:

------------------------------------------------------
|                 GetMetricStatistics                |
+--------+-------------------------------------------+
|  Label |  ErrorPortAllocation                      |
+--------+-------------------------------------------+
||                    Datapoints                    ||
|+----------+------------------------------+--------+|
||  Sum     |          Timestamp           | Unit   ||
|+----------+------------------------------+--------+|
||  41.0    |  2026-11-26T10:05:00+00:00   |  Count ||
||  1930.0  |  2026-11-26T10:10:00+00:00   |  Count ||
|+----------+------------------------------+--------+|`,
      'snat-ports-exhausted',
      ['1,971'],
    ],
    [
      'YAML',
      `$ aws cloudwatch get-metric-statistics --namespace AWS/NATGateway --metric-name ErrorPortAllocation --statistics Sum --output yaml ...
Datapoints:
- Sum: 1812.0
  Timestamp: '2026-11-26T10:05:00+00:00'
  Unit: Count
- Sum: 2213.0
  Timestamp: '2026-11-26T10:10:00+00:00'
  Unit: Count
Label: ErrorPortAllocation`,
      'snat-ports-exhausted',
      ['4,025'],
    ],
    [
      'get-metric-data as text',
      `$ aws cloudwatch get-metric-data --metric-data-queries file://q.json --start-time ... --end-time ... --output text
METRICDATARESULTS\tm1\tErrorPortAllocation\tComplete
TIMESTAMPS\t2026-11-26T10:10:00+00:00
TIMESTAMPS\t2026-11-26T10:05:00+00:00
VALUES\t2213.0
VALUES\t1812.0`,
      'snat-ports-exhausted',
      ['4,025'],
    ],
    [
      'Azure’s portal',
      `SNAT Connection Count (Sum), aks-lb, split by ConnectionState
Failed    18.2k
Pending   311
Successful 902.1k`,
      'snat-ports-exhausted',
      ['18,200'],
    ],
    [
      'Azure’s ports, all used',
      `Allocated SNAT Ports: 1024
Used SNAT Ports: 1024
SNAT Connection Count (Failed): 18234`,
      'snat-ports-exhausted',
      ['1,024 of 1,024', '18,234'],
    ],
    [
      'Azure in one line',
      `NAT gateway natgw-prod, metric "SNAT Connection Count", Connection State = Failed: 4,211
Total SNAT Connection Count 64,512`,
      'snat-ports-exhausted',
      ['4,211'],
    ],
    [
      'an allocation that failed',
      `$ gcloud monitoring time-series list ...
metric: router.googleapis.com/nat/nat_allocation_failed
value: true
metric: router.googleapis.com/nat/port_usage
value: 64`,
      'insufficient-evidence',
      ['nat_allocation_failed is true'],
    ],
    [
      'Cloud NAT’s own log',
      `{"insertId":"1","jsonPayload":{"allocation_status":"DROPPED","connection":{"dest_ip":"52.94.133.131","dest_port":443,"nat_ip":"","protocol":6,"src_ip":"10.0.3.7","src_port":41022},"gateway_identifiers":{"gateway_name":"nat-prod","region":"europe-west1"}},"logName":"projects/p/logs/compute.googleapis.com%2Fnat_flows"}`,
      'snat-ports-exhausted',
      ['allocation_status DROPPED'],
    ],
  ]);
});

describe('softnet_stat in decimal', () => {
  tells([
    [
      'with the processor before',
      `$ awk '{print "cpu" NR-1, strtonum("0x"$1), strtonum("0x"$2), strtonum("0x"$3)}' /proc/net/softnet_stat
cpu0 193827364 940211 118
cpu1 201928311 939887 97`,
      'softnet-drops',
      ['1,880,098'],
    ],
    [
      'with names',
      `[root@ip-10-0-4-17 ~]# cat /proc/net/softnet_stat | awk '{printf "CPU%d processed=%d dropped=%d squeezed=%d\\n", NR-1, strtonum("0x"$1), strtonum("0x"$2), strtonum("0x"$3)}'
CPU0 processed=19382736 dropped=94021 squeezed=118
CPU1 processed=20192831 dropped=93988 squeezed=97`,
      'softnet-drops',
      ['188,009'],
    ],
    [
      'one column alone',
      `$ awk '{sum+=strtonum("0x"$2)} END {print sum}' /proc/net/softnet_stat
188009
$ awk '{sum+=strtonum("0x"$1)} END {print sum}' /proc/net/softnet_stat
39575567`,
      'insufficient-evidence',
      ['dropped 188,009'],
    ],
  ]);
});

describe('bare values', () => {
  tells([
    [
      'of sysctl --values',
      `$ sysctl --values net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max
262141
262144`,
      'near-full',
      ['262,141'],
    ],
  ]);
});

describe('how fast a counter rose', () => {
  tells([
    [
      'by a query in words',
      `PromQL: rate(node_nf_conntrack_stat_drop[5m])
{instance="10.0.3.7:9100"} 12.4`,
      'insufficient-evidence',
      ['rose by 12.4 a second'],
    ],
    [
      'by promtool',
      `$ promtool query instant http://prom:9090 'rate(node_nf_conntrack_stat_drop[5m])'
{instance="10.0.3.7:9100", job="node"} => 12.4 @[1795690900.123]`,
      'insufficient-evidence',
      ['rose by 12.4 a second'],
    ],
    [
      'added up by host',
      `sum by (instance) (rate(node_nf_conntrack_stat_insert_failed[5m])) > 0
{instance="ip-10-0-3-7.ec2.internal:9100"} 4.13`,
      'insufficient-evidence',
      ['insert_failed rose by 4.1'],
    ],
    [
      'not at all',
      `irate(node_nf_conntrack_stat_drop[1m])
{instance="10.0.3.7:9100"} 0`,
      'insufficient-evidence',
      ['drop did not rise'],
    ],
    [
      'in an export',
      `"Time","rate(node_nf_conntrack_stat_drop{instance=""10.0.3.7:9100""}[5m])"
2026-11-26 10:00:00,0
2026-11-26 10:01:00,12.4
2026-11-26 10:02:00,15.1`,
      'insufficient-evidence',
      ['rose by 15.1'],
    ],
    [
      'of an allowance',
      `rate(node_ethtool_conntrack_allowance_exceeded[5m])
{device="ens5", instance="10.0.3.7:9100"} 92.5`,
      'ena-conntrack-allowance',
      ['92.5'],
    ],
    [
      'in a notice of netdata',
      `netdata alarm: 1m_ipv4_tcp_accept_queue_overflows
chart ip.tcp_accept_queue
dimension overflows: 31.4 packets/s
dimension drops: 31.4 packets/s
host worker-9`,
      'listen-overflow',
      ['31.4'],
    ],
    [
      'in netdata’s exposition',
      `netdata_ip_tcp_accept_queue_packets_persec_average{chart="ip.tcp_accept_queue",dimension="overflows",family="tcp",instance="worker-9"} 31.4000000 1795690900000
netdata_ip_tcp_accept_queue_packets_persec_average{chart="ip.tcp_accept_queue",dimension="drops",family="tcp",instance="worker-9"} 31.4000000 1795690900000`,
      'listen-overflow',
      ['31.4'],
    ],
    [
      'in an alarm of netdata',
      `[CRITICAL] 1m_tcp_accept_queue_overflows = 31.4 packets on worker-9, ip.tcp_accept_queue, average number of overflows in the TCP accept queue over the last minute`,
      'listen-overflow',
      ['31.4'],
    ],
  ]);
});
