import { isRecord } from '../json-text.ts';
import { AWS_NAT, AZURE_SNAT, GOOGLE_NAT, type NatMetric } from './cloud-nat.ts';

/** What a cloud's address translation refused, as one series of an answer tells it. */
export interface NatSeries {
  readonly metric: NatMetric;
  readonly values: readonly number[];
}

/** Reads a series of CloudWatch, Azure Monitor or Google Cloud Monitoring that counts what found no port; `undefined` for any other. */
export function natSeriesIn(value: Record<string, unknown>): NatSeries | undefined {
  return ofAws(value) ?? ofAzure(value) ?? ofGoogle(value);
}

function ofAws({
  Label: label,
  Datapoints: points,
  Values: values,
}: Record<string, unknown>): NatSeries | undefined {
  if (typeof label !== 'string' || !label.split(/\s+/).includes(AWS_NAT.source)) return undefined;
  const read = Array.isArray(values)
    ? values
    : listOf(points).map((point) =>
        isRecord(point) ? (point['Sum'] ?? point['Maximum'] ?? point['Average']) : 0,
      );
  return { metric: AWS_NAT, values: read.flatMap(numberOf) };
}

/** `{"name":{"value":"SnatConnectionCount"},"timeseries":[{"data":[{"total":18}],"metadatavalues":[{"value":"failed"}]}]}`. */
function ofAzure({ name, timeseries }: Record<string, unknown>): NatSeries | undefined {
  if (!isRecord(name) || name['value'] !== 'SnatConnectionCount') return undefined;
  const failed = listOf(timeseries).filter(
    (series) => isRecord(series) && listOf(series['metadatavalues']).some(isFailed),
  );
  const data = failed.flatMap((series) => (isRecord(series) ? listOf(series['data']) : []));
  return {
    metric: AZURE_SNAT,
    values: data.flatMap((point) => (isRecord(point) ? numberOf(point['total']) : [])),
  };
}

function isFailed(label: unknown): boolean {
  return isRecord(label) && typeof label['value'] === 'string' && label['value'].toLowerCase() === 'failed';
}

/** `{"metric":{"type":"…/dropped_sent_packets_count","labels":{"reason":"OUT_OF_RESOURCES"}},"points":[{"value":{"int64Value":"18"}}]}`. */
function ofGoogle({ metric, points }: Record<string, unknown>): NatSeries | undefined {
  if (!isRecord(metric) || typeof metric['type'] !== 'string' || !Array.isArray(points)) return undefined;
  const { labels } = metric;
  const isOutOfResources = isRecord(labels) && labels['reason'] === 'OUT_OF_RESOURCES';
  if (!metric['type'].endsWith('/dropped_sent_packets_count') || !isOutOfResources) return undefined;
  const values = listOf(points).flatMap((point): Record<string, unknown>[] =>
    isRecord(point) && isRecord(point['value']) ? [point['value']] : [],
  );
  return {
    metric: GOOGLE_NAT,
    values: values.flatMap((one) => numberOf(one['int64Value'] ?? one['doubleValue'])),
  };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function numberOf(value: unknown): number[] {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && Number.isFinite(number) ? [number] : [];
}
