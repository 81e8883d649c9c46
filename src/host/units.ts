import { WRITTEN } from './containerd.ts';

/** A unit of systemd as cpaas writes it. */
const unit = (sections: Readonly<Record<string, readonly string[]>>): string =>
  [WRITTEN, ...Object.entries(sections).flatMap(([name, lines]) => [`[${name}]`, ...lines])].join('\n').concat('\n');

/** What the package of the kubelet brings, for one that came as a file: it starts over and over until kubeadm has told it what to be. */
export const kubeletUnit = (folder: string): string =>
  unit({
    Unit: ['Description=kubelet', 'Wants=network-online.target', 'After=network-online.target containerd.service'],
    Service: [
      'Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"',
      'Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"',
      'EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env',
      'EnvironmentFile=-/etc/default/kubelet',
      `ExecStart=${folder}/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS`,
      'Restart=always',
      'StartLimitInterval=0',
      'RestartSec=10',
    ],
    Install: ['WantedBy=multi-user.target'],
  });

/** The same for containerd: what it starts outlives it. */
export const containerdUnit = (folder: string): string =>
  unit({
    Unit: ['Description=containerd', 'After=network.target local-fs.target'],
    Service: [
      `Environment=PATH=${folder}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      `ExecStart=${folder}/containerd`,
      'Type=notify',
      'Delegate=yes',
      'KillMode=process',
      'Restart=always',
      'RestartSec=5',
      'LimitNPROC=infinity',
      'LimitCORE=infinity',
      'TasksMax=infinity',
      'OOMScoreAdjust=-999',
    ],
    Install: ['WantedBy=multi-user.target'],
  });
