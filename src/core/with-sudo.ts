import type { NextAction } from './errors.ts';

/** No line to copy: sudo drops the environment, and only whoever calls knows what of it the file takes. */
export const WITH_SUDO: NextAction = {
  label:
    'the same command with sudo; what it takes from the environment, such as secrets, has to be named: sudo --preserve-env=NAME,…',
};
