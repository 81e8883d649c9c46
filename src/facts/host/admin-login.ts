import { CpaasError } from '../../core/errors.ts';
import type { Fact } from '../../core/facts.ts';
import { reading } from '../../core/reading.ts';
import { ADMIN_CONF } from '../../kubeadm/paths.ts';

export interface AdminLogin {
  /** Who logs in there, also where sudo makes root of him. */
  readonly user: string;
  readonly home: string;
  /** Digest of the cluster's own kubeconfig. */
  readonly sha256: string;
}

/** What a user of the machine where the cluster was made needs for a kubeconfig of his own. */
export const adminLogin = (host: string): Fact<AdminLogin> => ({
  name: `admin-login ${host}`,
  async read(ctx) {
    const machine = ctx.host(host);
    // the file may leave it to the ssh configuration, so only the machine can tell
    const [before, now] = await machine.queryAll([
      reading(['printenv', 'SUDO_USER'], { codes: [1] }),
      reading(['id', '-un']),
    ]);
    const user = before?.stdout.trim() || (now?.stdout.trim() ?? '');
    const [passwd, digest] = await machine.queryAll([
      reading(['getent', 'passwd', user], { codes: [2] }),
      reading(['sha256sum', ADMIN_CONF], { codes: [1] }),
    ]);
    const home = passwd?.stdout.trim().split(':')[5] ?? '';
    const sha256 = /^([0-9a-f]{64}) /.exec(digest?.stdout ?? '')?.[1] ?? '';
    if (home !== '' && sha256 !== '') return { user, home, sha256 };
    throw new CpaasError(
      'FACTS.EMPTY',
      `${machine.name} has ${home === '' ? `no home of ${user}` : `no ${ADMIN_CONF}`}`,
    );
  },
});
