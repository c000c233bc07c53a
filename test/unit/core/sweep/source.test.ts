import { describe, expect, it } from 'vitest';
import { ConfiguredSource, SweepSource, workspaceOf } from '../../../../src/core/sweep/source.ts';

const WORKSPACE = 'https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-0123abcd-0000';
const source = (changes: object) =>
  ConfiguredSource.safeParse({
    kind: 'prometheus',
    url: 'https://prometheus.example.com/prom',
    auth: { kind: 'none' },
    ...changes,
  });
const faultOf = (changes: object) => source(changes).error?.issues[0]?.message;

describe('where the samples of a sweep come from', () => {
  it('is a Prometheus over TLS, or on the same machine', () => {
    for (const url of [
      'https://a.example/x/',
      'http://127.0.0.1:9090',
      'http://localhost',
      'http://[::1]:9090',
    ])
      expect({ url, fault: faultOf({ url }) }).toEqual({ url, fault: undefined });
    for (const url of [
      'http://prometheus.monitoring.svc',
      'http://127.0.0.1.example.com',
      'https://me:secret@a.example',
      'https://a.example/?token=x',
      'https://a.example/#x',
      'ftp://a.example',
      'file:///etc/passwd',
    ])
      expect({ url, isTaken: source({ url }).success }).toEqual({ url, isTaken: false });
  });

  it('is signed for only where the address is that of a workspace', () => {
    const auth = { kind: 'sigv4' };
    expect(faultOf({ auth, url: WORKSPACE })).toBeUndefined();
    expect(faultOf({ auth })).toMatch(/must be the address of a workspace/);
    expect(workspaceOf(`${WORKSPACE}/`)).toEqual({ region: 'eu-central-1', id: 'ws-0123abcd-0000' });
    expect(
      workspaceOf('https://vpce-0a-1b.aps-workspaces.us-gov-west-1.vpce.amazonaws.com/workspaces/ws-1'),
    ).toEqual({ region: 'us-gov-west-1', id: 'ws-1' });
    for (const url of [
      'https://aps-workspaces.eu-central-1.amazonaws.com.evil.example/workspaces/ws-1',
      'https://evil.example/aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-1',
      'https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-1/api/v1/query',
      'https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/*',
    ])
      expect({ url, workspace: workspaceOf(url) }).toEqual({ url, workspace: undefined });
  });

  it('takes labels by their names, and a namespace that is not one of AWS', () => {
    expect(faultOf({ labels: { cluster: 'shop"}' } })).toBeUndefined();
    expect(source({ labels: { 'a="b"': 'c' } }).success).toBe(false);
    expect(source({ nodeLabel: 'node) or (up' }).success).toBe(false);
    expect(ConfiguredSource.parse({ kind: 'cloudwatch-agent' })).toMatchObject({ namespace: 'CWAgent' });
    expect(ConfiguredSource.safeParse({ kind: 'cloudwatch-agent', namespace: 'AWS/EC2' }).success).toBe(
      false,
    );
  });

  it('names a secret in the configuration and its ARN to the function', () => {
    expect(source({ auth: { kind: 'bearer', secretName: 'prometheus' } }).success).toBe(true);
    const told = (secret: string) =>
      SweepSource.safeParse({
        kind: 'prometheus',
        url: 'https://a.example',
        auth: { kind: 'bearer', secret },
      }).success;
    expect(told('arn:aws:secretsmanager:eu-central-1:111122223333:secret:prometheus')).toBe(true);
    expect(told('a-token-itself')).toBe(false);
  });
});
