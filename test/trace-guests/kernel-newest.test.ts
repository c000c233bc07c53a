import { traceOn } from './support/trace-on.ts';

traceOn('newest');
