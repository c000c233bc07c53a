export { raiseMax as default } from '../../src/core/raise-max.ts';
