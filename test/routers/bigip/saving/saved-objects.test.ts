import { describe, expect, test } from 'vitest';
import { objectsIn } from '../../../../src/routers/bigip/saving/saved-objects.ts';

const LISTED = `net route-domain 0 {
    id 0
    routing-protocol {
        BGP
    }
    vlans {
        http-tunnel
        internal
    }
}
net self internal {
    address 10.10.2.20/24
    allow-service {
        tcp:bgp
        tcp:ssh
    }
    traffic-group traffic-group-local-only
    vlan internal
}
`;
const SAVED = `net route-domain /Common/0 {
    id 0
    routing-protocol { BGP }
    vlans {
        /Common/internal
        /Common/http-tunnel
    }
}
net self /Common/internal {
    address 10.10.2.20/24
    allow-service {
        tcp:ssh
        tcp:bgp
    }
    floating disabled
    traffic-group /Common/traffic-group-local-only
    vlan /Common/internal
}
`;

describe('What tmsh lists and what it has saved', () => {
  test('is compared object by object, whatever the order and the folder', () => {
    expect(objectsIn(SAVED)).toEqual(objectsIn(LISTED));
    expect([...objectsIn(LISTED).keys()]).toEqual(['net route-domain 0', 'net self internal']);
  });

  test('is the same on one line', () => {
    const line =
      'net self internal { address 10.10.2.20/24 allow-service { tcp:bgp tcp:ssh } traffic-group traffic-group-local-only vlan internal }\nnet route x { }\n';
    expect(objectsIn(line).get('net self internal')).toBe(objectsIn(LISTED).get('net self internal'));
    expect(objectsIn(line).get('net route x')).toBe('');
  });

  test('differs by a word', () => {
    const other = objectsIn(LISTED.replace('tcp:ssh', 'tcp:https'));
    expect(other.get('net self internal')).not.toBe(objectsIn(LISTED).get('net self internal'));
  });

  test('with other objects between is read all the same', () => {
    const mixed = `net vlan /Common/internal {\n    tag 7\n}\n${SAVED}ltm rule /Common/x {\nwhen HTTP_REQUEST { if { 1 } { log "}" } }\n}\n`;
    expect(objectsIn(mixed)).toEqual(objectsIn(SAVED));
  });
});
