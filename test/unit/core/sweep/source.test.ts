import { describe, expect, it } from 'vitest';
import { SweepSource, workspaceOf } from '../../../../src/core/sweep/source.ts';

const WORKSPACE = 'https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-0123abcd-0000';
const source = (changes: object) =>
  SweepSource.safeParse({
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
    expect(SweepSource.parse({ kind: 'cloudwatch-agent' })).toMatchObject({ namespace: 'CWAgent' });
    expect(SweepSource.safeParse({ kind: 'cloudwatch-agent', namespace: 'AWS/EC2' }).success).toBe(false);
  });

  it.each(['bearer', 'basic'])('names the secret of a login (%s), and never holds one', (kind) => {
    expect(source({ auth: { kind, secretName: 'conntrack-medic/prometheus' } }).success).toBe(true);
    for (const auth of [
      { kind },
      { kind, secretName: '{"token":"t"}' },
      { kind, secretName: 'a', token: 't' },
      { kind, secretName: 'a', password: 'p' },
    ])
      expect({ auth, isTaken: source({ auth }).success }).toEqual({ auth, isTaken: false });
  });

  it('enters another account by a role of it, with or without an external id', () => {
    const auth = (role: object) => ({ url: WORKSPACE, auth: { kind: 'sigv4', role } });
    const arn = 'arn:aws:iam::222233334444:role/monitoring/query';
    expect(faultOf(auth({ arn }))).toBeUndefined();
    expect(faultOf(auth({ arn, externalId: 'only-us-two' }))).toBeUndefined();
    for (const role of [{}, { arn: 'arn:aws:iam::222233334444:role/*' }, { arn, externalId: 'a b' }])
      expect({ role, isTaken: source(auth(role)).success }).toEqual({ role, isTaken: false });
  });

  it('names a tenant that can stand in a header', () => {
    for (const tenant of ['shop', 'shop-1.eu', 'shop|web', "a!_*'()"])
      expect({ tenant, fault: faultOf({ tenant }) }).toEqual({ tenant, fault: undefined });
    for (const tenant of ['', 'shop\nx: y', 'shop web', 'shöp', 'x'.repeat(151)])
      expect({ tenant, isTaken: source({ tenant }).success }).toEqual({ tenant, isTaken: false });
  });

  it('is asked without TLS from subnets of a VPC, where nothing shows who asks', () => {
    const vpc = { subnetIds: ['subnet-0a1b2c3d'], securityGroupIds: ['sg-0123456789abcdef0'] };
    const url = 'http://prometheus.internal.example.com:9090';
    expect(faultOf({ url, vpc })).toBeUndefined();
    expect(faultOf({ url })).toMatch(/^must be https/);
    const auth = { kind: 'bearer', secretName: 'prometheus' };
    expect(faultOf({ url, vpc, auth })).toMatch(/^must be https/);
    expect(faultOf({ url: 'https://prometheus.internal', vpc, auth })).toBeUndefined();
    for (const wrong of [
      { ...vpc, subnetIds: [] },
      { ...vpc, securityGroupIds: [] },
      { ...vpc, subnetIds: ['vpc-0a1b2c3d'] },
    ])
      expect({ wrong, isTaken: source({ vpc: wrong }).success }).toEqual({ wrong, isTaken: false });
  });
});
