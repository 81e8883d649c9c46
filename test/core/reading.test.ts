import { describe, expect, test } from 'vitest';
import { reading, TCP_PROBE } from '../../src/core/reading.ts';

const words = (line: string): readonly string[] => line.split(' ');

describe('commands that change something are not taken for questions', () => {
  test.each([
    'ip route del 10.53.0.0/26',
    'ip route replace 10.53.0.0/26 via 172.19.0.2',
    'ip route flush proto 201',
    'ip -batch -',
    'ip -b -',
    'ip -force -batch file',
    'ip -n lab route show',
    'ip netns exec lab ip route',
    'ip link set br0 down',
    'sysctl -w net.ipv4.ip_forward=1',
    'sysctl -n -w net.ipv4.ip_forward=1',
    'sysctl -n net.ipv4.ip_forward=1',
    'sysctl -p',
    'sysctl --system -n',
    'iptables -L',
    'iptables-save -f /etc/rules',
    'iptables-save --file=/etc/rules',
    'iptables-legacy-save -f /etc/rules',
    'iptables-save -M /tmp/modprobe',
    'iptables-restore --noflush',
    'kubectl delete pod a',
    'kubectl apply -f -',
    'kubectl --kubeconfig get delete pod a',
    'kubectl -n get delete pod a',
    'kubectl get pods --watch',
    'kubectl config set-context a',
    'kubectl exec a -- sh -c reboot',
    'kubectl exec a -- birdcl configure',
    'kubectl exec a -- birdcl disable all',
    'kubectl exec a birdcl show protocols',
    'kubectl patch node a -p {}',
    'kubectl create --validate=false -f -',
    'kubectl cluster-info dump --output-directory=/tmp',
    'calicoctl apply -f -',
    'calicoctl --config get delete bgppeer a',
    'calicoctl patch bgppeer a --patch={}',
    'birdcl configure',
    'birdcl -s /run/bird.ctl disable all',
    'docker rm -f a',
    'docker network create a',
    'tmsh modify net self a allow-service all',
    'tmsh list net self;save sys config',
    'tmsh save sys config',
    'bash -c reboot',
    'sh -c true',
    'env PATH=/tmp ip route show',
    'env TERM=vt100 ip route flush all',
    'timeout 5 ip route flush all',
    'timeout 5 bash -c reboot a b',
    'tail -f /var/log/syslog',
    'hostname new',
    'hostname -F /etc/hostname',
    'tee /proc/sys/net/ipv4/ip_forward',
    'ss -K dst 10.10.2.20',
    'ping 10.10.2.20',
    'ping -f -c 5 10.10.2.20',
    'dpkg -i a.deb',
    'constructor',
    '',
  ])('%s', (line) => {
    expect(() => reading(words(line))).toThrow('not known as a command that only reads');
  });

  test.each([
    [['kubectl', 'get', 'pods', '|', 'sh']],
    [['kubectl', 'get', 'pods', '-w']],
    [['tmsh', 'list', 'net', '|', 'sh']],
    [['imish', '-e', 'configure terminal']],
    [['imish', '-e', 'show ip bgp', '-e', 'clear ip bgp *']],
    [['imish', '-r', '0', '-e', 'show run; reboot']],
    [['imish', '-f', '/tmp/commands']],
    [['imish']],
    [['timeout', '5', 'bash', '-c', `${TCP_PROBE}; reboot`, 'a', '179']],
  ])('%j', (argv) => {
    expect(() => reading(argv)).toThrow('not known as a command that only reads');
  });
});

describe('questions are let through', () => {
  test.each([
    'ip -N -json route show table main',
    'ip -json route get 10.10.2.20',
    'ip -br addr',
    'ip route',
    'sysctl -n net.ipv4.ip_forward',
    'cat /proc/sys/net/ipv4/ip_forward',
    'iptables-save',
    'iptables-save -t nat',
    'iptables-nft-save',
    'iptables-legacy-save',
    'kubectl --kubeconfig /run/kubeconfig --request-timeout 20s get nodes,pods --all-namespaces -o json',
    'kubectl --kubeconfig /run/kubeconfig --context delete get --raw /apis',
    'kubectl exec --namespace kube-system calico-node-1 -c calico-node -- birdcl show protocols all',
    'calicoctl get bgppeer -o yaml',
    'calicoctl version',
    'birdcl -s /run/bird.ctl show route',
    'docker inspect k3d-cpaas1-agent-0',
    'docker ps',
    'tmsh list net self',
    'env TERM=vt100 tmsh show net route',
    'timeout 5 ip route show',
    'ping -c 1 10.10.2.20',
  ])('%s', (line) => {
    expect(reading(words(line)).argv).toEqual(words(line));
  });

  test('an imish that only shows, and a connection attempt', () => {
    expect(reading(['imish', '-r', '0', '-e', 'show ip bgp summary']).codes).toEqual([]);
    expect(reading(['timeout', '3', 'bash', '-c', TCP_PROBE, '10.10.2.20', '179'], { codes: [1, 124] }).codes).toEqual([
      1, 124,
    ]);
  });
});
