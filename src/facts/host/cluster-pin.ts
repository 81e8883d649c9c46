import { CpaasError } from '../../core/errors.ts';
import type { Fact } from '../../core/facts.ts';
import { CA_CERTIFICATE } from '../../kubeadm/paths.ts';
import { caPin } from '../../kubeadm/pin.ts';

/** The public key of a cluster's certificate authority, as its control plane has it. Rejects with `KUBEADM.CA` where there is none. */
export const clusterPin = (controlPlane: string): Fact<string> => ({
  name: `cluster-pin ${controlPlane}`,
  async read(ctx) {
    const machine = ctx.host(controlPlane);
    const pin = caPin((await machine.read(CA_CERTIFICATE)) ?? '');
    if (pin !== undefined) return pin;
    throw new CpaasError('KUBEADM.CA', `${machine.name} has no certificate of its cluster: ${CA_CERTIFICATE}`, {
      next: [{ label: 'see what is there', command: 'cpaas plan' }],
    });
  },
});
