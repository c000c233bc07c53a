import { App } from 'aws-cdk-lib';
import { buildApp } from './build-app.ts';
import { readConfig } from './config.ts';

const app = new App();
buildApp(readConfig(String(app.node.tryGetContext('config') ?? 'cdk/config.example.json')), app);
