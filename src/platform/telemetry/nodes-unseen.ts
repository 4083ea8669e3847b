import { Gauge, type Registry } from 'prom-client';

/** Counts the nodes of each target that its configuration leaves out, as the vendor told them last. */
export function countNodesUnseen(registry: Registry): (target: string, count: number) => void {
  const gauge = new Gauge({
    name: 'sluice_target_nodes_unseen',
    help: 'Nodes that a target has, and that its configuration does not name: they are not looked at.',
    labelNames: ['target'],
    registers: [registry],
  });
  return (target, count) => {
    gauge.set({ target }, count);
  };
}
