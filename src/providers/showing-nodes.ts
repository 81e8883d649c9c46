import type { NextAction } from '../core/errors.ts';

/** What shows why nodes do not come up. */
export const SHOWING_NODES: readonly NextAction[] = [
  { label: 'shows the nodes', command: 'cpaas kubectl -- get nodes -o wide' },
  { label: 'shows what runs on them, and what keeps it waiting', command: 'cpaas kubectl -- get pods -A -o wide' },
];
