import { App, Stack } from 'aws-cdk-lib';
import { readConfig } from './config.ts';
import { ConntrackMedic } from './conntrack-medic.ts';

const app = new App();
const config = readConfig(String(app.node.tryGetContext('config') ?? 'cdk/config.example.json'));
const stack = new Stack(app, 'ConntrackMedic', { description: 'From a latency alarm to a verified fix' });
new ConntrackMedic(stack, 'Medic', { config });
