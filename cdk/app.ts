import { App } from 'aws-cdk-lib';
import { MedicError } from '../src/core/errors.ts';
import { buildApp } from './build-app.ts';
import { readConfig } from './config.ts';

const app = new App();
try {
  buildApp(readConfig(String(app.node.tryGetContext('config') ?? 'cdk/config.example.json')), app);
} catch (error) {
  if (!(error instanceof MedicError)) throw error;
  process.stderr.write(`conntrack-medic: ${error.message}\n`);
  // At once: an app that just ends would still be synthesized, half built.
  process.exit(1);
}
