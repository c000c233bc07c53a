import { traceOn } from './support/trace-on.ts';

traceOn('6.1');
