/** Name of the stack unless its configuration says otherwise. Plain JavaScript, for the help of `medic`. */
export const STACK_NAME = 'ConntrackMedic';
