import { inspect } from 'node:util';
import { App } from 'aws-cdk-lib';
import { MedicError } from '../src/core/errors.ts';
import { printable } from '../src/core/printable.mjs';
import { buildApp } from './build-app.ts';
import { readConfig } from './config.ts';

const app = new App();
try {
  buildApp(readConfig(String(app.node.tryGetContext('config') ?? 'cdk/config.example.json')), app);
} catch (error) {
  const told = error instanceof MedicError ? error.message : inspect(error);
  // Names of fields, and what the toolkit quotes, are words of the file.
  process.stderr.write(`conntrack-medic: ${printable(told)}\n`);
  // At once: an app that just ends would still be synthesized, half built.
  process.exit(1);
}
