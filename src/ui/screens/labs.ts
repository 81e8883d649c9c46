import { table } from '../text/columns.ts';
import { type Renderer, renderer } from '../text/renderer.ts';

/** What `cpaas lab list` says of one lab. */
export interface LabSummary {
  readonly name: string;
  readonly topology: 'vm' | 'flat';
  readonly nodes: number;
  readonly routers: number;
  /** Whether its supervisor answers; a lab that crashed is still there to be taken down. */
  readonly running: boolean;
}

export interface LabsDocument {
  readonly labs: readonly LabSummary[];
}

/** The labs on this machine. */
export const labsText: Renderer<LabsDocument> = renderer(({ labs }, view) => {
  if (labs.length === 0) return ['No lab on this machine.   cpaas lab up starts one'];
  const rows = labs.map(({ name, topology, nodes, routers, running }) => [
    name,
    topology,
    String(nodes),
    String(routers),
    running ? view.style.done('running') : view.style.wrong('dead: cpaas lab down removes what is left'),
  ]);
  return table(['LAB', 'TOPOLOGY', 'NODES', 'ROUTERS', 'STATE'], rows, view);
});
