export { raiseMax as default } from '../../src/core/plan/raise-max.ts';
