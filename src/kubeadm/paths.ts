/** Where kubeadm and the kubelet keep what they are, on every host. */
export const ADMIN_CONF = '/etc/kubernetes/admin.conf';
export const KUBELET_CONF = '/etc/kubernetes/kubelet.conf';
export const BOOTSTRAP_CONF = '/etc/kubernetes/bootstrap-kubelet.conf';
export const PKI = '/etc/kubernetes/pki';
export const CA_CERTIFICATE = `${PKI}/ca.crt`;
export const CA_KEY = `${PKI}/ca.key`;
export const CONTROLLER_MANAGER_CONF = '/etc/kubernetes/controller-manager.conf';
export const SCHEDULER_CONF = '/etc/kubernetes/scheduler.conf';
export const ETCD_MANIFEST = '/etc/kubernetes/manifests/etcd.yaml';
export const API_SERVER_MANIFEST = '/etc/kubernetes/manifests/kube-apiserver.yaml';
export const KUBELET_CONFIG = '/var/lib/kubelet/config.yaml';
export const KUBELET_FLAGS = '/var/lib/kubelet/kubeadm-flags.env';
export const KUBELET_CERTIFICATE = '/var/lib/kubelet/pki/kubelet-client-current.pem';
export const ETCD_DATA = '/var/lib/etcd/member';
/** Whose cluster a host is in, where cpaas has put it there: the first thing that is written, the last that goes. */
export const OWNER = '/etc/kubernetes/cpaas-cluster';
/** Held while kubeadm works on a host: one that a lost connection has left behind is waited for. */
export const LOCK = '/run/cpaas-kubeadm.lock';

/** Units of cpaas's own, beside those of packages, which are in /usr/lib. */
const UNITS = '/etc/systemd/system';
export const KUBELET_UNIT = `${UNITS}/kubelet.service`;
export const CONTAINERD_UNIT = `${UNITS}/containerd.service`;

/** Where containerd answers: as a file, and as kubeadm calls it. */
export const CONTAINERD_PATH = '/run/containerd/containerd.sock';
export const CONTAINERD_SOCKET = `unix://${CONTAINERD_PATH}`;
