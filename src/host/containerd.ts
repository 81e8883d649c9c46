export const CONTAINERD_CONFIG = '/etc/containerd/config.toml';
/** First line of files that cpaas writes whole: whoever finds one knows whose it is. */
export const WRITTEN = '# written by cpaas';

export interface ContainerdOptions {
  /** Of the file's format: 3 is what containerd 2 writes; 1.x knows no newer than 2, and 2.x still takes that. */
  readonly format: 2 | 3;
  /** The image that holds a pod together, of the version that the kubelet expects; containerd's own when left out. */
  readonly sandboxImage?: string;
}

/**
 * A configuration with which containerd serves a kubelet: CRI on (Docker's package switches it off), control groups by systemd, as
 * kubeadm tells the kubelet, network plugins where Kubernetes puts them (Debian's package has them elsewhere).
 */
export function containerdConfig({ format, sandboxImage }: ContainerdOptions): string {
  const lines = format === 2 ? formatTwo(sandboxImage) : formatThree(sandboxImage);
  return `${WRITTEN}\nversion = ${format}\nimports = ["/etc/containerd/conf.d/*.toml"]\n${lines.join('\n')}\n`;
}

const network = ['  bin_dir = "/opt/cni/bin"', '  conf_dir = "/etc/cni/net.d"'];

function formatTwo(sandboxImage: string | undefined): readonly string[] {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return [
    `[${cri}]`,
    ...(sandboxImage === undefined ? [] : [`  sandbox_image = "${sandboxImage}"`]),
    `[${cri}.cni]`,
    ...network,
    `[${cri}.containerd.runtimes.runc]`,
    '  runtime_type = "io.containerd.runc.v2"',
    `[${cri}.containerd.runtimes.runc.options]`,
    '  SystemdCgroup = true',
  ];
}

function formatThree(sandboxImage: string | undefined): readonly string[] {
  const runtime = "plugins.'io.containerd.cri.v1.runtime'";
  return [
    ...(sandboxImage === undefined
      ? []
      : ["[plugins.'io.containerd.cri.v1.images'.pinned_images]", `  sandbox = "${sandboxImage}"`]),
    `[${runtime}.cni]`,
    ...network,
    `[${runtime}.containerd.runtimes.runc]`,
    '  runtime_type = "io.containerd.runc.v2"',
    `[${runtime}.containerd.runtimes.runc.options]`,
    '  SystemdCgroup = true',
  ];
}

export type WrittenBy = 'nobody' | 'ours' | 'theirs';

/** Whose a file is that cpaas may have written. */
export const writtenBy = (text: string): WrittenBy =>
  text === '' ? 'nobody' : text.startsWith(WRITTEN) ? 'ours' : 'theirs';

/** Whether containerd serves a kubelet as it is: CRI on, control groups by systemd. `dump` is what `containerd config dump` printed. */
export function servesKubelet(dump: string): boolean {
  const disabled = /^disabled_plugins\s*=\s*\[([^\]]*)\]/m.exec(dump)?.[1] ?? '';
  return /^\s*SystemdCgroup\s*=\s*true\s*$/m.test(dump) && !/["'](io\.containerd\.grpc\.v1\.)?cri["']/.test(disabled);
}
